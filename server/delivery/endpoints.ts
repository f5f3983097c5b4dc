import { newId, newSecret } from '../core/random.js';
import { millis } from '../db/millis.js';
import type { Query } from '../db/pool.js';

/** Where shops want to hear of their bookings. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
  /** Of the last 30 days. */
  readonly waiting: number;
  readonly dead: number;
}

/** @returns the secret too, this once: `whsec_` and 32 bytes in base64, as every library for it wants. */
export async function insertEndpoint(tx: Query, url: string): Promise<{ id: string; secret: string }> {
  const id = newId('whe');
  const secret = `whsec_${Buffer.from(newSecret(32), 'base64url').toString('base64')}`;
  await tx.query('insert into webhook_endpoints (id, url, secret) values ($1, $2, $3)', [id, url, secret]);
  return { id, secret };
}

/** The newest first. */
export function readEndpoints(
  db: Query,
  { limit, after }: { readonly limit: number; readonly after: string | undefined },
): Promise<WebhookEndpoint[]> {
  return db.query<WebhookEndpoint>(
    `select e.id, e.url, ${millis('e.created_at')} as "createdAt", ${millis('e.revoked_at')} as "revokedAt",
       count(d.id) filter (where d.status = 'waiting')::int as waiting,
       count(d.id) filter (where d.status = 'dead')::int as dead
     from webhook_endpoints e
       left join deliveries d on d.endpoint_id = e.id and d.created_at > now() - interval '30 days'
     where $2::text is null or (e.created_at, e.id) < (select created_at, id from webhook_endpoints where id = $2)
     group by e.id order by e.created_at desc, e.id desc limit $1`,
    [limit, after ?? null],
  );
}

/** What was still to be sent there never is. @returns false when there is none in force. */
export async function revokeEndpoint(tx: Query, id: string): Promise<boolean> {
  const revoked = await tx.query(
    'update webhook_endpoints set revoked_at = now() where id = $1 and revoked_at is null returning id',
    [id],
  );
  return revoked.length > 0;
}
