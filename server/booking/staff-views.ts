import type { SaleMethod } from '../../protocol/http.js';
import { millis } from '../db/millis.js';
import type { Query } from '../db/pool.js';
import type { BookingStatus } from './booking.js';
import type { DisputeStatus } from './payment.js';

/** Bookings as staff see them: every buyer's, with the money and how they came to be. Times in ms since 1970. */
export interface BookingLine {
  readonly id: string;
  readonly event: string;
  readonly title: string;
  readonly status: BookingStatus;
  readonly buyer: { readonly name: string; readonly email: string };
  readonly seats: readonly string[];
  readonly amount: number;
  readonly refunded: number;
  readonly currency: string;
  readonly disputed: boolean;
  readonly createdAt: number;
}

export interface StaffTicket {
  readonly id: string;
  readonly seat: string;
  readonly category: string;
  readonly ticketType: string;
  readonly amount: number;
  readonly status: 'valid' | 'refunded';
  /** When its owner came in; null: not yet. */
  readonly admittedAt: number | null;
}

export interface RefundLine {
  readonly id: string;
  readonly amount: number;
  readonly status: 'wanted' | 'done' | 'failed';
  readonly reason: string;
  /** Null: made at the payment provider. */
  readonly staff: { readonly id: string; readonly name: string } | null;
  readonly createdAt: number;
}

export interface DisputeLine {
  readonly id: string;
  readonly amount: number;
  readonly reason: string;
  readonly status: DisputeStatus;
  readonly createdAt: number;
}

export interface StaffBooking extends BookingLine {
  readonly holder: string;
  readonly holdId: string;
  /** At the payment provider; null without a payment. */
  readonly payment: { readonly id: string; readonly status: string; readonly captured: number } | null;
  /** Paid elsewhere, to this member of staff or whoever has this key; null otherwise. */
  readonly outside: {
    readonly method: SaleMethod;
    readonly amount: number;
    readonly reference: string;
    readonly soldBy: string;
  } | null;
  readonly tickets: readonly StaffTicket[];
  readonly refunds: readonly RefundLine[];
  readonly disputes: readonly DisputeLine[];
  readonly steps: readonly { readonly at: number; readonly status: BookingStatus }[];
}

export interface BookingFilter {
  readonly event: string | undefined;
  readonly status: BookingStatus | undefined;
  /** A booking's id, a ticket's, a payment's, a seat's label, or the beginning of an e-mail address. */
  readonly q: string | undefined;
  readonly limit: number;
  /** The last line of the page before. */
  readonly after: { readonly createdAt: number; readonly id: string } | undefined;
}

const line = `b.id, b.event_id as event, e.title, b.status,
  json_build_object('name', b.buyer_name, 'email', b.buyer_email) as buyer,
  coalesce((select json_agg(t.label order by t.seat) from tickets t where t.booking_id = b.id), '[]') as seats,
  b.amount, coalesce((select sum(p.refunded) from payments p where p.booking_id = b.id), 0)::int as refunded, b.currency,
  exists (select from disputes d where d.booking_id = b.id and d.status in ('inquiry', 'open')) as disputed,
  ${millis('b.created_at')} as "createdAt"`;

/** The newest first. */
export function listBookings(db: Query, { event, status, q, limit, after }: BookingFilter): Promise<BookingLine[]> {
  return db.query<BookingLine>(
    `select ${line} from bookings b join events e on e.id = b.event_id
     where ($1::text is null or b.event_id = $1) and ($2::text is null or b.status = $2)
       and ($3::text is null or b.id in (
         select id from bookings where id = $3 or lower(buyer_email) like $4
         union select booking_id from tickets where id = $3 or ($1::text is not null and event_id = $1 and label = $3)
         union select booking_id from payments where intent_id = $3))
       and ($5::float8 is null or (${millis('b.created_at')}, b.id) < ($5, $6))
     order by ${millis('b.created_at')} desc, b.id desc limit $7`,
    [
      event ?? null,
      status ?? null,
      q ?? null,
      `${(q ?? '').toLowerCase().replace(/[\\%_]/g, '\\$&')}%`,
      after?.createdAt ?? null,
      after?.id ?? '',
      limit,
    ],
  );
}

export function readStaffBooking(db: Query, id: string): Promise<StaffBooking | undefined> {
  return db.one<StaffBooking>(
    `select ${line}, b.holder, b.hold_id as "holdId",
       (select json_build_object('id', intent_id, 'status', status, 'captured', captured)
        from payments where booking_id = b.id) as payment,
       (select json_build_object('method', method, 'amount', amount, 'reference', reference, 'soldBy',
          coalesce((select name from staff where id = sold_by), (select name from api_keys where id = sold_by), sold_by))
        from outside_payments where booking_id = b.id) as outside,
       coalesce((select json_agg(json_build_object('id', id, 'seat', label, 'category', category,
          'ticketType', ticket_type, 'amount', amount, 'status', case when live then 'valid' else 'refunded' end,
          'admittedAt', (select ${millis('at')} from check_ins where ticket_id = tickets.id))
          order by seat) from tickets where booking_id = b.id), '[]') as tickets,
       coalesce((select json_agg(json_build_object('id', r.id, 'amount', r.amount, 'status', r.status, 'reason', r.reason,
          'staff', case when s.id is not null then json_build_object('id', s.id, 'name', s.name) end,
          'createdAt', ${millis('r.created_at')}) order by r.created_at)
          from refunds r left join staff s on s.id = r.staff_id where r.booking_id = b.id), '[]') as refunds,
       coalesce((select json_agg(json_build_object('id', id, 'amount', amount, 'reason', reason, 'status', status,
          'createdAt', ${millis('created_at')}) order by created_at)
          from disputes where booking_id = b.id), '[]') as disputes,
       coalesce((select json_agg(json_build_object('at', ${millis('at')}, 'status', status) order by at)
          from booking_steps where booking_id = b.id), '[]') as steps
     from bookings b join events e on e.id = b.event_id where b.id = $1`,
    [id],
  );
}
