import { type Status, setStatus } from './status.js';

/**
 * Seat changes on the wire: 4 bytes a change, little endian, `index * 4 + status`.
 * States are absolute, so applying a change twice is harmless.
 */
export interface SeatChange {
  readonly index: number;
  readonly status: Status;
}

export function encodeChanges(changes: Iterable<SeatChange>, count: number): Uint8Array {
  const bytes = new Uint8Array(count * 4);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { index, status } of changes) {
    view.setUint32(at, index * 4 + status, true);
    at += 4;
  }
  return bytes;
}

/** Calls `visit` for each change; bytes past the last whole change are ignored. */
export function eachChange(bytes: Uint8Array, visit: (index: number, status: Status) => void): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    const word = view.getUint32(at, true);
    visit(word >>> 2, (word & 3) as Status);
  }
}

export function applyChanges(packed: Uint8Array, bytes: Uint8Array): void {
  eachChange(bytes, (index, status) => setStatus(packed, index, status));
}
