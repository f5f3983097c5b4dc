import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { derived } from '../../../protocol/derived.js';
import type { Head } from './exchange.js';

/** Bytes as they go to clients who take gzip; undefined when that would not be shorter. */
export function zip(bytes: Uint8Array): Buffer | undefined {
  const zipped = gzipSync(bytes, { level: 9 });
  return zipped.length < bytes.length ? zipped : undefined;
}

/** @param accepted the request's Accept-Encoding. */
export function takes(encoding: 'br' | 'gzip', accepted: string): boolean {
  return (encoding === 'br' ? /\bbr\b/ : /\bgzip\b/).test(accepted);
}

export function takesGzip({ headers }: Pick<Head, 'headers'>): boolean {
  return takes('gzip', headers.get('accept-encoding') ?? '');
}

/** For answers that live shortly: better ratios take longer than that. */
export function brotli(bytes: Uint8Array): Buffer {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
}

/** Zips bytes once for as long as somebody keeps them. */
export const zipOnce = derived(zip);
