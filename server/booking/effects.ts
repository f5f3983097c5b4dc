import type { Catalog } from '../catalog/catalog.js';
import { assert } from '../core/assert.js';
import { newId } from '../core/random.js';
import type { Query, Transaction } from '../db/pool.js';
import { queueLetter } from '../delivery/outbox.js';
import type { BookingStatus } from './booking.js';
import { type Intent, laterPayment, type PaymentStatus, triggerOf } from './payment.js';
import { priceSeats } from './prices.js';
import { endEarlier } from './refunds.js';
import {
  type BookingRow,
  changeClaims,
  changePayment,
  claimsOf,
  findPaymentOfIntent,
  isCancelled,
  lockBooking,
  type PaymentRow,
  seatsOf,
  soldAmong,
  unsettle,
} from './rows.js';
import { advance, hasEnded, type Trigger } from './states.js';
import { enter } from './transition.js';

/**
 * What Stripe says about an intent becomes what Postgres says about its booking: the only place where it does, for
 * webhooks, for answers to our own calls and for the reconciler alike. All of it happens in the caller's transaction.
 */
export type Recorded =
  | { readonly usable: true; readonly bookingId: string; readonly changed: boolean }
  /** Nothing was done; `why` is for the person who looks at it. */
  | { readonly usable: false; readonly why: string };

export async function record(tx: Transaction, catalog: Pick<Catalog, 'chart'>, intent: Intent): Promise<Recorded> {
  const found = await findPaymentOfIntent(tx, intent.id);
  if (!found) return unusable('no booking has this intent');
  const booking = await lockBooking(tx, found.booking_id);
  // Again under the lock.
  const payment = await findPaymentOfIntent(tx, intent.id);
  assert(booking && payment, 'a payment has a booking');
  const objection = objectionTo(intent, booking, payment);
  if (objection) return unusable(objection);

  const status = laterPayment(payment.status, intent.status);
  await changePayment(tx, intent.id, { status, captured: intent.received });
  const trigger = triggerOf(intent);
  if (!trigger) return { usable: true, bookingId: booking.id, changed: false };
  if (hasEnded(booking.status) && holdsMoney(status)) {
    await unsettle(tx, booking.id);
    return { usable: true, bookingId: booking.id, changed: true };
  }
  const changed = await apply(tx, catalog, booking, trigger);
  return { usable: true, bookingId: booking.id, changed };
}

/** Moves a booking forward, with all that belongs to the new state. The caller holds the lock of its row. */
export async function apply(
  tx: Transaction,
  catalog: Pick<Catalog, 'chart'>,
  booking: BookingRow,
  trigger: Trigger,
): Promise<boolean> {
  let to = advance(booking.status, trigger);
  if (!to) return false;
  const seats = await seatsOf(tx, booking.id);
  if ((to === 'capturing' || to === 'confirmed') && !(await mayHave(tx, booking, seats))) {
    to = advance(booking.status, 'refused');
    assert(to, 'a booking that can be paid can fail');
  }
  if (to === 'confirmed') await insertTickets(tx, catalog, booking, seats);
  if (to === 'confirmed' || hasEnded(to)) await changeClaims(tx, booking.id, false);
  await enter(tx, booking.id, to, isSettledBy(to));
  if (to === 'confirmed') {
    await queueLetter(tx, 'tickets', booking.id);
    await endEarlier(tx, { ...booking, status: to });
  }
  return true;
}

/** Whether the provider has money of the buyer, or is about to, that nobody has begun to send back. */
export function holdsMoney(status: PaymentStatus): boolean {
  return status === 'authorised' || status === 'paid';
}

/** Redis need not be told that a payment is captured: for it the seats are being paid for, before and after. */
function isSettledBy(to: BookingStatus): boolean {
  return to === 'capturing';
}

function objectionTo(intent: Intent, booking: BookingRow, payment: PaymentRow): string | undefined {
  if (intent.bookingId !== undefined && intent.bookingId !== payment.booking_id) return 'names another booking';
  if (!holdsMoney(intent.status)) return undefined;
  if (intent.amount !== booking.amount || intent.currency !== booking.currency) return 'wrong amount or currency';
  if (intent.status === 'paid' && intent.received !== booking.amount) return 'not the whole amount was received';
  return undefined;
}

/** Nobody begins to pay for an event that is called off; and the seats are still the booking's. */
async function mayHave(tx: Query, booking: BookingRow, seats: readonly number[]): Promise<boolean> {
  if (booking.status === 'inProgress' && (await isCancelled(tx, booking.event_id))) return false;
  return ownsSeats(tx, booking, seats);
}

/** The claims are all active, and no ticket stands against them. */
async function ownsSeats(tx: Query, booking: BookingRow, seats: readonly number[]): Promise<boolean> {
  const lost = await tx.query('select from claims where booking_id = $1 and not active', [booking.id]);
  return lost.length === 0 && (await soldAmong(tx, booking.event_id, seats)).length === 0;
}

async function insertTickets(
  tx: Query,
  catalog: Pick<Catalog, 'chart'>,
  booking: BookingRow,
  seats: readonly number[],
): Promise<void> {
  const { event_id: event, price_version: version } = booking;
  const claims = await claimsOf(tx, booking.id);
  const ticketTypes = new Map(claims.map(({ seat, ticket_type }) => [seat, ticket_type]));
  const promised = new Map(claims.map(({ seat, amount }) => [seat, amount]));
  const priced = await priceSeats(tx, catalog, { event, version, seats, ticketTypes });
  const lines = priced.lines.map((line) => ({ ...line, amount: promised.get(line.seat) ?? line.amount }));
  const total = lines.reduce((sum, { amount }) => sum + amount, 0);
  assert(total === booking.amount, 'price versions are immutable');
  await tx.query(
    `insert into tickets (id, booking_id, event_id, seat, label, category, ticket_type, amount)
     select id, $1, $2, seat, label, category, ticket_type, amount
     from unnest($3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::int[])
       as line (id, seat, label, category, ticket_type, amount)`,
    [
      booking.id,
      event,
      lines.map(() => newId('tkt')),
      lines.map(({ seat }) => seat),
      lines.map(({ label }) => label),
      lines.map(({ category }) => category),
      lines.map(({ ticketType }) => ticketType),
      lines.map(({ amount }) => amount),
    ],
  );
}

function unusable(why: string): Recorded {
  return { usable: false, why };
}
