import type { OutcomeFrame } from '../../../protocol/down.js';
import { type SocketCode, titleOf } from '../../../protocol/errors.js';
import { Fault } from '../../core/faults.js';
import type { Logger } from '../../core/log.js';
import { problemOfError } from '../http/problem.js';
import type { Answer } from './verbs.js';

/** The one frame that answers a request. */
export function outcomeOf(id: number, now: number, answer: Answer): OutcomeFrame {
  if (answer.ok) return { type: 'outcome', ...answer, id, now };
  const { seats, alternative } = answer;
  // Nothing on the socket is refused with what only bookings are.
  const reason = answer.reason as SocketCode;
  const message = titleOf(reason);
  return {
    type: 'outcome',
    id,
    ok: false,
    reason,
    message,
    now,
    ...(seats && { seats: [...seats] }),
    ...(alternative && { alternative: [...alternative] }),
  };
}

export function outcomeOfError(id: number, now: number, error: unknown, log: Logger): OutcomeFrame {
  const { code, title, detail } = problemOfError(error, log);
  const waitMs = error instanceof Fault ? error.retryAfterMs : undefined;
  return {
    type: 'outcome',
    id,
    ok: false,
    reason: code as SocketCode,
    message: detail ?? title,
    now,
    ...(waitMs === undefined ? {} : { retryAfterMs: Math.ceil(waitMs) }),
  };
}
