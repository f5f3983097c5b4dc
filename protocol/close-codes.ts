/**
 * Why a socket was closed. The range states what a client does next:
 * 4000–4499 come back (with full jitter), 4500–4999 do not.
 */
export const closeCodes = {
  restarting: 4000,
  helloTimeout: 4001,
  tooSlow: 4002,
  rateLimited: 4003,
  resync: 4004,
  unavailable: 4005,
  badFrame: 4500,
  badToken: 4501,
  badProtocol: 4502,
  tooManySockets: 4503,
} as const;
export type CloseReason = keyof typeof closeCodes;

export function mayReconnect(code: number): boolean {
  return code < 4500;
}
