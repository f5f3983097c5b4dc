import { systemClock } from '../../server/core/clock.js';
import { done, refused } from '../../server/core/result.js';
import type { SeatEngine } from '../../server/seatmap/engine.js';
import type { HoldOperation, HoldRecord, OperationOutcome, SeatOperation } from '../../server/seatmap/operations.js';

/**
 * Another way to hold seats, behind the same gateway. None of them checks a sale window or a buyer's cap, answers a
 * repeated opId, keeps a journal or tells a viewer: what is compared is the hold itself, at its cheapest.
 */
export interface Comparator {
  /** @returns whether the holder has all of the seats now. */
  hold(wish: Wish): Promise<boolean>;
  /** @returns whether there was such a hold of this holder's. */
  release(holdId: string, holder: string): Promise<boolean>;
  stop(): Promise<void>;
}

export interface Wish {
  readonly holdId: string;
  readonly holder: string;
  readonly seats: readonly number[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The comparator as the gateway calls it. */
export function engineOf(comparator: Comparator, holdTtlMs: number): SeatEngine {
  async function hold({ holdId, holder, candidates: [seats = []] }: HoldOperation): Promise<OperationOutcome> {
    const expiresAt = systemClock.now() + holdTtlMs;
    if (!(await comparator.hold({ holdId, holder, seats, expiresAt }))) return refused('taken', seats);
    const record: HoldRecord = {
      id: holdId,
      holder,
      seats,
      phase: 'held',
      expiresAt,
      capAt: expiresAt,
      priceVersion: 1,
      bookingId: undefined,
    };
    return done({ hold: record });
  }

  async function outcomeOf(operation: SeatOperation): Promise<OperationOutcome> {
    if (operation.kind === 'hold') return hold(operation);
    if (operation.kind !== 'release' || !('holder' in operation.by)) throw new Error(`cannot ${operation.kind}`);
    const released = await comparator.release(operation.holdId, operation.by.holder);
    return released ? done({ hold: undefined }) : refused('gone');
  }

  return {
    apply: async (_event, operation) => ({ outcome: await outcomeOf(operation), now: systemClock.now() }),
    hold: async () => undefined,
    holdsOf: async () => [],
    refreshRules: async () => {},
    snapshot: () => Promise.reject(new Error('a comparator has no map to show')),
    stop: () => comparator.stop(),
  };
}
