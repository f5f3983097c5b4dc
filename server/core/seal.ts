import { createHmac, timingSafeEqual } from 'node:crypto';

/** Signs short texts, so that whoever brings one back has had it from us. */
export interface Seal {
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
}

/** HMAC-SHA256 (RFC 2104), cut to 128 bits. @param purpose keeps signatures for one thing from being taken for another. */
export function createSeal(secret: string, purpose: string): Seal {
  const key = createHmac('sha256', secret).update(purpose).digest();
  const sign = (text: string) => createHmac('sha256', key).update(text).digest('base64url').slice(0, 22);
  return {
    sign,
    verify(text, signature) {
      const [wanted, given] = [sign(text), signature].map((one) => Buffer.from(one));
      return (
        wanted !== undefined && given !== undefined && wanted.length === given.length && timingSafeEqual(wanted, given)
      );
    },
  };
}
