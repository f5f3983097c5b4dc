import { Packr } from 'msgpackr';

/**
 * The only importer of msgpackr: frames for clients, and arguments and replies of scripts (Redis has cmsgpack).
 * `useRecords: false` keeps to plain MessagePack that any reader knows; 64-bit integers (times, from Lua) are numbers.
 * Bytes from clients never come here: a generic decoder can be made to end the process (kriszyp/msgpackr#200).
 */
const packr = new Packr({ useRecords: false, variableMapSize: true, int64AsType: 'number' });

export function pack(value: unknown): Buffer {
  return packr.pack(value);
}

/** The values one after the other, without a list around them. */
export function packStream(values: readonly unknown[]): Buffer {
  const list = packr.pack(values);
  return list.subarray(values.length < 16 ? 1 : values.length < 65_536 ? 3 : 5);
}

export function unpack(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}
