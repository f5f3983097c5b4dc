import type { Query } from '../db/pool.js';

/** Tables that a house takes elsewhere. One row a line; amounts in minor units, times in UTC (RFC 3339). */
export interface ExportFilter {
  readonly event: string | undefined;
  /** Days in UTC, both included. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface Export {
  readonly columns: readonly string[];
  rows(db: Query, filter: ExportFilter): Promise<Record<string, unknown>[]>;
}

/** More would not fit into one answer; the caller asks for fewer days. */
export const mostRows = 100_000;

const utc = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
const between = (column: string) => `($1::text is null or b.event_id = $1)
  and ($2::date is null or ${column} >= $2::date::timestamp at time zone 'utc')
  and ($3::date is null or ${column} < ($3::date + 1)::timestamp at time zone 'utc')`;
const paramsOf = ({ event, from, to }: ExportFilter) => [event ?? null, from ?? null, to ?? null];

const bookings: Export = {
  columns: [
    'booking',
    'event',
    'title',
    'made',
    'status',
    'name',
    'email',
    'seats',
    'amount',
    'refunded',
    'currency',
    'payment',
    'paid_by',
  ],
  rows: (db, filter) =>
    db.query(
      `select b.id as booking, b.event_id as event, e.title, ${utc('b.created_at')} as made, b.status,
         b.buyer_name as name, b.buyer_email as email,
         coalesce((select string_agg(label, ', ' order by seat) from tickets where booking_id = b.id), '') as seats,
         b.amount, coalesce((select sum(amount) from refunds where booking_id = b.id and status = 'done'), 0)::int as refunded,
         b.currency, coalesce(p.intent_id, o.reference, '') as payment,
         case when o.booking_id is not null then o.method when p.intent_id is not null then 'online' else 'free' end as paid_by
       from bookings b join events e on e.id = b.event_id
         left join payments p on p.booking_id = b.id left join outside_payments o on o.booking_id = b.id
       where ${between('b.created_at')} order by b.created_at, b.id limit ${mostRows}`,
      paramsOf(filter),
    ),
};

const attendees: Export = {
  columns: ['event', 'title', 'seat', 'category', 'ticket_type', 'ticket', 'name', 'email', 'booking'],
  rows: (db, filter) =>
    db.query(
      `select b.event_id as event, e.title, t.label as seat, t.category, t.ticket_type, t.id as ticket,
         b.buyer_name as name, b.buyer_email as email, b.id as booking
       from tickets t join bookings b on b.id = t.booking_id join events e on e.id = b.event_id
       where t.live and ${between('t.created_at')} order by b.event_id, t.seat limit ${mostRows}`,
      paramsOf(filter),
    ),
};

/**
 * Per day, event and currency, what cards paid and what went back: the provider's own account of that day. A payment
 * counts on the day of its capture, a refund on the day when the provider took it on. Late money that went back, and
 * lost disputes, are in it on both sides.
 */
const settlement: Export = {
  columns: ['day', 'event', 'title', 'currency', 'captured', 'refunded', 'net', 'outside'],
  rows: (db, filter) =>
    db.query(
      `with movements as (
         select (s.at at time zone 'utc')::date as day, b.event_id, b.currency, p.captured, 0 as refunded, 0 as outside
         from payments p join bookings b on b.id = p.booking_id
           join lateral (select coalesce(min(at) filter (where status = 'confirmed'), p.updated_at) as at
             from booking_steps where booking_id = b.id) s on true
         where p.captured > 0 and ${between('s.at')}
         union all
         select (r.updated_at at time zone 'utc')::date, b.event_id, b.currency, 0, r.amount, 0
         from refunds r join bookings b on b.id = r.booking_id join payments p on p.booking_id = b.id
         where r.status = 'done' and ${between('r.updated_at')}
         union all
         select (p.updated_at at time zone 'utc')::date, b.event_id, b.currency, 0, p.refunded, 0
         from payments p join bookings b on b.id = p.booking_id
         where p.status = 'returned' and p.refunded > 0 and ${between('p.updated_at')}
         union all
         select (o.created_at at time zone 'utc')::date, b.event_id, b.currency, 0, 0, o.amount
         from outside_payments o join bookings b on b.id = o.booking_id where ${between('o.created_at')})
       select to_char(day, 'YYYY-MM-DD') as day, event_id as event, e.title, m.currency, sum(captured)::int8 as captured,
         sum(refunded)::int8 as refunded, (sum(captured) - sum(refunded))::int8 as net, sum(outside)::int8 as outside
       from movements m join events e on e.id = m.event_id
       group by day, event_id, e.title, m.currency order by day, event_id, m.currency limit ${mostRows}`,
      paramsOf(filter),
    ),
};

export const exports = { bookings, attendees, settlement } as const;
