import t from 'tap';
import { Status } from '../../../protocol/status.js';
import { type LiveSeats, refuseFast } from '../../../server/seatmap/fast-refusal.js';

const now = 1_000_000;

/** Seat 0 free, 1 sold, 2 blocked, 3 held by A until now + 60 s, 4 held by A until now + 200 ms, 5 being paid by A. */
const view: LiveSeats = {
  confirmedAt: 10_000,
  status: (index) => [Status.available, Status.sold, Status.blocked][index] ?? Status.held,
  expiresAt: (index) => (index === 5 ? undefined : index === 4 ? now + 200 : now + 60_000),
  mayBeHeldBy: (_index, holder) => holder === 'A',
  redisNow: () => now + 0.25,
};

const ask = (holder: string, candidates: readonly (readonly number[])[], monotonicNow = 14_000) =>
  refuseFast(view, { kind: 'hold', opId: 'op', holder, holdId: 'hld', candidates }, monotonicNow);

t.test('sold, blocked, paying and firmly held seats are refused, naming the seats in the way', async (t) => {
  for (const seat of [1, 2, 3, 5]) {
    t.same(ask('B', [[0, seat]]), { outcome: { ok: false, reason: 'taken', seats: [seat] }, now });
  }
  t.same(
    ask('B', [
      [0, 1],
      [2, 3],
    ])?.outcome,
    { ok: false, reason: 'taken', seats: [1, 2, 3] },
  );
});

t.test('Redis is asked when one candidate may be free', async (t) => {
  t.equal(ask('B', [[0]]), undefined);
  t.equal(ask('B', [[1], [0]]), undefined);
});

t.test('Redis is asked about a hold that ends within 250 ms', async (t) => {
  t.equal(ask('B', [[4]]), undefined);
});

t.test("Redis is asked when the hold may be the holder's own: it may be a repeat", async (t) => {
  t.equal(ask('A', [[3]]), undefined);
  t.equal(ask('A', [[5]]), undefined);
  t.ok(ask('A', [[3, 1]]), 'a seat sold to somebody stands in the way all the same');
});

t.test('a copy that Redis has not confirmed for 5 s refuses nothing', async (t) => {
  t.ok(ask('B', [[1]], 15_000));
  t.equal(ask('B', [[1]], 15_001), undefined);
});
