import type { EchoCalls } from './comparators/json-echo.js';
import { type Child, startChild } from './lib/child.js';
import { type BenchPostgres, startBenchPostgres } from './lib/postgres.js';
import { type BenchRedis, dropJournals } from './lib/redis.js';
import type { Figures } from './lib/report.js';
import { lagOfSweep, lockThroughCheckout } from './socket/beside.js';
import type { CycleCalls, Cycles } from './socket/cycles.js';
import { startWorker } from './socket/start.js';
import type { Side, WorkerCalls } from './socket/worker.js';

/**
 * Hold-then-release cycles over 500 sockets of one worker, one request at a time on each, as buyers do. The socket, its
 * sessions and its frames are the server's own; behind them takes turns what holds the seats: the seat engine, or one
 * of the ways in comparators/. An echo without anything behind it is the floor.
 *
 * ratioTo…: cycles per second, ours to theirs; to SET NX also with four seats a hold.
 * …UsPerRequest: CPU of the serving process.
 * Beside: how many buyers a pool carries whose connections are held through checkout, and for how long the next one
 * waits before being sent away; how long a cron job's sweep leaves seats unavailable after their hold's end.
 * Invariants: nobody is refused by us, and everybody gets the seats that they asked for.
 */
const BUYERS = 500;
const ROUNDS = 3;
const WARM_UP_SECONDS = 1;

const sides = ['cavea', 'echo', 'forUpdate', 'statusExpiry', 'setNx'] as const;
type Name = (typeof sides)[number];

interface Turn extends Cycles {
  readonly serverCpuSeconds: number;
}

interface Contender {
  readonly server: Child<Pick<WorkerCalls, 'cpuSeconds'>>;
  readonly buyers: Child<CycleCalls>;
  /** With one seat a hold, and with four. */
  readonly one: Turn[];
  readonly four: Turn[];
}

export async function runHoldSocket({ redis, seconds = 4 }: { redis: BenchRedis; seconds: number | undefined }) {
  const postgres = await startBenchPostgres();
  try {
    const contenders = {} as Record<Name, Contender>;
    try {
      for (const name of sides) contenders[name] = await enter(name, redis, postgres);
      for (const { buyers } of Object.values(contenders)) {
        await buyers.call('run', { seconds: WARM_UP_SECONDS, seatsEach: 1 });
      }
      for (let round = 0; round < ROUNDS; round++) await takeTurns(contenders, redis, seconds);
    } finally {
      await Promise.all(Object.values(contenders).flatMap(({ server, buyers }) => [server.end(), buyers.end()]));
    }
    const beside = { ...(await lockThroughCheckout(postgres.url)), ...(await lagOfSweep(postgres.url)) };
    return { ...compare(contenders), ...beside };
  } finally {
    await postgres.stop();
  }
}

async function enter(name: Name, redis: BenchRedis, postgres: BenchPostgres): Promise<Contender> {
  const buyers = startChild<CycleCalls>(new URL('./socket/cycles.js', import.meta.url));
  if (name === 'echo') {
    const server = startChild<EchoCalls>(new URL('./comparators/json-echo.js', import.meta.url));
    await buyers.call('connectToEcho', { port: await server.call('listen'), count: BUYERS });
    return { server: server as Child<Pick<WorkerCalls, 'cpuSeconds'>>, buyers, one: [], four: [] };
  }
  const { worker, port } = await startWorker({
    side: name,
    url: urlOf(name, redis, postgres),
    holdTtlMs: 600_000,
    unboundedRate: true,
  });
  await buyers.call('connect', { port, tokens: await worker.call('tokens', BUYERS) });
  return { server: worker as Child<Pick<WorkerCalls, 'cpuSeconds'>>, buyers, one: [], four: [] };
}

function urlOf(side: Side, redis: BenchRedis, postgres: BenchPostgres): string {
  return side === 'cavea' || side === 'setNx' ? redis.url : postgres.url;
}

async function takeTurns(contenders: Record<Name, Contender>, redis: BenchRedis, seconds: number): Promise<void> {
  for (const name of sides) {
    const contender = contenders[name];
    contender.one.push(await takeTurn(contender, seconds, 1));
    await dropJournals(redis);
    if (name !== 'cavea' && name !== 'setNx') continue;
    contender.four.push(await takeTurn(contender, seconds, 4));
    await dropJournals(redis);
  }
}

async function takeTurn({ server, buyers }: Contender, seconds: number, seatsEach: number): Promise<Turn> {
  const before = await server.call('cpuSeconds');
  const cycles = await buyers.call('run', { seconds, seatsEach });
  return { ...cycles, serverCpuSeconds: (await server.call('cpuSeconds')) - before };
}

function compare(contenders: Record<Name, Contender>): Figures {
  const { cavea, echo, forUpdate, statusExpiry, setNx } = contenders;
  const all = Object.values(contenders).flatMap(({ one, four }) => [...one, ...four]);
  return {
    ratioToEcho: rate(cavea.one) / rate(echo.one),
    ratioToForUpdate: rate(cavea.one) / rate(forUpdate.one),
    ratioToStatusExpiry: rate(cavea.one) / rate(statusExpiry.one),
    ratioToSetNx1: rate(cavea.one) / rate(setNx.one),
    ratioToSetNx4: rate(cavea.four) / rate(setNx.four),
    holdsPerSecond: rate(cavea.one),
    echoPairsPerSecond: rate(echo.one),
    forUpdateHoldsPerSecond: rate(forUpdate.one),
    statusExpiryHoldsPerSecond: rate(statusExpiry.one),
    setNxHoldsPerSecond: rate(setNx.one),
    holdsOf4PerSecond: rate(cavea.four),
    setNxHoldsOf4PerSecond: rate(setNx.four),
    usPerRequest: usPerRequest(cavea.one, 'serverCpuSeconds'),
    setNxUsPerRequest: usPerRequest(setNx.one, 'serverCpuSeconds'),
    echoUsPerRequest: usPerRequest(echo.one, 'serverCpuSeconds'),
    generatorUsPerRequest: usPerRequest(cavea.one, 'cpuSeconds'),
    p50Ms: cavea.one.at(-1)?.p50Ms ?? Number.NaN,
    p99Ms: cavea.one.at(-1)?.p99Ms ?? Number.NaN,
    forUpdateP99Ms: forUpdate.one.at(-1)?.p99Ms ?? Number.NaN,
    refused: sum([...cavea.one, ...cavea.four], 'refused'),
    refusedByOthers: sum(all, 'refused') - sum([...cavea.one, ...cavea.four], 'refused'),
    wrongSeats: sum(all, 'wrongSeats'),
  };
}

function sum(turns: readonly Turn[], of: keyof Turn): number {
  return turns.reduce((total, turn) => total + turn[of], 0);
}

function rate(turns: readonly Turn[]): number {
  return sum(turns, 'requests') / 2 / sum(turns, 'seconds');
}

function usPerRequest(turns: readonly Turn[], of: 'cpuSeconds' | 'serverCpuSeconds'): number {
  return (sum(turns, of) * 1e6) / sum(turns, 'requests');
}
