import { runBestAvailable } from './best-available.js';
import { runCapacity } from './capacity.js';
import { runCheckout } from './checkout.js';
import { runContention } from './contention.js';
import { runExpiry } from './expiry.js';
import { runFanout } from './fanout.js';
import { runHoldSocket } from './hold-socket.js';
import { runHoldStore } from './hold-store.js';
import { type BenchRedis, startBenchRedis } from './lib/redis.js';
import { type Figures, print, type Report, report, type Target } from './lib/report.js';
import { save } from './lib/results.js';
import { runMap } from './map.js';
import { runMemory } from './memory.js';
import { runPages } from './pages.js';
import { runQueue } from './queue.js';
import { runRebuild } from './rebuild.js';
import { runSearch } from './search.js';
import { runSnapshotJoin } from './snapshot-join.js';
import { runView } from './view.js';
import { runViewers } from './viewers.js';

/**
 * `npm run bench -- NAME|all [--json] [--save] [--seconds N]`. --json prints each report as a line of JSON too; with
 * --save it is kept in docs/bench/, and docs/benchmarks.md, its picture and the README's table are made anew.
 * Ends with 1 when an invariant broke or a figure is missing; a missed target is only reported.
 */
interface Bench {
  readonly about: string;
  readonly targets: readonly Target[];
  readonly invariants: Figures;
  run(options: { redis: BenchRedis; seconds: number | undefined }): Promise<Figures>;
}

const benches: Readonly<Record<string, Bench>> = {
  'hold-store': {
    about: 'hold-then-release cycles through the seat store, against a minimal script without its promises',
    targets: [
      { figure: 'ratioToMinimal', op: '>=', value: 1.5 },
      { figure: 'nodeCores', op: '<=', value: 0.35 },
    ],
    invariants: { heldTwice: 0, refused: 0, wrongSeats: 0 },
    run: runHoldStore,
  },
  'hold-socket': {
    about: 'hold-then-release cycles over sockets, against other ways to hold seats behind the same gateway',
    targets: [
      { figure: 'ratioToEcho', op: '>=', value: 0.4 },
      { figure: 'ratioToForUpdate', op: '>=', value: 8 },
      { figure: 'ratioToStatusExpiry', op: '>=', value: 4 },
      { figure: 'ratioToSetNx1', op: '>=', value: 0.9 },
      { figure: 'ratioToSetNx4', op: '>=', value: 1.5 },
    ],
    invariants: { refused: 0, wrongSeats: 0 },
    run: runHoldSocket,
  },
  contention: {
    about: '1,000 buyers on 10 seats, against a bare echo',
    targets: [
      { figure: 'refusalsToEcho', op: '>=', value: 0.8 },
      { figure: 'redisCallsPerRefusal', op: '<=', value: 0.05 },
    ],
    invariants: { heldTwice: 0, staleRefusals: 0, otherAnswers: 0 },
    run: runContention,
  },
  expiry: {
    about: '10,000 holds that lapse within a second, against the sweep of a cron job',
    targets: [{ figure: 'p99Ms', op: '<=', value: 100 }],
    invariants: { early: 0, unseen: 0, refused: 0 },
    run: runExpiry,
  },
  'best-available': {
    about: '500 parties of one to six ask two workers at once for the best seats of a nearly full arena',
    targets: [
      { figure: 'servedShare', op: '=', value: 1 },
      { figure: 'p99Ms', op: '<=', value: 250 },
    ],
    invariants: { heldTwice: 0, apart: 0 },
    run: runBestAvailable,
  },
  view: {
    about: 'the data of one event’s page, from the worker’s memory, against uWebSockets.js that only says hello',
    targets: [
      { figure: 'cpuToHello', op: '<=', value: 2 },
      { figure: 'p99Ms', op: '<=', value: 5 },
      { figure: 'postgresQueries', op: '=', value: 0 },
    ],
    invariants: { refused: 0 },
    run: runView,
  },
  rebuild: {
    about: 'a stadium of 100,000 seats, half of them sold, back into an empty Redis',
    targets: [{ figure: 'seconds', op: '<=', value: 10 }],
    invariants: { wrongMaps: 0, soldTwice: 0 },
    run: runRebuild,
  },
  fanout: {
    about: '1,000 viewers of one event, against bare uWebSockets.js and Socket.IO with its Redis adapter',
    targets: [
      { figure: 'framesToRaw', op: '>=', value: 0.9 },
      { figure: 'cpuToSocketIo', op: '<=', value: 0.2 },
      { figure: 'p99ToSocketIo', op: '<=', value: 0.33 },
    ],
    invariants: { wrongMaps: 0 },
    run: ({ redis, seconds }) => runFanout({ redisUrl: redis.url, ...(seconds === undefined ? {} : { seconds }) }),
  },
  capacity: {
    about: 'what a viewer costs, measured on two sizes, and what that says about a third',
    targets: [
      { figure: 'coresError', op: '<=', value: 0.25 },
      { figure: 'framesError', op: '<=', value: 0.25 },
    ],
    invariants: { wrongMaps: 0 },
    run: ({ redis, seconds }) => runCapacity({ redisUrl: redis.url, ...(seconds === undefined ? {} : { seconds }) }),
  },
  viewers: {
    about: '10,000 viewers on sockets see 40 holds in bursts of ten',
    targets: [
      { figure: 'delivered', op: '=', value: 400_000 },
      { figure: 'p99Ms', op: '<=', value: 150 },
    ],
    invariants: { undelivered: 0, wrongMaps: 0, lostSockets: 0 },
    run: runViewers,
  },
  memory: {
    about: 'what each of 30,000 viewers costs a worker',
    targets: [{ figure: 'bytesPerViewer', op: '<=', value: 4_096 }],
    invariants: { lostSockets: 0, silentCrowds: 0 },
    run: runMemory,
  },
  'snapshot-join': {
    about: 'the map of 100,000 seats, for whoever comes',
    targets: [
      { figure: 'snapshotBytes', op: '<=', value: 26_000 },
      { figure: 'withGeometryBytes', op: '<=', value: 61_440 },
      { figure: 'snapshotsPerSecond', op: '>=', value: 10_000 },
      { figure: 'fullJoinsPerSecond', op: '>=', value: 2_000 },
    ],
    invariants: { wrongDigests: 0, refused: 0, lost: 0 },
    run: runSnapshotJoin,
  },
  checkout: {
    about: 'purchases from the hold to the confirmed booking through sandbox and webhooks, against bare SQL',
    targets: [
      { figure: 'ratioToBareSql', op: '>=', value: 0.5 },
      { figure: 'webhooks', op: '>=', value: 5_000 },
    ],
    invariants: { lost: 0, missingTickets: 0, unexplainedMoney: 0 },
    run: runCheckout,
  },
  queue: {
    about: 'a line of a million people, ten thousand of them on sockets in one moment',
    targets: [
      { figure: 'redisMegabytes', op: '<=', value: 220 },
      { figure: 'joinsPerSecondStore', op: '>=', value: 20_000 },
      { figure: 'joinsPerSecondSocket', op: '>=', value: 5_000 },
      { figure: 'tickGrowth', op: '<=', value: 1.2 },
    ],
    invariants: { wrongPlaces: 0 },
    run: ({ redis }) => runQueue({ redis }),
  },
  map: {
    about: 'the map of 100,000 seats in Chromium without a graphics card, moved while 2,000 seats a second change',
    targets: [
      { figure: 'firstFrameMs', op: '<=', value: 1_000 },
      { figure: 'scriptMsPerFrame', op: '<=', value: 4 },
      { figure: 'framesPerSecond', op: '>=', value: 20 },
      { figure: 'sharpAfterMs', op: '<=', value: 300 },
    ],
    invariants: { complaints: 0 },
    run: runMap,
  },
  pages: {
    about: 'the storefront on a slow phone and a slow network',
    targets: [
      { figure: 'lcpMs', op: '<=', value: 2_000 },
      { figure: 'cls', op: '<=', value: 0.05 },
      { figure: 'inpMs', op: '<=', value: 200 },
      { figure: 'bytesBeforeMap', op: '<=', value: 150_000 },
    ],
    invariants: { complaints: 0 },
    run: runPages,
  },
  search: {
    about: 'a million events, searched by two words, a common one, a beginning and a misspelt one',
    targets: [
      { figure: 'p99Ms', op: '<=', value: 50 },
      { figure: 'ratioToLike', op: '>=', value: 20 },
    ],
    invariants: { notFound: 0, failed: 0 },
    run: () => runSearch({}),
  },
};

