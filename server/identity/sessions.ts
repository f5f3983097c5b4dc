import { hkdfSync, webcrypto } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from '../core/clock.js';
import { newId } from '../core/random.js';
import type { Identity, Session } from './identity.js';

/**
 * Sessions are signed tokens: whoever has the secret can check one without asking anybody.
 * Algorithm and type are pinned, so that neither `alg: none` nor a token made for another purpose passes.
 */
export const sessionMs = 12 * 60 * 60 * 1000;
const staffSessionMs = 15 * 60 * 1000;

const ALGORITHM = 'HS256';
const TYPE = 'cavea-session+jwt';
const claims = z.object({
  sub: z.string(),
  jti: z.string(),
  kind: z.enum(['guest', 'account', 'staff']),
  exp: z.number(),
});

type Sessions = Pick<Identity, 'createSession' | 'createStaffSession' | 'verifySession'>;

export function createSessions({ secret, clock }: { secret: string; clock: Clock }): Sessions {
  const key = signingKey(secret);

  async function sign({ id, kind, holder }: Omit<Session, 'expiresAt'>, lastsMs: number) {
    // Token times are whole seconds.
    const issuedAt = Math.floor(clock.now() / 1000);
    const expires = issuedAt + lastsMs / 1000;
    const token = await new SignJWT({ kind })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setSubject(holder)
      .setJti(id)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expires)
      .sign(await key);
    return { session: { id, kind, holder, expiresAt: expires * 1000 }, token };
  }

  return {
    createSession(account) {
      const id = newId('ses');
      if (account === undefined) return sign({ id, kind: 'guest', holder: `guest:${id}` }, sessionMs);
      return sign({ id, kind: 'account', holder: `account:${account}` }, sessionMs);
    },
    createStaffSession: (staffId) =>
      sign({ id: newId('ses'), kind: 'staff', holder: `staff:${staffId}` }, staffSessionMs),

    async verifySession(token): Promise<Session | undefined> {
      try {
        const { payload } = await jwtVerify(token, await key, {
          algorithms: [ALGORITHM],
          typ: TYPE,
          currentDate: new Date(clock.now()),
        });
        const { sub, jti, kind, exp } = claims.parse(payload);
        return { id: jti, kind, holder: sub, expiresAt: exp * 1000 };
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
        throw error;
      }
    },
  };
}

/** Imported once: handed over as bytes it would be imported again for every token, which takes longer than the check. */
function signingKey(secret: string): Promise<webcrypto.CryptoKey> {
  const bytes = hkdfSync('sha256', secret, '', 'cavea session v1', 32);
  return webcrypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}
