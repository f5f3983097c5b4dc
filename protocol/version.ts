/**
 * The version of the socket protocol. A server speaks version n and n−1.
 *
 * 1 — first version: hello, subscribe with resume, hold, release, extend, ping.
 */
export const PROTOCOL_VERSION = 1;
export const MIN_PROTOCOL_VERSION = 1;

/** Subprotocol offered by clients that want text frames instead of MessagePack. */
export const JSON_SUBPROTOCOL = 'cavea.v1.json';
/** Subprotocol of MessagePack frames; also what a client without a subprotocol gets. */
export const BINARY_SUBPROTOCOL = 'cavea.v1';
