import t from 'tap';
import { backoffMs } from '../../client-sdk/backoff.js';
import { createTestClock } from './test-clock.js';

t.test('the window doubles to five seconds, and to twenty when the outage lasts', async (t) => {
  const clock = createTestClock(() => 0.999_999);
  const windows = (failingMs: number) =>
    [0, 1, 2, 3, 4, 6, 20].map((failures) => Math.round(backoffMs(clock, failures, failingMs)));
  t.same(windows(14_999), [500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000], 'however often it has been refused');
  t.same(windows(15_000), [500, 1_000, 2_000, 4_000, 8_000, 20_000, 20_000]);
});

t.test('100,000 clients of a dead worker come back evenly', async (t) => {
  let draw = 0;
  // A low-discrepancy sequence: every client its own throw.
  const clock = createTestClock(() => (draw++ * 0.618_033_988_749_895) % 1);
  const perTenth = new Array<number>(10).fill(0);
  for (let client = 0; client < 100_000; client++) {
    const tenth = Math.floor(backoffMs(clock, 3, 0) / 400);
    perTenth[tenth] = (perTenth[tenth] ?? 0) + 1;
  }
  for (const count of perTenth) t.ok(Math.abs(count - 10_000) < 200, `${count} in a tenth of the window`);
});
