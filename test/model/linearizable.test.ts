import t from 'tap';
import { checkLinearizable, type Recorded } from './linearizable.js';
import { judgeSeats, type SeatCall } from './seat-register.js';

/** The judge judged: histories of which it is known by hand whether they can have happened. */

type Line = Partial<SeatCall> & Pick<SeatCall, 'what'> & { readonly from: number; readonly to?: number };

/** `from` and `to`: when it was called and answered. Seat 1, done, at that Redis time, unless it says otherwise. */
function history(...lines: readonly Line[]): Recorded<SeatCall>[] {
  return lines.map(({ from, to, ...call }) => ({
    calledAt: from,
    returnedAt: to,
    operation: {
      seats: [1],
      answer: to === undefined ? undefined : 'done',
      now: to === undefined ? undefined : 1_000,
      ...(call.what === 'hold' || call.what === 'extend' ? { expiresAt: to === undefined ? undefined : 9_000 } : {}),
      ttlMs: 100,
      ...call,
    } as SeatCall,
  }));
}

const good: Record<string, Recorded<SeatCall>[]> = {
  'one after the other': history(
    { what: 'hold', hold: 'a', from: 1, to: 2 },
    { what: 'release', hold: 'a', from: 3, to: 4 },
    { what: 'hold', hold: 'b', from: 5, to: 6 },
  ),
  'a refusal while somebody else has it': history(
    { what: 'hold', hold: 'a', from: 1, to: 2 },
    { what: 'hold', hold: 'b', from: 3, to: 4, answer: 'taken', inTheWay: [1] },
  ),
  'a refusal that overtakes the answer of the hold in its way': history(
    { what: 'hold', hold: 'b', from: 1, to: 3, answer: 'taken', inTheWay: [1] },
    { what: 'hold', hold: 'a', from: 2, to: 4 },
  ),
  'a release and a hold at once, the hold answered first': history(
    { what: 'hold', hold: 'a', from: 1, to: 2 },
    { what: 'release', hold: 'a', from: 3, to: 6 },
    { what: 'hold', hold: 'b', from: 4, to: 5 },
  ),
  'free again at the millisecond of the lapse': history(
    { what: 'hold', hold: 'a', from: 1, to: 2, expiresAt: 1_100 },
    { what: 'hold', hold: 'b', from: 3, to: 4, now: 1_100 },
  ),
  'an unanswered hold that happened': history(
    { what: 'hold', hold: 'a', from: 1 },
    { what: 'hold', hold: 'b', from: 2, to: 3, answer: 'taken', inTheWay: [1] },
  ),
  'an unanswered hold that did not': history(
    { what: 'hold', hold: 'a', from: 1 },
    { what: 'hold', hold: 'b', from: 2, to: 3 },
  ),
  'an unanswered hold that happened late, and may have lapsed': history(
    { what: 'hold', hold: 'a', from: 1 },
    { what: 'read', from: 2, to: 3, saw: ['available'] },
    { what: 'hold', hold: 'b', from: 4, to: 5, answer: 'taken', inTheWay: [1] },
    { what: 'hold', hold: 'c', from: 6, to: 7, now: 1_100 },
  ),
  'an unanswered hold of two seats that happened to both': history(
    { what: 'hold', hold: 'a', seats: [1, 2], from: 1 },
    { what: 'read', seats: [1, 2], from: 2, to: 3, saw: ['held', 'held'] },
  ),
  'the second alternative, the first being taken': history(
    { what: 'hold', hold: 'a', from: 1, to: 2 },
    { what: 'hold', hold: 'b', candidates: [[1], [2]], seats: [2], from: 3, to: 4 },
  ),
  'claimed, long past its time, sold and given back': history(
    { what: 'hold', hold: 'a', from: 1, to: 2, expiresAt: 1_100 },
    { what: 'claim', hold: 'a', from: 3, to: 4, now: 1_099 },
    { what: 'hold', hold: 'b', from: 5, to: 6, answer: 'taken', inTheWay: [1], now: 5_000 },
    { what: 'sell', hold: 'a', from: 7, to: 8, now: 5_000 },
    { what: 'unsell', from: 9, to: 10, now: 5_001 },
    { what: 'block', from: 11, to: 12, now: 5_002 },
  ),
  'a refusal that seems to come first, and does not by the clock': history(
    { what: 'block', from: 1, to: 2, now: 1_000 },
    { what: 'hold', hold: 'a', from: 3, to: 5, answer: 'taken', inTheWay: [1], now: undefined },
    { what: 'hold', hold: 'b', from: 4, to: 9, answer: 'taken', inTheWay: [1], now: 1_002 },
    { what: 'hold', hold: 'c', from: 6, to: 8, answer: 'taken', inTheWay: [1], now: 1_001 },
  ),
  'a repeat whose first answer came late': history(
    { what: 'hold', hold: 'a', from: 1, to: 2 },
    { what: 'release', hold: 'a', from: 3, to: 8, now: undefined },
    { what: 'hold', hold: 'b', from: 4, to: 5 },
  ),
};

