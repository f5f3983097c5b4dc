import type { RefusalReason } from '../../protocol/errors.js';
import { unreachable } from '../core/assert.js';
import { packStream } from '../core/codec.js';
import { done, refused } from '../core/result.js';
import type {
  EventRules,
  HoldOperation,
  HoldRecord,
  OperationOutcome,
  ReleaseBy,
  SeatOperation,
} from './operations.js';

/**
 * Operations, holds, rules and outcomes as the scripts have them: arrays in the order that
 * `redis/scripts/transitions/*.lua` and `redis/scripts/includes/{holds,event,outcome}.lua` state.
 */

/** Stands for "nobody in particular" where a script wants an actor. */
const CLOCK = 'clock';

/** One flat list, each operation as wide as the widest: the scripts read that three times as fast as lists of lists. */
export function packOperations(operations: readonly SeatOperation[]): Buffer {
  const values: unknown[] = [];
  for (const operation of operations) {
    const fields = operationFields(operation);
    for (let i = 0; i < WIDTH; i++) values.push(fields[i] ?? '');
  }
  return packStream(values);
}

/** kind, opId, actor, hold id, and what the transition takes besides. */
const WIDTH = 6;

function operationFields(operation: SeatOperation): unknown[] {
  const { kind, opId } = operation;
  switch (kind) {
    case 'hold':
      return holdOperationFields(operation);
    case 'swap':
      return [kind, opId, operation.holder, operation.holdId, operation.leaving, operation.candidates];
    case 'extend':
      return [kind, opId, operation.holder, operation.holdId];
    case 'release':
      return [kind, opId, ...releaseFields(operation.by, operation.holdId, operation.seats)];
    case 'claim':
      return [kind, opId, operation.holder, operation.holdId, operation.bookingId];
    case 'sell':
      return [kind, opId, operation.bookingId, operation.holdId ?? '', operation.seats];
    case 'unsell':
      return [kind, opId, operation.bookingId, '', operation.seats];
    case 'block':
    case 'unblock':
      return [kind, opId, operation.staff, '', operation.seats];
    case 'expire':
      return [kind, opId, CLOCK];
    case 'configure':
      return [kind, opId, CLOCK, '', rulesFields(operation.rules)];
    default:
      return unreachable(kind);
  }
}

function holdOperationFields({ opId, holder, holdId, joins, candidates }: HoldOperation): unknown[] {
  const [first, ...others] = candidates;
  const kind = joins === undefined ? 'hold' : 'join';
  return [kind, opId, holder, joins ?? holdId, first ?? [], others.length > 0 && others];
}

function releaseFields(by: ReleaseBy, holdId: string, seats: readonly number[] | undefined): unknown[] {
  if ('holder' in by) return [by.holder, holdId, 'holder', seats ?? false];
  if ('bookingId' in by) return [by.bookingId, holdId, 'booking', false];
  return [by.staff, holdId, 'staff', false];
}

export function rulesFields(rules: EventRules): unknown[] {
  const { opensAt, closesAt, paused, roomOn, maxSeatsPerHolder, holdTtlMs, holdCapMs, payWindowMs } = rules;
  const { priceVersion, holdBudgetMs } = rules;
  return [
    ...[opensAt, closesAt, paused, roomOn, maxSeatsPerHolder, holdTtlMs, holdCapMs, payWindowMs],
    ...[priceVersion, holdBudgetMs],
  ];
}

type RulesFields = [number, number, boolean, boolean, number, number, number, number, number, number | undefined];

export function readRules(fields: unknown): EventRules {
  const [opensAt, closesAt, paused, roomOn, maxSeatsPerHolder, holdTtlMs, holdCapMs, payWindowMs, ...more] =
    fields as RulesFields;
  const [priceVersion, holdBudgetMs = Number.MAX_SAFE_INTEGER] = more;
  return {
    ...{ opensAt, closesAt, paused, roomOn, maxSeatsPerHolder, holdTtlMs, holdCapMs, payWindowMs },
    ...{ priceVersion, holdBudgetMs },
  };
}

export function holdFields(hold: HoldRecord): unknown[] {
  const { id, holder, seats, phase, expiresAt, capAt, priceVersion, bookingId } = hold;
  return [id, holder, seats, phase === 'paying' ? 1 : 0, expiresAt, capAt, priceVersion, bookingId ?? ''];
}

type HoldFields = [string, string, number[], 0 | 1, number, number, number, string];

export function readHold(fields: readonly unknown[]): HoldRecord {
  const [id, holder, seats, phase, expiresAt, capAt, priceVersion, bookingId] = fields as unknown as HoldFields;
  return {
    id,
    holder,
    seats,
    phase: phase === 1 ? 'paying' : 'held',
    expiresAt,
    capAt,
    priceVersion,
    bookingId: bookingId === '' ? undefined : bookingId,
  };
}

/** null is done, 8 fields are done with a hold, 2 are a refusal: reason and seats. */
export function readOutcome(packed: unknown): OperationOutcome {
  if (packed === null) return done({ hold: undefined });
  const fields = packed as readonly unknown[];
  if (fields.length === 8) return done({ hold: readHold(fields) });
  const [reason, seats] = fields as [RefusalReason, number[]];
  return seats.length > 0 ? refused(reason, seats) : refused(reason);
}
