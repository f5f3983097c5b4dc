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
  type ClaimRow,
  changeClaims,
  changePayment,
  claimsOf,
  findPaymentOfIntent,
  isCancelled,
  lockBookingOfIntent,
  type PaymentRow,
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
  const booking = await lockBookingOfIntent(tx, intent.id);
  if (!booking) return unusable('no booking has this intent');
  // Under the lock.
  const payment = await findPaymentOfIntent(tx, intent.id);
  assert(payment, 'the intent has been found before');
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
  const claims = await claimsOf(tx, booking.id);
  if ((to === 'capturing' || to === 'confirmed') && !(await mayHave(tx, booking, claims))) {
    to = advance(booking.status, 'refused');
    assert(to, 'a booking that can be paid can fail');
  }
  if (to === 'confirmed') await insertTickets(tx, catalog, booking, claims);
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
async function mayHave(tx: Query, { status, event_id }: BookingRow, claims: readonly ClaimRow[]): Promise<boolean> {
  if (status === 'inProgress' && (await isCancelled(tx, event_id))) return false;
  return claims.every(({ active, sold }) => active && !sold);
}

async function insertTickets(
  tx: Query,
  catalog: Pick<Catalog, 'chart'>,
  booking: BookingRow,
  claims: readonly ClaimRow[],
): Promise<void> {
  const { event_id: event, price_version: version } = booking;
  const seats = claims.map(({ seat }) => seat);
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
