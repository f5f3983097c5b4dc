import type { Identity } from '../identity/identity.js';
import type { GatewaySettings } from './services.js';

/**
 * Which pages may call. Allowed are: the server's own pages (the Host header, or CAVEA_PUBLIC_URL), the configured
 * origins, and the origins of live publishable keys. Comparison is of whole origins, never of suffixes.
 * A request without Origin does not come from a page: nothing here rests on cookies, so it passes.
 */
export interface Origins {
  /** Answers at once when the configuration is enough, else asks for the keys' origins. */
  allows(origin: string, host: string | undefined): boolean | Promise<boolean>;
  /** The server's own pages and the configured origins. */
  isOwn(origin: string, host: string | undefined): boolean;
}

export function createOrigins(settings: GatewaySettings, identity: Pick<Identity, 'allowsOrigin'>): Origins {
  const configured = new Set(settings.allowedOrigins);
  if (settings.publicUrl !== undefined) configured.add(new URL(settings.publicUrl).origin);

  function isOwn(origin: string, host: string | undefined): boolean {
    if (configured.has(origin)) return true;
    return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
  }
  return {
    isOwn,
    allows: (origin, host) => isOwn(origin, host) || (origin === 'null' ? false : identity.allowsOrigin(origin)),
  };
}
