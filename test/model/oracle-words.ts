import type { OperationOutcome, SeatOperation } from '../../server/seatmap/operations.js';

/** Answers in words, so that what was answered and what is right can be compared and shown. */

export interface OracleHold {
  readonly id: string;
  readonly holder: string;
  readonly seats: readonly number[];
  /** The booking that pays for it; undefined in phase `held`. */
  readonly booking: string | undefined;
  readonly expiresAt: number;
  readonly capAt: number;
  readonly priceVersion: number;
}

/** An answer or a state that the contract does not allow. */
export class Wrong extends Error {}

export function expectAnswer(operation: SeatOperation, found: string, right: readonly string[]): void {
  if (right.includes(found)) return;
  throw new Wrong(`${JSON.stringify(operation)}\n  answered ${found}\n  instead of ${right.join('\n  or ')}`);
}

export function describe(outcome: OperationOutcome): string {
  if (!outcome.ok) return refusal(outcome.reason, outcome.seats ?? []);
  if (!outcome.hold) return 'done';
  const { phase, bookingId, ...hold } = outcome.hold;
  if ((phase === 'paying') !== (bookingId !== undefined)) throw new Wrong(`phase ${phase} with booking ${bookingId}`);
  return describeHold({ ...hold, booking: bookingId });
}

export function describeHold(hold: OracleHold | undefined): string {
  if (!hold) return 'done';
  const { id, holder, seats, booking, expiresAt, capAt, priceVersion } = hold;
  const phase = booking === undefined ? 'held' : `paying ${booking}`;
  return `${phase} ${id} of ${holder}: ${inOrder(seats)}; until ${expiresAt}, cap ${capAt}, prices ${priceVersion}`;
}

export function refusal(reason: string, seats: readonly number[]): string {
  return seats.length > 0 ? `${reason} ${inOrder(seats)}` : reason;
}

function inOrder(seats: readonly number[]): string {
  return [...seats].sort((a, b) => a - b).join(',');
}
