import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { diceOf } from '../../server/core/dice.js';
import { openArena } from './arena.js';
import { busLinks, holdBackCommands, killWithLostTail, losing, onRedis } from './faults.js';
import { seedOfRun } from './seed.js';
import { laySiege, report } from './siege.js';

/**
 * 200 pages on two workers, a third of them behind a link that loses frames, while seats change all the time and
 * one fault follows the other. No page may show, without saying so, what has not been true for more than five seconds.
 */
const clients = 200;
const seed = seedOfRun();
const dice = diceOf(seed);

t.comment(`CAVEA_TEST_SEED=${seed}`);
const arena = await openArena(dice);
t.teardown(arena.stop);
arena.proxy.weather({ jitterMs: 2, sliceBytes: 700 });
const siege = await laySiege(arena, dice, {
  clients,
  tamper: (client) => (client % 3 === 0 ? losing(4, dice) : (frame) => frame),
});
t.teardown(siege.stop);

const faults: readonly (readonly [name: string, strike: () => Promise<void>])[] = [
  ['frames lost at every third page', () => systemClock.sleep(3_000)],
  [
    'a subscription that swallows everything',
    async () => {
      busLinks(arena)[0]?.swallow('up', 'down');
      await systemClock.sleep(6_000);
    },
  ],
  ['a subscription that is cut', async () => busLinks(arena).at(-1)?.cut()],
  ['commands that wait for seven seconds', () => holdBackCommands(arena, 7_000)],
  ['all of Redis gone', () => onRedis(arena, async (redis) => void (await redis.flushall()))],
  [
    'Redis killed, its last 3 KB lost, positions used again',
    async () => {
      // Else the first state of the new epoch could pass before anybody has told the judge of it.
      await siege.writers.pause();
      await killWithLostTail(arena, 3_000);
    },
  ],
  ['a worker killed', () => arena.server.killWorker(1)],
];

t.test('[HB-2] [SEQ-3] [SEQ-4] nothing stale is shown as live', async (t) => {
  for (const [name, strike] of faults) {
    const { done } = siege.writers;
    await systemClock.sleep(1_000);
    await strike();
    const recoveryMs = await siege.recovered();
    report(t, name, { 'all right again after ms': recoveryMs, changes: siege.writers.done - done });
  }
  await siege.writers.pause();
  await siege.recovered();
  await siege.stop();
  const { judge, truth } = siege;
  report(t, 'seen', {
    samples: judge.samples,
    'live %': (100 * judge.live) / judge.samples,
    'longest lag ms': judge.longestLagMs,
    excused: judge.excused,
    states: truth.states,
    changes: siege.writers.done,
    outages: siege.writers.failed,
  });
  t.ok(judge.samples > 10_000, 'pages were looked at');
  t.ok(judge.live > judge.samples / 2, 'and were live most of the time');
  t.ok(truth.states > 200, 'while seats changed');
  t.ok(judge.excused < judge.samples / 100, 'hardly anything is excused');
  t.same(judge.faults.slice(0, 5), [], `seed ${seed}`);
});
