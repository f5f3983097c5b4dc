import { hkdfSync } from 'node:crypto';
import { newId } from '../core/random.js';
import type { Query } from '../db/pool.js';
import { SECRET_BYTES, secretHash } from '../identity/secrets.js';

/**
 * The publishable key of the storefront that comes with the server. It follows from the server's secret, so that
 * every process knows it while Postgres keeps its hash only, as of any key.
 */
export function storefrontKey(secret: string): string {
  const bytes = hkdfSync('sha256', secret, 'cavea', 'storefront key', SECRET_BYTES);
  return `pk_${Buffer.from(bytes).toString('base64url')}`;
}

/** Makes the key known to identity, unless it is (a revoked one stays revoked). @returns the key. */
export async function ensureStorefrontKey(db: Query, secret: string): Promise<string> {
  const key = storefrontKey(secret);
  await db.query(
    `insert into api_keys (id, kind, name, key_hash) values ($1, 'publishable', 'storefront', $2)
     on conflict (key_hash) do nothing`,
    [newId('key'), secretHash(key)],
  );
  return key;
}
