import { randomBytes, randomInt } from 'node:crypto';

/** The only place that draws random numbers. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz';

/**
 * A new id such as `bkg_8ZkQ…`: the prefix of its kind and 20 letters, about 115 bits.
 * Letters that read alike (I, L, O, U) are left out.
 */
export function newId(
  prefix: 'evt' | 'ven' | 'prf' | 'hld' | 'bkg' | 'tkt' | 'ses' | 'key' | 'stf' | 'op' | 'blk',
): string {
  let id = `${prefix}_`;
  for (const byte of randomBytes(20)) id += ALPHABET[byte % ALPHABET.length];
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
