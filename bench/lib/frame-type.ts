import type { Down } from '../../protocol/down.js';

/**
 * What kind of frame this is, without decoding it: a generator with ten thousand viewers can afford no more. The server
 * writes the type first: a map of few entries, the text `type`, a short text.
 */
export function frameType(payload: Buffer): Down['type'] {
  const isMap = ((payload[0] ?? 0) & 0xf0) === 0x80;
  const isShortText = ((payload[6] ?? 0) & 0xe0) === 0xa0;
  if (!isMap || !isShortText || payload.toString('latin1', 2, 6) !== 'type') throw new Error('a frame without a type');
  return payload.toString('latin1', 7, 7 + ((payload[6] ?? 0) & 0x1f)) as Down['type'];
}
