import type { ErrorCode } from '../protocol/errors.js';
import type { Problem } from '../protocol/http.js';

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

/** An answer that is not problem+json comes from something between us and the server. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const problem = await response.json().catch(() => undefined);
  if (!isProblem(problem)) {
    return { ok: false, reason: 'unavailable', message: `The server answered HTTP ${response.status}.` };
  }
  return {
    ok: false,
    reason: problem.code,
    message: problem.detail ?? problem.title,
    ...(problem.retryAfter === undefined ? {} : { retryAfterMs: problem.retryAfter * 1_000 }),
  };
}

function isProblem(body: unknown): body is Problem & { readonly code: ErrorCode } {
  return typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string';
}
