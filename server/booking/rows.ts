import type { Query } from '../db/pool.js';
import type { BookingStatus, TicketTypes } from './booking.js';
import type { PaymentStatus } from './payment.js';

/** The rows of the booking domain. The lock of a booking's row orders everything that happens to the booking. */

export interface BookingRow {
  readonly id: string;
  readonly event_id: string;
  readonly hold_id: string;
  readonly holder: string;
  readonly session_id: string;
  readonly status: BookingStatus;
  readonly amount: number;
  readonly currency: string;
  readonly price_version: number;
  readonly expires_at: Date;
  readonly settled: boolean;
  /** Another one whenever the row has changed. */
  readonly row_version: string;
}

export interface PaymentRow {
  readonly intent_id: string;
  readonly booking_id: string;
  readonly status: PaymentStatus;
  readonly amount: number;
  readonly currency: string;
  readonly captured: number;
  /** Given up because its card had paid for too many tickets. */
  readonly over_limit: boolean;
}

const bookingColumns = `id, event_id, hold_id, holder, session_id, status, amount, currency, price_version, expires_at,
  settled, xmin::text as row_version`;
const paymentColumns = 'intent_id, booking_id, status, amount, currency, captured, over_limit';

export function findBooking(from: Query, id: string): Promise<BookingRow | undefined> {
  return from.one<BookingRow>(`select ${bookingColumns} from bookings where id = $1`, [id]);
}

export function lockBooking(tx: Query, id: string): Promise<BookingRow | undefined> {
  return tx.one<BookingRow>(`select ${bookingColumns} from bookings where id = $1 for update`, [id]);
}

/** The booking that this intent pays for. */
export function lockBookingOfIntent(tx: Query, intentId: string): Promise<BookingRow | undefined> {
  return tx.one<BookingRow>(
    `select ${bookingColumns} from bookings where id = (select booking_id from payments where intent_id = $1) for update`,
    [intentId],
  );
}

/** The latest booking that this holder made of this hold. */
export function findBookingOfHold(from: Query, holder: string, holdId: string): Promise<BookingRow | undefined> {
  return from.one<BookingRow>(
    `select ${bookingColumns} from bookings where holder = $1 and hold_id = $2 order by created_at desc limit 1`,
    [holder, holdId],
  );
}

/** A booking has one payment at most: another attempt is only made while there is none. */
export function findPayment(from: Query, bookingId: string): Promise<PaymentRow | undefined> {
  return from.one<PaymentRow>(`select ${paymentColumns} from payments where booking_id = $1`, [bookingId]);
}

export function findPaymentOfIntent(from: Query, intentId: string): Promise<PaymentRow | undefined> {
  return from.one<PaymentRow>(`select ${paymentColumns} from payments where intent_id = $1`, [intentId]);
}

/** All seats of the booking, whether its claim is active or not. */
export async function seatsOf(from: Query, bookingId: string): Promise<number[]> {
  const rows = await from.query<{ seat: number }>('select seat from claims where booking_id = $1 order by seat', [
    bookingId,
  ]);
  return rows.map(({ seat }) => seat);
}

export interface ClaimRow {
  readonly seat: number;
  readonly ticket_type: string | null;
  /** A price that the buyer was promised for it instead of that of the price version. */
  readonly amount: number | null;
  readonly active: boolean;
  /** Somebody has a live ticket for the seat. */
  readonly sold: boolean;
}

export function claimsOf(from: Query, bookingId: string): Promise<ClaimRow[]> {
  return from.query<ClaimRow>(
    `select seat, ticket_type, amount, active,
       exists (select from tickets t where t.event_id = c.event_id and t.seat = c.seat and t.live) as sold
     from claims c where booking_id = $1 order by seat`,
    [bookingId],
  );
}

/** The same seats with the types that the buyer has chosen. */
export async function ticketTypesOf(from: Query, bookingId: string): Promise<TicketTypes> {
  const rows = await from.query<Pick<ClaimRow, 'seat' | 'ticket_type'>>(
    'select seat, ticket_type from claims where booking_id = $1 order by seat',
    [bookingId],
  );
  return new Map(rows.map(({ seat, ticket_type }) => [seat, ticket_type]));
}

export interface TicketRow {
  readonly id: string;
  readonly seat: number;
  readonly amount: number;
  readonly live: boolean;
}

export function ticketsOf(from: Query, bookingId: string): Promise<TicketRow[]> {
  return from.query<TicketRow>('select id, seat, amount, live from tickets where booking_id = $1 order by seat', [
    bookingId,
  ]);
}

/** What goes back or has gone back for tickets, in minor units. */
export async function refundedOf(from: Query, bookingId: string): Promise<number> {
  const row = await from.one<{ sum: number }>(
    "select coalesce(sum(amount), 0)::int as sum from refunds where booking_id = $1 and status <> 'failed'",
    [bookingId],
  );
  return row?.sum ?? 0;
}

/** Those of the seats that have a live ticket. */
export async function soldAmong(from: Query, event: string, seats: readonly number[]): Promise<number[]> {
  const rows = await from.query<{ seat: number }>(
    'select seat from tickets where event_id = $1 and seat = any($2) and live',
    [event, seats],
  );
  return rows.map(({ seat }) => seat);
}

/** How a dispute about the booking stands that is not settled; undefined when its tickets are not frozen. */
export async function unsettledDispute(from: Query, bookingId: string): Promise<'inquiry' | 'open' | undefined> {
  const row = await from.one<{ status: 'inquiry' | 'open' }>(
    `select status from disputes where booking_id = $1 and status in ('inquiry', 'open')
     order by status = 'open' desc limit 1`,
    [bookingId],
  );
  return row?.status;
}

/** Whether the event has been called off. */
export async function isCancelled(from: Query, event: string): Promise<boolean> {
  return (await from.one("select id from events where id = $1 and status = 'cancelled'", [event])) !== undefined;
}

export async function changeStatus(tx: Query, id: string, to: BookingStatus, settled: boolean): Promise<void> {
  await tx.query(
    `with step as (insert into booking_steps (booking_id, status) values ($1, $2))
     update bookings set status = $2, settled = $3, updated_at = now() where id = $1`,
    [id, to, settled],
  );
}

/** The same booking has something left to tell Redis or the payment provider. */
export async function unsettle(tx: Query, id: string): Promise<void> {
  await tx.query('update bookings set settled = false, updated_at = now() where id = $1', [id]);
}

export async function changeClaims(tx: Query, bookingId: string, active: boolean): Promise<void> {
  await tx.query('update claims set active = $2 where booking_id = $1', [bookingId, active]);
}

export async function changePayment(
  tx: Query,
  intentId: string,
  { status, captured, refunded = 0 }: { status: PaymentStatus; captured: number; refunded?: number },
): Promise<void> {
  await tx.query(
    `update payments set status = $2, captured = greatest(captured, $3), refunded = greatest(refunded, $4), updated_at = now()
     where intent_id = $1`,
    [intentId, status, captured, refunded],
  );
}
