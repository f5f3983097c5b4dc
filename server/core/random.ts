import { randomBytes, randomFillSync, randomInt } from 'node:crypto';

/** The only place that draws random numbers. */
/** Bytes for ids, drawn many at a time: each drawing is a call of the system, and every hold needs an id. */
const drawn = Buffer.alloc(8_192);
let used = drawn.length;

const ID_LENGTH = 20;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz';

/**
 * A new id such as `bkg_8ZkQ…`: the prefix of its kind and 20 letters, about 115 bits.
 * Letters that read alike (I, L, O, U) are left out.
 */
export function newId(
  prefix:
    | 'evt'
    | 'ven'
    | 'prf'
    | 'hld'
    | 'bkg'
    | 'tkt'
    | 'ses'
    | 'key'
    | 'stf'
    | 'op'
    | 'blk'
    | 'rfd'
    | 'erf'
    | 'msg'
    | 'whe'
    | 'ser',
): string {
  if (used + ID_LENGTH > drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  let id = `${prefix}_`;
  for (const end = used + ID_LENGTH; used < end; used++) id += ALPHABET[(drawn[used] ?? 0) % ALPHABET.length];
  return id;
}

/** A secret of `bytes` random bytes, as base64url. */
export function newSecret(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

/** A whole number from 0 to `below` − 1. */
export function randomBelow(below: number): number {
  return randomInt(below);
}
