import { type ErrorCode, statusOf, titleOf } from '../../../protocol/errors.js';
import type { Problem } from '../../../protocol/http.js';
import { Fault } from '../../core/faults.js';
import type { Logger } from '../../core/log.js';
import type { Refused } from '../../core/result.js';

/** An error as RFC 9457 problem details. `type` points at its entry on the documentation page. */
export function problem(
  code: ErrorCode,
  more: Pick<Problem, 'detail' | 'errors' | 'seats' | 'alternative' | 'retryAfter'> = {},
): Problem {
  return { type: `/docs#${code}`, title: titleOf(code), status: statusOf(code), code, ...more };
}

/** @param labelOf names a seat of the event that the refusal is about. */
export function problemOfRefusal(refusal: Refused, labelOf: (index: number) => string): Problem {
  const { reason, seats, alternative } = refusal;
  return problem(reason, {
    ...(seats && { seats: seats.map(labelOf) }),
    ...(alternative && { alternative: alternative.map(labelOf) }),
  });
}

/** A Fault says what it is; anything else is a bug: logged here, and answered without its text. */
export function problemOfError(error: unknown, log: Logger): Problem {
  if (!(error instanceof Fault)) {
    log.error({ err: error }, 'unexpected error');
    return problem('internal');
  }
  if (statusOf(error.code) >= 500) log.warn({ err: error }, 'request failed');
  return problem(error.code, {
    ...(error.message === titleOf(error.code) ? {} : { detail: error.message }),
    ...(error.errors ? { errors: [...error.errors] } : {}),
    ...(error.retryAfterMs === undefined ? {} : { retryAfter: Math.max(1, Math.ceil(error.retryAfterMs / 1000)) }),
  });
}