const bad: Record<string, Recorded<SeatCall>[]> = {
  'one seat, two holds': history(
    { what: 'hold', hold: 'a', from: 1, to: 3 },
    { what: 'hold', hold: 'b', from: 2, to: 4 },
  ),
  'a refusal when nobody can have had it': history(
    { what: 'hold', hold: 'a', from: 1, to: 2 },
    { what: 'release', hold: 'a', from: 3, to: 4 },
    { what: 'hold', hold: 'b', from: 5, to: 6, answer: 'taken', inTheWay: [1] },
  ),
  'a read of the past': history({ what: 'sell', from: 1, to: 2 }, { what: 'read', from: 3, to: 4, saw: ['available'] }),
  'two reads that go back, both during the sale': history(
    { what: 'sell', from: 1, to: 10 },
    { what: 'read', from: 2, to: 3, saw: ['sold'] },
    { what: 'read', from: 4, to: 5, saw: ['available'] },
  ),
  'a hold that ends a millisecond early': history(
    { what: 'hold', hold: 'a', from: 1, to: 2, expiresAt: 1_100 },
    { what: 'hold', hold: 'b', from: 3, to: 4, now: 1_099 },
  ),
  'a hold that is extended when it has lapsed': history(
    { what: 'hold', hold: 'a', from: 1, to: 2, expiresAt: 1_100 },
    { what: 'extend', hold: 'a', from: 3, to: 4, now: 1_100 },
  ),
  'a claim that lapses': history(
    { what: 'hold', hold: 'a', from: 1, to: 2, expiresAt: 1_100 },
    { what: 'claim', hold: 'a', from: 3, to: 4 },
    { what: 'read', from: 5, to: 6, saw: ['available'], now: 5_000 },
  ),
  'a release by somebody else': history(
    { what: 'hold', hold: 'a', from: 1, to: 2 },
    { what: 'release', hold: 'b', from: 3, to: 4 },
  ),
  'half a hold': history(
    { what: 'hold', hold: 'a', seats: [1, 2], from: 1 },
    { what: 'read', seats: [1, 2], from: 2, to: 3, saw: ['held', 'available'] },
    { what: 'read', seats: [1, 2], from: 4, to: 5, saw: ['held', 'available'] },
  ),
  'half a hold, seen by two': history(
    { what: 'read', seats: [1, 2], from: 1, to: 2, saw: ['available', 'available'] },
    { what: 'hold', hold: 'a', seats: [1, 2], from: 3 },
    { what: 'hold', hold: 'b', seats: [1], from: 4, to: 5, answer: 'taken', inTheWay: [1] },
    { what: 'hold', hold: 'c', seats: [2], from: 6, to: 7 },
  ),
  'two seats at two moments': history(
    { what: 'sell', seats: [1, 2], from: 1, to: 10 },
    { what: 'read', seats: [1, 2], from: 2, to: 3, saw: ['sold', 'available'] },
  ),
  'some of the seats of an alternative': history({ what: 'hold', candidates: [[1, 2]], seats: [1], from: 1, to: 2 }),
  'a block over a hold': history({ what: 'hold', hold: 'a', from: 1, to: 2 }, { what: 'block', from: 3, to: 4 }),
  'an unanswered hold that lapses before its time': history(
    { what: 'read', from: 1, to: 2, saw: ['available'] },
    { what: 'hold', hold: 'a', from: 3 },
    { what: 'hold', hold: 'b', from: 4, to: 5, answer: 'taken', inTheWay: [1] },
    { what: 'hold', hold: 'c', from: 6, to: 7, now: 1_099 },
  ),
  'time that goes back': history(
    { what: 'hold', hold: 'a', from: 1, to: 2, now: 1_001 },
    { what: 'release', hold: 'a', from: 3, to: 4, now: 1_000 },
  ),
};

for (const [name, lines] of Object.entries(good)) {
  t.test(`can have happened: ${name}`, async (t) => t.equal(judgeSeats(lines), undefined));
}
for (const [name, lines] of Object.entries(bad)) {
  t.test(`cannot have happened: ${name}`, async (t) => t.type(judgeSeats(lines), 'string'));
}

t.test('twenty at once, in whatever order they are found, take a moment', async (t) => {
  const many = Array.from({ length: 20 }, (_, i) => i);
  const step = (n: number, saw: number) => (saw === n ? [n + 1] : []);
  const counter = { initial: 0, step, key: String, name: String, isRead: () => false };
  const all = many.map((i) => ({ operation: 19 - i, calledAt: i, returnedAt: 100 + i }));
  t.same(checkLinearizable(counter, all), { ok: true });
  const wrong = [...all.slice(1), { operation: 18, calledAt: 0.5, returnedAt: 200 }];
  t.equal(checkLinearizable(counter, wrong).ok, false);
});
