import type { ErrorCode } from '../protocol/errors.js';

/**
 * What a call came to. A refusal of the rules is a normal answer; so is an outage, because a page has to say something
 * about it too. Nothing of the SDK throws for either.
 */
export type Result<T extends object> = ({ readonly ok: true } & T) | Refusal;

export interface Refusal {
  readonly ok: false;
  /** `offline`: no answer came, and the effect is unknown; repeating the call is safe. */
  readonly reason: ErrorCode | 'offline';
  readonly message: string;
  /** The seats that stood in the way, by index. */
  readonly seats?: readonly number[];
  /** Seats that are free and would do as well, by index. */
  readonly alternative?: readonly number[];
  readonly retryAfterMs?: number;
}

export const offline: Refusal = {
  ok: false,
  reason: 'offline',
  message: 'The server could not be reached. Check your connection and try again.',
};
