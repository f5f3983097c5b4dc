import type { Down } from '../../protocol/down.js';
import { pack } from '../core/codec.js';
import type { Format } from '../fanout/fanout.js';

/** A frame as it goes to clients: MessagePack, or the same as JSON with bytes as base64. */
export function encodeDown(frame: Down, format: Format): Uint8Array | string {
  if (format === 'binary') return pack(frame);
  if (frame.type === 'snapshot') return JSON.stringify({ ...frame, status: base64(frame.status) });
  if (frame.type === 'diff') return JSON.stringify({ ...frame, changes: base64(frame.changes) });
  if (frame.type === 'line') return JSON.stringify({ ...frame, front: base64(frame.front) });
  return JSON.stringify(frame);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
