import { eachChange } from '../../protocol/diff.js';
import type { Down } from '../../protocol/down.js';
import { Status } from '../../protocol/status.js';
import { systemClock } from '../../server/core/clock.js';
import { answer } from '../lib/child.js';
import { createLatencies } from '../lib/latency.js';
import { type Buyer, openBuyer } from '../socket/buyer.js';

/** Buyers who hold seats, one a hold, at an even pace, and let them lapse; some of them watch the map. */
export interface Lapses {
  /** From a hold's end to a viewer's map showing the seat free. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Seats that a viewer saw free before their hold's end. */
  readonly early: number;
  /** Seats that a viewer had not seen free when `graceMs` had gone by. */
  readonly unseen: number;
  readonly refused: number;
  /** The time in which all holds ended. */
  readonly spanMs: number;
}

const TICK_MS = 5;
const GRACE_MS = 10_000;

const buyers: Buyer[] = [];
/** Per viewer: when the map began to show each seat as free. */
const seenFreeAt: Map<number, number>[] = [];

const calls = {
  async connect(to: { port: number; tokens: readonly string[]; viewers: number }): Promise<void> {
    for (const [i, token] of to.tokens.entries()) {
      const seen = new Map<number, number>();
      const buyer = await openBuyer(to.port, token, (frame) => see(frame, seen));
      if (i < to.viewers) {
        await buyer.watch();
        seenFreeAt.push(seen);
      }
      buyers.push(buyer);
    }
  },

  /** Holds the seats 0 to `seats` − 1 within a second. */
  async run(seats: number): Promise<Lapses> {
    for (const seen of seenFreeAt) seen.clear();
    const ends = new Map<number, number>();
    let refused = 0;
    const hold = async (buyer: Buyer, seat: number) => {
      const outcome = await buyer.hold([seat]);
      if (outcome.ok && outcome.hold) ends.set(seat, outcome.hold.expiresAt);
      else refused++;
    };
    const startedAt = systemClock.monotonic();
    const due = (seat: number) => startedAt + (seat / seats) * 1_000;
    const buy = async (buyer: Buyer, number: number) => {
      for (let seat = number; seat < seats; seat += buyers.length) {
        while (systemClock.monotonic() < due(seat)) await systemClock.sleep(TICK_MS);
        await hold(buyer, seat);
      }
    };
    await Promise.all(buyers.map(buy));
    const last = Math.max(...ends.values());
    const until = last + GRACE_MS;
    while (systemClock.now() < until && seenFreeAt.some((seen) => seen.size < ends.size)) await systemClock.sleep(50);
    return { ...judge(ends), refused, spanMs: last - Math.min(...ends.values()) };
  },
};
export type LapseCalls = typeof calls;
answer(calls);

function see(frame: Down, seen: Map<number, number>): void {
  if (frame.type !== 'diff') return;
  const now = systemClock.now();
  eachChange(frame.changes, (seat, status) => {
    if (status === Status.available && !seen.has(seat)) seen.set(seat, now);
  });
}

function judge(ends: ReadonlyMap<number, number>): Pick<Lapses, 'p50Ms' | 'p99Ms' | 'maxMs' | 'early' | 'unseen'> {
  const lags = createLatencies();
  let early = 0;
  let unseen = 0;
  for (const seen of seenFreeAt) {
    for (const [seat, end] of ends) {
      const at = seen.get(seat);
      if (at === undefined) unseen++;
      else if (at < end) early++;
      else lags.add(at - end);
    }
  }
  return { p50Ms: lags.percentile(0.5), p99Ms: lags.percentile(0.99), maxMs: lags.percentile(1), early, unseen };
}
