import type { RefusalReason } from '../../protocol/errors.js';

/** A refusal is a normal answer: the rules say no. It is a value, never an exception. */
export interface Refused {
  readonly ok: false;
  readonly reason: RefusalReason;
  /** The seats that stood in the way, by index. */
  readonly seats?: readonly number[];
  /** Seats that are free and would do as well. */
  readonly alternative?: readonly number[];
}

export type Outcome<T extends object> = ({ readonly ok: true } & T) | Refused;

export function done<T extends object>(value: T): { readonly ok: true } & T {
  return { ok: true, ...value };
}

export function refused(reason: RefusalReason, seats?: readonly number[]): Refused {
  return seats ? { ok: false, reason, seats } : { ok: false, reason };
}
