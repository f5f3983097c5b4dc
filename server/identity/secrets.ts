import { createHash } from 'node:crypto';

/**
 * What is stored of a key or token. They are 192 random bits, so a plain hash is enough: there is nothing to guess.
 * Looking up by hash also makes the comparison safe against timing.
 */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export const SECRET_BYTES = 24;
