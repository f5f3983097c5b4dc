import { limits } from '../../protocol/limits.js';
import { Status } from '../../protocol/status.js';
import { counter } from '../core/metrics.js';
import { refused } from '../core/result.js';
import type { Applied } from './group-commit.js';
import type { HoldOperation, SwapOperation } from './operations.js';

/**
 * Refuses a hold or swap without asking Redis, from the worker's live copy of the map. Most of a rush is such refusals.
 * Only what Redis would refuse too: it may ask Redis once too often, never refuse what could be had.
 */

/** What the engine reads of a worker's live copy. */
export interface LiveSeats {
  /** Monotonic time at which Redis last confirmed the copy. */
  readonly confirmedAt: number;
  status(index: number): Status;
  /** When the seat's hold lapses by Redis time; undefined when it does not (it is being paid for). */
  expiresAt(index: number): number | undefined;
  /** False when the seat is surely not this holder's own. */
  mayBeHeldBy(index: number, holder: string): boolean;
  /** Redis time, estimated. */
  redisNow(): number;
}

/** The estimate of Redis time may run ahead by less than this; a hold so close to its end is left to Redis. */
const lapseMarginMs = 250;

const fastRefusals = counter('seat_fast_refusals_total', 'Holds refused from the live copy, without a Redis call');

/**
 * @returns `taken` with the seats in the way, when no candidate can be had; undefined when Redis must be asked.
 * A held seat that may be the holder's own is left to Redis: the operation may be a repeat, owed its first answer.
 */
export function refuseFast(
  view: LiveSeats,
  operation: HoldOperation | SwapOperation,
  monotonicNow: number,
): Applied | undefined {
  if (monotonicNow - view.confirmedAt > limits.staleMs) return undefined;
  const now = view.redisNow();
  const inTheWay = new Set<number>();
  for (const seats of operation.candidates) {
    let free = true;
    for (const seat of seats) {
      if (!isTaken(view, seat, operation.holder, now)) continue;
      inTheWay.add(seat);
      free = false;
    }
    if (free) return undefined;
  }
  fastRefusals.inc();
  return { outcome: refused('taken', [...inTheWay]), now: Math.floor(now) };
}

function isTaken(view: LiveSeats, seat: number, holder: string, now: number): boolean {
  const status = view.status(seat);
  if (status === Status.available) return false;
  if (status !== Status.held) return true;
  const expiresAt = view.expiresAt(seat);
  if (expiresAt !== undefined && expiresAt <= now + lapseMarginMs) return false;
  return !view.mayBeHeldBy(seat, holder);
}
