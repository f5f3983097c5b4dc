import { millis } from '../db/millis.js';
import type { Query } from '../db/pool.js';
import type { Channel } from './delivery.js';

/** Deliveries as staff see them. Times in ms since 1970. */
export interface DeliveryLine {
  readonly id: string;
  readonly channel: Channel;
  readonly kind: string;
  readonly booking: string;
  /** An e-mail address or a URL. */
  readonly to: string;
  readonly status: 'waiting' | 'sent' | 'dead';
  readonly attempts: number;
  readonly note: string;
  readonly createdAt: number;
  /** The next attempt; null when there is none. */
  readonly nextAt: number | null;
  readonly sentAt: number | null;
}

export interface DeliveryFilter {
  readonly booking: string | undefined;
  readonly status: DeliveryLine['status'] | undefined;
  readonly limit: number;
  /** Id of the last line of the page before. */
  readonly after: string | undefined;
}

/** The newest first. */
export function listDeliveries(db: Query, { booking, status, limit, after }: DeliveryFilter): Promise<DeliveryLine[]> {
  return db.query<DeliveryLine>(
    `select d.id, d.channel, d.kind, d.booking_id as booking, coalesce(e.url, b.buyer_email) as to, d.status, d.attempts,
       d.note, ${millis('d.created_at')} as "createdAt",
       case when d.status = 'waiting' then ${millis('d.next_at')} end as "nextAt", ${millis('d.sent_at')} as "sentAt"
     from deliveries d join bookings b on b.id = d.booking_id left join webhook_endpoints e on e.id = d.endpoint_id
     where ($1::text is null or d.booking_id = $1) and ($2::text is null or d.status = $2)
       and ($3::text is null or (d.created_at, d.id) < (select created_at, id from deliveries where id = $3))
     order by d.created_at desc, d.id desc limit $4`,
    [booking ?? null, status ?? null, after ?? null, limit],
  );
}

/** Sends a delivery again from the beginning, whatever became of it. @returns its booking; undefined when there is none. */
export async function sendAgain(tx: Query, id: string): Promise<string | undefined> {
  const row = await tx.one<{ booking_id: string }>(
    `update deliveries set status = 'waiting', attempts = 0, next_at = now(), note = '', sent_at = null
     where id = $1 returning booking_id`,
    [id],
  );
  return row?.booking_id;
}
