import type { OutcomeFrame } from '../../protocol/down.js';
import { systemClock } from '../../server/core/clock.js';
import { newHoldId } from '../../server/seatmap/hold-id.js';
import { answer, cpuSeconds } from '../lib/child.js';
import { createLatencies } from '../lib/latency.js';
import { type Buyer, openBuyer, openEchoed } from './buyer.js';
import { event, SEATS } from './event.js';

/**
 * Buyers who hold seats and release them, again and again, each in seats of their own, so that nobody is in the way.
 * One of them watches the map: where there is a live one, it is kept.
 */
export interface Cycles {
  /** Holds and releases that were done within the time. */
  readonly requests: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly refused: number;
  /** Answers with other seats than were asked for. */
  readonly wrongSeats: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const buyers: Buyer[] = [];
/** The latencies of so many of them are noted. */
const TIMED = 16;
let echoed = false;

const calls = {
  async connect({ port, tokens }: { port: number; tokens: readonly string[] }): Promise<void> {
    for (const token of tokens) buyers.push(await openBuyer(port, token));
    await buyers[0]?.watch();
  },
  async connectToEcho({ port, count }: { port: number; count: number }): Promise<void> {
    echoed = true;
    for (let i = 0; i < count; i++) buyers.push(await openEchoed(port));
  },

  async run({ seconds, seatsEach }: { seconds: number; seatsEach: number }): Promise<Cycles> {
    const latencies = createLatencies();
    const counts = { requests: 0, refused: 0, wrongSeats: 0 };
    const cpuBefore = cpuSeconds();
    const startedAt = systemClock.monotonic();
    const until = startedAt + seconds * 1_000;
    const step = Math.floor(SEATS / buyers.length / seatsEach) - 1;

    async function cycle(buyer: Buyer, number: number, turn: number): Promise<void> {
      const first = number + buyers.length * seatsEach * (turn % step);
      const seats = Array.from({ length: seatsEach }, (_, i) => first + buyers.length * i);
      const askedAt = systemClock.monotonic();
      const held = await buyer.hold(seats);
      if (number < TIMED) latencies.add(systemClock.monotonic() - askedAt);
      count(held);
      if (echoed) return count(await buyer.release(echoedHold));
      if (!held.ok || !held.hold) return;
      if (held.hold.seats.join() !== seats.join()) counts.wrongSeats++;
      count(await buyer.release(held.hold.id));
    }

    function count(outcome: OutcomeFrame): void {
      if (!echoed && !outcome.ok) counts.refused++;
      else if (systemClock.monotonic() < until) counts.requests++;
    }

    async function goOn(buyer: Buyer, number: number): Promise<void> {
      for (let turn = 0; systemClock.monotonic() < until; turn++) await cycle(buyer, number, turn);
    }

    await Promise.all(buyers.map(goOn));
    const [p50Ms, p99Ms] = [latencies.percentile(0.5), latencies.percentile(0.99)];
    return { ...counts, seconds, cpuSeconds: cpuSeconds() - cpuBefore, p50Ms, p99Ms };
  },
};
export type CycleCalls = typeof calls;
answer(calls);

/** As long as a real one. */
const echoedHold = newHoldId(event);
