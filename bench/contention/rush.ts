import { eachChange } from '../../protocol/diff.js';
import type { Down } from '../../protocol/down.js';
import { Status } from '../../protocol/status.js';
import { systemClock } from '../../server/core/clock.js';
import { randomBelow } from '../../server/core/random.js';
import { answer, cpuSeconds } from '../lib/child.js';
import { type Buyer, openBuyer, openEchoed } from '../socket/buyer.js';
import { Judge } from './judge.js';

/**
 * Buyers who all watch the map and want one of the same few seats, again at once when refused. Who gets one keeps it
 * for some seconds and lets it go.
 */
export interface Rush {
  /** Within the time; of an echo, what came back. */
  readonly refusals: number;
  readonly holds: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly heldTwice: number;
  /** Refusals of a seat that the buyer had seen free and nobody had taken since. */
  readonly staleRefusals: number;
  /** Holds of a seat that the buyer had seen free: as many could have been refused so. */
  readonly askedWhenFree: number;
  /** Answers that are neither a hold nor `taken`. */
  readonly otherAnswers: number;
}

/** For how long a seat is kept: at least, and how much longer at most. */
const KEEP_MS = 1_000;
const LONGER_MS = 8_000;
const SEATS = 10;

interface Rusher {
  readonly buyer: Buyer;
  /** When this buyer's map began to show each seat as free; 0 while it does not. */
  readonly seenFreeAt: Float64Array;
}

const rushers: Rusher[] = [];
let holdTtlMs = 0;
let echoed = false;

const calls = {
  async connect(to: { port: number; tokens: readonly string[]; holdTtlMs: number }): Promise<void> {
    ({ holdTtlMs } = to);
    for (const token of to.tokens) {
      const seenFreeAt = new Float64Array(SEATS);
      const buyer = await openBuyer(to.port, token, (frame) => see(frame, seenFreeAt));
      await buyer.watch();
      rushers.push({ buyer, seenFreeAt });
    }
  },
  async connectToEcho({ port, count }: { port: number; count: number }): Promise<void> {
    echoed = true;
    for (let i = 0; i < count; i++) {
      rushers.push({ buyer: await openEchoed(port), seenFreeAt: new Float64Array(SEATS) });
    }
  },

  async run(seconds: number): Promise<Rush> {
    const counts = { refusals: 0, holds: 0, askedWhenFree: 0, otherAnswers: 0 };
    const judge = new Judge(KEEP_MS);
    const cpuBefore = cpuSeconds();
    const until = systemClock.monotonic() + seconds * 1_000;

    async function want({ buyer, seenFreeAt }: Rusher): Promise<void> {
      const seat = randomBelow(SEATS);
      const freeAt = seenFreeAt[seat] ?? 0;
      if (freeAt > 0) counts.askedWhenFree++;
      const outcome = await buyer.hold([seat]);
      if (echoed) counts.refusals++;
      else if (outcome.ok && outcome.hold) {
        counts.holds++;
        judge.held(seat, outcome.hold.expiresAt - holdTtlMs);
        await systemClock.sleep(
          Math.max(KEEP_MS, Math.min(KEEP_MS + randomBelow(LONGER_MS), until - systemClock.monotonic())),
        );
        judge.letGo(seat);
        await buyer.release(outcome.hold.id);
      } else if (!outcome.ok && outcome.reason === 'taken') {
        if (systemClock.monotonic() < until) counts.refusals++;
        if (freeAt > 0) judge.refused(seat, freeAt, systemClock.now());
      } else counts.otherAnswers++;
    }

    const rush = async (rusher: Rusher) => {
      while (systemClock.monotonic() < until) await want(rusher);
    };
    await Promise.all(rushers.map(rush));
    const { heldTwice } = judge;
    return {
      ...counts,
      heldTwice,
      staleRefusals: judge.staleRefusals(),
      seconds,
      cpuSeconds: cpuSeconds() - cpuBefore,
    };
  },
};
export type RushCalls = typeof calls;
answer(calls);

function see(frame: Down, seenFreeAt: Float64Array): void {
  if (frame.type !== 'diff') return;
  const now = systemClock.now();
  eachChange(frame.changes, (seat, status) => {
    seenFreeAt[seat] = status === Status.available ? now : 0;
  });
}
