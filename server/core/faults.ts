import { type FaultCode, titleOf } from '../../protocol/errors.js';

/** What exactly was wrong with the request, by JSON pointer; `place` is for files in which nothing can point. */
export interface FieldError {
  readonly pointer: string;
  readonly place?: string;
  readonly detail: string;
}

/**
 * Something that is not a refusal: a caller's fault or an outage. Thrown, and turned into
 * problem+json or a socket outcome at the edge. Any other exception is a bug and answers `internal`.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly retryAfterMs: number | undefined;
  readonly errors: readonly FieldError[] | undefined;

  constructor(
    code: FaultCode,
    detail?: string,
    more: { retryAfterMs?: number; errors?: readonly FieldError[]; cause?: unknown } = {},
  ) {
    super(detail ?? titleOf(code), { cause: more.cause });
    this.code = code;
    this.retryAfterMs = more.retryAfterMs;
    this.errors = more.errors;
  }
}

/** The engine or a store cannot serve now; the caller may come back after `retryAfterMs`. */
export function unavailable(detail: string, retryAfterMs = 1_000, cause?: unknown): Fault {
  return new Fault('unavailable', detail, { retryAfterMs, cause });
}

/** An outage: nothing was decided, and the same may do later. */
export function isUnavailable(error: unknown): error is Fault {
  return error instanceof Fault && error.code === 'unavailable';
}

/** What was thrown, in words for a log. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
