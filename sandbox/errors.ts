/** An answer that is an error, in Stripe's shape: `{error: {type, code, message, …}}`. */
export type ErrorType = 'card_error' | 'invalid_request_error' | 'idempotency_error' | 'api_error';

export interface ErrorDetail {
  readonly code?: string;
  readonly param?: string;
  readonly decline_code?: string;
  readonly payment_intent?: object;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly type: ErrorType;
  readonly detail: ErrorDetail;

  constructor(status: number, type: ErrorType, message: string, detail: ErrorDetail = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.detail = detail;
  }

  body(): object {
    return { error: { type: this.type, message: this.message, ...this.detail } };
  }

  /** The request itself was refused: Stripe does not keep such an answer under its idempotency key. */
  get beforeExecution(): boolean {
    return this.status === 400 && this.detail.param !== undefined;
  }
}

export function missingParameter(param: string): ApiError {
  return new ApiError(400, 'invalid_request_error', `Missing required param: ${param}.`, {
    code: 'parameter_missing',
    param,
  });
}

export function invalidParameter(param: string, message: string): ApiError {
  return new ApiError(400, 'invalid_request_error', message, { code: 'parameter_invalid', param });
}

export function noSuch(kind: string, id: string): ApiError {
  return new ApiError(404, 'invalid_request_error', `No such ${kind}: '${id}'`, {
    code: 'resource_missing',
    param: 'id',
  });
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'invalid_request_error', 'Invalid API key provided.');
}
