import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../server/core/clock.js';
import { diceOf } from '../../server/core/dice.js';
import { type Arena, openArena } from '../chaos/arena.js';
import type { CrowdTask, CrowdTold } from '../chaos/crowd-process.js';
import { busLinks, holdBackCommands, killWithLostTail, onRedis } from '../chaos/faults.js';
import { seedOfRun } from '../chaos/seed.js';
import { startWriters, type Writers } from '../chaos/writers.js';

/**
 * `npm run test:long -- stale [CLIENTS] [MINUTES]`: 2,000 pages in four processes on two workers, a tenth of them behind
 * links that lose frames, one fault after another drawn at random. Ends with 1 when a page has shown, without saying so,
 * what had not been true for more than five seconds.
 */
const [clients = 2_000, minutes = 10] = process.argv.slice(2).map(Number);
const PROCESSES = 4;
const program = fileURLToPath(new URL('../chaos/crowd-process.js', import.meta.url));
const seed = seedOfRun();
const dice = diceOf(seed);
const say = (text: string) => process.stdout.write(`${text}\n`);

type End = Extract<CrowdTold, { kind: 'end' }>;

function nextTold<Kind extends CrowdTold['kind']>(child: ChildProcess, kind: Kind) {
  return new Promise<Extract<CrowdTold, { kind: Kind }>>((resolve, reject) => {
    const hear = (told: unknown) => {
      const known = told as CrowdTold;
      if (known.kind !== kind) return;
      child.off('message', hear);
      resolve(known as Extract<CrowdTold, { kind: Kind }>);
    };
    child.on('message', hear);
    child.once('exit', (code) => reject(new Error(`a process of pages ended with ${code}`)));
  });
}

/** Everything is right again when every page is live and shows what Redis has. */
async function recovered(crowds: readonly ChildProcess[], writers: Writers): Promise<number> {
  const began = systemClock.monotonic();
  await writers.pause();
  for (let right = 0; right < clients; ) {
    if (systemClock.monotonic() - began > 60_000) throw new Error(`only ${right} pages are right after a minute`);
    await systemClock.sleep(50);
    const answers = crowds.map((crowd) => nextTold(crowd, 'standing'));
    for (const crowd of crowds) crowd.send('standing');
    right = (await Promise.all(answers)).reduce((sum, answer) => sum + answer.right, 0);
  }
  writers.resume();
  return systemClock.monotonic() - began;
}

function faultsOf(arena: Arena, writers: Writers): readonly (readonly [string, () => Promise<void>])[] {
  const { server } = arena;
  return [
    ['a subscription swallowed', async () => void busLinks(arena)[0]?.swallow('up', 'down')],
    ['a subscription cut', async () => void busLinks(arena).at(-1)?.cut()],
    ['commands held back for 7 s', () => holdBackCommands(arena, 7_000)],
    ['FLUSHALL', () => onRedis(arena, async (redis) => void (await redis.flushall()))],
    [
      'Redis killed with its tail lost',
      async () => {
        await writers.pause();
        await killWithLostTail(arena, 4_000);
      },
    ],
    ['a worker killed', () => server.killWorker(1 + Math.floor(dice() * 2))],
    [
      'a worker stopped for 7 s',
      async () => {
        const number = 1 + Math.floor(dice() * 2);
        server.signalWorker(number, 'SIGSTOP');
        await systemClock.sleep(7_000);
        server.signalWorker(number, 'SIGCONT');
      },
    ],
  ];
}

async function main(): Promise<boolean> {
  say(`CAVEA_TEST_SEED=${seed}: ${clients} pages, ${minutes} minutes`);
  const arena = await openArena(dice);
  const { server, event, shape, chart, tokens } = arena;
  arena.proxy.weather({ jitterMs: 2, sliceBytes: 700 });
  const crowds = Array.from({ length: PROCESSES }, () => fork(program));
  const opened = crowds.map((crowd) => nextTold(crowd, 'open'));
  crowds.forEach((crowd, at) => {
    const task: CrowdTask = {
      ...{ name: `process ${at}, page`, clients: clients / PROCESSES, seed: seed + at, url: server.url },
      ...{ redisUrl: server.redis.url, event, shape, chart: Buffer.from(chart).toString('base64'), tokens },
    };
    crowd.send(task);
  });
  await Promise.all(opened);
  const writing = { url: server.url, event: event.id, seats: shape.seated, tokens: tokens.slice(0, 8) };
  const writers = startWriters({ ...writing, everyMs: 300, dice });
  const faults = faultsOf(arena, writers);
  const end = systemClock.monotonic() + minutes * 60_000;
  while (systemClock.monotonic() < end) {
    const [name, strike] = faults[Math.floor(dice() * faults.length)] ?? ['', async () => {}];
    await systemClock.sleep(2_000);
    await strike();
    say(`${name}: all right again after ${Math.round(await recovered(crowds, writers))} ms`);
  }
  const ends = crowds.map((crowd) => nextTold(crowd, 'end'));
  for (const crowd of crowds) crowd.send('end');
  const told: End[] = await Promise.all(ends);
  await writers.stop();
  await arena.stop();
  const sum = (of: (one: End) => number) => told.reduce((total, one) => total + of(one), 0);
  const found = told.flatMap((one) => one.faults);
  say(
    `${sum(({ samples }) => samples)} looks, ${sum(({ live }) => live)} of them live, ` +
      `${sum(({ excused }) => excused)} at the first states of an epoch, ${told[0]?.states} states, ` +
      `${writers.done} changes by buyers; longest lag ${Math.round(Math.max(...told.map((one) => one.longestLagMs)))} ms; ` +
      `stale and shown as live: ${found.length}`,
  );
  for (const fault of found.slice(0, 10)) say(JSON.stringify(fault));
  return found.length === 0;
}

process.exit((await main()) ? 0 : 1);
