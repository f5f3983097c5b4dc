/**
 * The closed list of what can be refused or go wrong. Codes are never reused with another meaning.
 * A refusal (4xx) is a normal answer of the rules; the rest are faults of the caller or outages.
 * HTTP sends them as application/problem+json (RFC 9457), the socket as outcomes with `reason`.
 */
export const refusals = {
  taken: { status: 409, title: 'Some of these seats are no longer available.' },
  limit: { status: 409, title: 'This is more than one buyer may have.' },
  holdTime: { status: 409, title: 'This hold cannot be extended any further.' },
  heldTooLong: { status: 409, title: 'You have held seats of this event for as long as one buyer may.' },
  notOpen: { status: 409, title: 'The sale has not opened yet.' },
  closed: { status: 409, title: 'The sale is over.' },
  paused: { status: 409, title: 'The sale is paused.' },
  codeNeeded: { status: 403, title: 'Until the presale ends a code is needed to join.' },
  codeWrong: { status: 403, title: 'This code is not known, or has been used as often as it may be.' },
  notAdmitted: { status: 403, title: 'This event has a waiting room; your turn has not come yet.' },
  priceChanged: { status: 409, title: 'The prices have changed.' },
  gone: { status: 410, title: 'This hold has ended.' },
  paying: { status: 409, title: 'These seats are being paid for.' },
  notHeld: { status: 409, title: 'These seats are not in this hold.' },
  sold: { status: 409, title: 'These seats are sold.' },
  soldOut: { status: 409, title: 'There are not enough places left.' },
  accessible: { status: 409, title: 'These places are kept for people who need them.' },
  orphan: { status: 409, title: 'This would leave a single seat that nobody could use.' },
  noRun: { status: 409, title: 'There are no seats left that fit this wish.' },
  unknownSeat: { status: 400, title: 'There is no such seat in this event.' },
  notCancellable: { status: 409, title: 'This booking can no longer be cancelled.' },
} as const;

/** Refusals of bookings: only over HTTP, so no frame of the socket names them. */
export const bookingRefusals = {
  disputed: { status: 409, title: 'The buyer’s bank has the money of this booking.' },
  notRefundable: { status: 409, title: 'These tickets cannot be refunded.' },
  unknownTicketType: { status: 400, title: 'There is no such ticket type in this event.' },
} as const;

export const faults = {
  badRequest: { status: 400, title: 'The request is not valid.' },
  unauthorized: { status: 401, title: 'A valid token or key is needed.' },
  forbidden: { status: 403, title: 'This token or key may not do that.' },
  notFound: { status: 404, title: 'There is nothing here.' },
  methodNotAllowed: { status: 405, title: 'This address does not take that method.' },
  tooLarge: { status: 413, title: 'The request is too large.' },
  unsupportedType: { status: 415, title: 'Send application/json.' },
  inFlight: { status: 409, title: 'The first request with this idempotency key is still under way.' },
  idempotencyMismatch: { status: 422, title: 'This idempotency key was used with another request.' },
  rateLimited: { status: 429, title: 'Too many requests.' },
  internal: { status: 500, title: 'Something went wrong on our side.' },
  unavailable: { status: 503, title: 'Not available at the moment; try again shortly.' },
  timeout: { status: 504, title: 'This took too long; try again.' },
} as const;

/** Faults of staff's calls: only over HTTP, so no frame of the socket names them. */
export const staffFaults = {
  wrongStatus: { status: 409, title: 'Its status does not allow that.' },
  seatsDiffer: { status: 409, title: 'The new chart does not keep the seats of this event.' },
  nameTaken: { status: 409, title: 'This name is in use already.' },
  lastOwner: { status: 409, title: 'The last owner cannot be removed.' },
  preconditionFailed: { status: 412, title: 'Somebody has changed this meanwhile; read it again.' },
  preconditionRequired: { status: 428, title: 'Say in If-Match which version you have read.' },
} as const;

const all = { ...refusals, ...bookingRefusals, ...faults, ...staffFaults };

export type RefusalReason = keyof typeof refusals | keyof typeof bookingRefusals;
/** What the socket can answer with. */
export type SocketCode = keyof typeof refusals | keyof typeof faults;
export type FaultCode = keyof typeof faults | keyof typeof staffFaults;
export type ErrorCode = RefusalReason | FaultCode;

export function statusOf(code: ErrorCode): number {
  return all[code].status;
}

export function titleOf(code: ErrorCode): string {
  return all[code].title;
}
