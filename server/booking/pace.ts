import { millis } from '../db/millis.js';
import type { Query } from '../db/pool.js';

/** A minute of an event's sale: payments that were begun, bookings that were confirmed, and their seats. */
export interface MinuteOfSale {
  /** Its beginning, ms since 1970. */
  readonly at: number;
  readonly begun: number;
  readonly bought: number;
  readonly seats: number;
}

/** The last minutes up to now, the oldest first, quiet ones too. */
export function paceOfSale(db: Query, event: string, minutes: number): Promise<MinuteOfSale[]> {
  return db.query<MinuteOfSale>(
    `with minutes as (
       select generate_series(date_trunc('minute', now()) - ($2 - 1) * interval '1 minute', date_trunc('minute', now()), '1 minute') as at
     ), lately as (
       select id, created_at from bookings where event_id = $1 and created_at > now() - ($2 + 60) * interval '1 minute'
     ), begun as (
       select date_trunc('minute', created_at) as at, count(*)::int as n from lately group by 1
     ), bought as (
       select date_trunc('minute', s.at) as at, count(*)::int as n,
         sum((select count(*) from tickets t where t.booking_id = s.booking_id))::int as seats
       from booking_steps s join lately b on b.id = s.booking_id where s.status = 'confirmed' group by 1
     )
     select ${millis('m.at')} as at, coalesce(begun.n, 0) as begun, coalesce(bought.n, 0) as bought,
       coalesce(bought.seats, 0) as seats
     from minutes m left join begun using (at) left join bought using (at) order by 1`,
    [event, minutes],
  );
}
