import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';

/**
 * The text in a ticket's QR code: a JWS (RFC 7515, `EdDSA` by RFC 8037), so that any door scanner with any JOSE library
 * verifies it without a network, with the keys published as JWKS.
 */
export interface TicketText {
  readonly ticket: string;
  readonly event: string;
  /** Label, as printed. */
  readonly seat: string;
}

export interface TicketSigner {
  sign(text: TicketText): string;
  /** What is published. */
  jwks(): object;
}

const keySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  kid: z.string(),
  alg: z.literal('EdDSA'),
  use: z.literal('sig'),
});
type TicketKey = z.infer<typeof keySchema>;
const jwksSchema = z.object({ keys: z.array(keySchema) });

const headerSchema = z.object({ alg: z.literal('EdDSA'), kid: z.string() });
const payloadSchema = z.object({ tkt: z.string(), evt: z.string(), seat: z.string() });

/** PKCS #8 around the 32 bytes of an Ed25519 private key (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The same secret gives the same key in every process and after every restart. */
export function createTicketSigner(secret: string): TicketSigner {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'cavea ticket signature v1', 32));
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const key = publish(createPublicKey(privateKey));
  const header = encode({ alg: 'EdDSA', kid: key.kid });
  return {
    sign({ ticket, event, seat }) {
      const signed = `${header}.${encode({ tkt: ticket, evt: event, seat })}`;
      return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
    },
    jwks: () => ({ keys: [key] }),
  };
}

/**
 * Undefined when the text was not signed with one of the published keys. No network, no database.
 * @throws ZodError when `jwks` is no such set of keys.
 */
export function verifyTicket(text: string, jwks: unknown): TicketText | undefined {
  const { keys } = jwksSchema.parse(jwks);
  const [header = '', payload = '', signature = '', ...more] = text.split('.');
  if (more.length > 0) return undefined;
  const named = headerSchema.safeParse(decode(header));
  const content = payloadSchema.safeParse(decode(payload));
  const key = keys.find(({ kid }) => named.success && kid === named.data.kid);
  if (!key || !content.success) return undefined;
  const publicKey = createPublicKey({ key: { ...key }, format: 'jwk' });
  const holds = verify(null, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'));
  if (!holds) return undefined;
  const { tkt, evt, seat } = content.data;
  return { ticket: tkt, event: evt, seat };
}

/** `kid` is the start of the key's RFC 7638 thumbprint: short, because a QR code has to carry it. */
function publish(publicKey: KeyObject): TicketKey {
  const { crv, x, kty } = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url').slice(0, 12);
  return keySchema.parse({ kty, crv, x, kid, alg: 'EdDSA', use: 'sig' });
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
