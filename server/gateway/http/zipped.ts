import { gzipSync } from 'node:zlib';
import type { Head } from './exchange.js';

/** Bytes as they go to clients who take gzip; undefined when that would not be shorter. */
export function zip(bytes: Uint8Array): Buffer | undefined {
  const zipped = gzipSync(bytes, { level: 9 });
  return zipped.length < bytes.length ? zipped : undefined;
}

export function takesGzip({ headers }: Pick<Head, 'headers'>): boolean {
  return /\bgzip\b/.test(headers.get('accept-encoding') ?? '');
}

/** Zips bytes once for as long as somebody keeps them. */
export function createZipper(): (bytes: Uint8Array) => Buffer | undefined {
  const known = new WeakMap<Uint8Array, { readonly zipped: Buffer | undefined }>();
  return (bytes) => {
    const entry = known.get(bytes) ?? { zipped: zip(bytes) };
    known.set(bytes, entry);
    return entry.zipped;
  };
}
