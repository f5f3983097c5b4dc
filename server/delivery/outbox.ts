import { newId } from '../core/random.js';
import type { Query, Transaction } from '../db/pool.js';
import type { LetterKind, ShopEvent } from './delivery.js';

/** Rows for what is to be sent, written by the transaction that causes it: both are there or neither. */

/** @param about what the letter says beside what its booking does. */
export async function queueLetter(
  tx: Transaction,
  kind: LetterKind,
  bookingIds: string | readonly string[],
  about: object = {},
): Promise<void> {
  const bookings = [bookingIds].flat();
  await tx.query(
    `insert into deliveries (id, channel, kind, booking_id, body)
     select id, 'mail', $1, booking, $2 from unnest($3::text[], $4::text[]) as d (id, booking)`,
    [kind, JSON.stringify(about), bookings.map(() => newId('msg')), bookings],
  );
}

/** For every endpoint in force. @param read what the event says; asked for only when somebody hears it. */
export async function queueShopEvent(
  tx: Query,
  type: ShopEvent,
  bookingId: string,
  read: () => Promise<object>,
): Promise<void> {
  const endpoints = await tx.query<{ id: string; now: Date }>(
    'select id, now() as now from webhook_endpoints where revoked_at is null',
  );
  const [first] = endpoints;
  if (!first) return;
  const body = JSON.stringify({ type, timestamp: first.now.toISOString(), data: await read() });
  await tx.query(
    `insert into deliveries (id, channel, kind, booking_id, endpoint_id, body)
     select id, 'webhook', $1, $2, endpoint, $3 from unnest($4::text[], $5::text[]) as d (id, endpoint)`,
    [type, bookingId, body, endpoints.map(() => newId('msg')), endpoints.map(({ id }) => id)],
  );
}
