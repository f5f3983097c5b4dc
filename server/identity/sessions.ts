import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from '../core/clock.js';
import { newId } from '../core/random.js';
import type { Identity, Session } from './identity.js';

/**
 * Sessions are signed tokens (JWT): whoever has the secret can check one without asking anybody.
 * Algorithm and type are pinned, so that neither `alg: none` nor a token made for another purpose passes.
 */
export const sessionMs = 12 * 60 * 60 * 1000;
const staffSessionMs = 15 * 60 * 1000;

const ALGORITHM = 'HS256';
const TYPE = 'cavea-session+jwt';
const HEADER = Buffer.from(JSON.stringify({ alg: ALGORITHM, typ: TYPE })).toString('base64url');
const claims = z.object({
  sub: z.string(),
  jti: z.string(),
  kind: z.enum(['guest', 'account', 'staff']),
  exp: z.number(),
});

type Sessions = Pick<Identity, 'createSession' | 'createStaffSession' | 'verifySession'>;

export function createSessions({ secret, clock }: { secret: string; clock: Clock }): Sessions {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'cavea session v1', 32));

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
      .sign(key);
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
      const parsed = claims.safeParse(signedPayload(token, key));
      if (!parsed.success) return undefined;
      const { sub, jti, kind, exp } = parsed.data;
      const expiresAt = exp * 1000;
      return expiresAt > clock.now() ? { id: jti, kind, holder: sub, expiresAt } : undefined;
    },
  };
}

/**
 * What was signed with this key; undefined when it was not, or under another header than ours. In place, because a
 * crowd that comes at once is greeted one by one: jose goes by way of the thread pool, which costs more than the check.
 */
function signedPayload(token: string, key: Uint8Array): unknown {
  const [header, payload = '', signature = '', ...more] = token.split('.');
  if (header !== HEADER || more.length > 0) return undefined;
  const given = Buffer.from(signature);
  const right = Buffer.from(createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url'));
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}
