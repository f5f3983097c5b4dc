import type { GatewaySettings } from '../services.js';
import type { Headers } from './exchange.js';

/** What every answer says to browsers. Pages replace the content policy with their own. */
export function securityHeaders({ publicUrl }: Pick<GatewaySettings, 'publicUrl'>): Headers {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    ...(publicUrl?.startsWith('https:') ? { 'strict-transport-security': 'max-age=63072000' } : {}),
  };
}

const EXPOSED = 'etag, retry-after, x-request-id, idempotency-replayed';

/** Data that is the same for everybody may be read by any page, and is cached once for all of them. */
export const sharedCors: Headers = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED,
};

export function corsFor(origin: string): Headers {
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED, vary: 'origin' };
}

export function preflight(methods: readonly string[]): Headers {
  return {
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': 'authorization, content-type, idempotency-key, if-match, last-event-id',
    'access-control-max-age': '600',
  };
}