async function main(args: readonly string[]): Promise<number> {
  const [name = ''] = args.filter((arg, i) => !arg.startsWith('--') && args[i - 1] !== '--seconds');
  const names = name === 'all' ? Object.keys(benches) : [name];
  const at = args.indexOf('--seconds');
  const seconds = at < 0 ? undefined : Number(args[at + 1]);
  if (seconds !== undefined && !(seconds > 0)) {
    console.error('--seconds wants a number above 0');
    return 2;
  }
  let ok = true;
  for (const each of names) {
    const bench = benches[each];
    if (!bench) {
      console.error(`usage: npm run bench -- NAME|all [--json] [--save] [--seconds N]\n${list()}`);
      return 2;
    }
    const result = await measure(each, bench, seconds);
    if (args.includes('--save') && result.ok) save(result, bench.about);
    if (args.includes('--json')) console.log(JSON.stringify(result));
    ok &&= result.ok;
  }
  return ok ? 0 : 1;
}

async function measure(name: string, bench: Bench, seconds: number | undefined): Promise<Report> {
  const redis = await startBenchRedis();
  try {
    const figures = await bench.run({ redis, seconds });
    const { report: result, broken } = report(name, figures, bench.targets, bench.invariants);
    print(result);
    for (const problem of broken) console.error(`BROKEN: ${problem}`);
    return result;
  } finally {
    await redis.stop();
  }
}

function list(): string {
  return Object.entries(benches)
    .map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`)
    .join('\n');
}

// So that what was started ends with this process, by whatever signal.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
process.exitCode = await main(process.argv.slice(2));
