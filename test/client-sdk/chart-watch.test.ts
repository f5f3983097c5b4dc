import t, { type Test } from 'tap';
import { createChartWatch } from '../../client-sdk/chart-watch.js';
import { createTestClock } from './test-clock.js';

/** `answers` are the hashes that the server tells one after another; the last one for ever. */
function begin(t: Test, answers: readonly (string | undefined)[], random = () => 0.5) {
  const clock = createTestClock(random);
  let reads = 0;
  let changes = 0;
  const readHash = async () => answers[Math.min(reads++, answers.length - 1)];
  const watch = createChartWatch(clock, readHash, () => changes++);
  watch.use('old');
  t.teardown(() => watch.stop());
  return {
    watch,
    clock,
    async advance(ms: number) {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
    seen: () => ({ reads, changes }),
  };
}

t.test('[SEQ-6] doubts of one moment are one read, 1 to 5 s later, and another chart is told', async (t) => {
  for (const [random, ms] of [
    [0, 1_000],
    [0.5, 3_000],
    [0.999, 4_996],
  ] as const) {
    const { watch, advance, seen } = begin(t, ['new'], () => random);
    watch.doubt();
    watch.doubt();
    await advance(ms - 1);
    t.same(seen(), { reads: 0, changes: 0 });
    await advance(1);
    t.same(seen(), { reads: 1, changes: 1 });
    await advance(60_000);
    t.same(seen(), { reads: 1, changes: 1 }, 'once');
  }
});

t.test('the same chart is nobody’s news, and each later doubt is looked into', async (t) => {
  const { watch, advance, seen } = begin(t, ['old', 'new']);
  watch.doubt();
  await advance(3_000);
  t.same(seen(), { reads: 1, changes: 0 });
  watch.doubt();
  await advance(3_000);
  t.same(seen(), { reads: 2, changes: 1 });
});

t.test('without an answer it asks again, later and later', async (t) => {
  const { watch, advance, seen } = begin(t, [undefined, undefined, 'new']);
  watch.doubt();
  await advance(3_000);
  await advance(3_499);
  t.same(seen(), { reads: 1, changes: 0 });
  await advance(1);
  t.same(seen(), { reads: 2, changes: 0 });
  await advance(3_500);
  t.same(seen(), { reads: 3, changes: 1 });
});

t.test('a doubt that comes while the event is read is looked into afterwards', async (t) => {
  const { watch, clock, advance, seen } = begin(t, ['old', 'new']);
  watch.doubt();
  clock.advance(3_000);
  watch.doubt();
  await advance(0);
  t.same(seen(), { reads: 1, changes: 0 });
  await advance(3_000);
  t.same(seen(), { reads: 2, changes: 1 });
});

t.test('nothing is told, and nothing waits, after stop', async (t) => {
  const { watch, clock, advance, seen } = begin(t, ['new']);
  watch.doubt();
  clock.advance(3_000);
  watch.stop();
  await advance(0);
  watch.doubt();
  t.equal(clock.waiting, 0);
  t.same(seen(), { reads: 1, changes: 0 });
});
