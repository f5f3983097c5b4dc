import { Fault } from '../core/faults.js';
import { newId } from '../core/random.js';
import { isCardOverLimit } from './buyer-limit.js';
import { apply, holdsMoney, record } from './effects.js';
import { handleLateMoney } from './late-money.js';
import type { CancelReason } from './payment.js';
import type { MoneyPorts } from './ports.js';
import { freeRefunded, sendRefunds } from './refunds.js';
import { releaseHold } from './release-hold.js';
import { type BookingRow, findBooking, findPayment, lockBooking, type PaymentRow, ticketsOf } from './rows.js';
import { hasEnded } from './states.js';

/**
 * What has to happen outside of a transaction after a booking has changed. It is read from the booking's rows, so it can
 * be begun by anyone, repeated, and taken up by the reconciler after a crash:
 *   capturing              capture at Stripe; or give it up, when the card has paid for too many tickets already
 *   confirmed, unsettled   Redis is told: sold; refunded seats are free again, and the money for them goes back
 *   refunded, unsettled    the same, of all seats
 *   ended, unsettled       money that came all the same is dealt with; Redis is told: released
 */
export interface FollowUp {
  /** @throws Fault `unavailable` when Stripe, Redis or Postgres cannot serve; the reconciler goes on then. */
  proceed(bookingId: string): Promise<void>;
  /** Asks Stripe how the payment stands, and goes on from there. */
  ask(bookingId: string): Promise<void>;
  /** As `ask`, but ends a payment that still waits for the buyer. */
  end(bookingId: string, reason: CancelReason): Promise<void>;
}

/** A booking changes a few times in its life; more would be a circle. */
const mostSteps = 8;
const graceMs = 120_000;

export function createFollowUp(ports: MoneyPorts): FollowUp {
  const { db, provider, catalog, log } = ports;

  async function proceed(bookingId: string): Promise<void> {
    for (let step = 0; step < mostSteps; step++) {
      const booking = await findBooking(db, bookingId);
      if (!booking || !(await next(booking, await findPayment(db, bookingId)))) return;
    }
    log.error({ bookingId }, 'a booking goes in circles');
  }

  /** One step; true when the booking has moved and there may be another. */
  async function next(booking: BookingRow, payment: PaymentRow | undefined): Promise<boolean> {
    if (booking.status === 'capturing' && payment) {
      const intent = (await isCardOverLimit(ports, booking, payment))
        ? await provider.cancel(payment.intent_id, 'duplicate')
        : await provider.capture(payment.intent_id);
      const recorded = await db.transaction((tx) => record(tx, catalog, intent));
      if (!recorded.usable) log.error({ bookingId: booking.id, why: recorded.why }, 'a captured payment is unusable');
      return recorded.usable && recorded.changed;
    }
    if (booking.settled) return false;
    if (booking.status === 'confirmed' || booking.status === 'refunded') {
      await tellSold(ports, booking);
      await freeRefunded(ports, booking);
      if (payment) await sendRefunds(ports, payment);
    } else if (hasEnded(booking.status)) {
      await tellReleased(ports, booking);
      if (payment && (holdsMoney(payment.status) || payment.status === 'returning')) {
        return handleLateMoney(ports, booking, payment);
      }
    } else return false;
    await settle(ports, booking);
    return false;
  }

  async function ask(bookingId: string): Promise<void> {
    await decide(bookingId, undefined);
  }

  async function end(bookingId: string, reason: CancelReason): Promise<void> {
    await decide(bookingId, reason);
  }

  async function decide(bookingId: string, reason: CancelReason | undefined): Promise<void> {
    const payment = await findPayment(db, bookingId);
    if (payment) {
      let intent = await provider.read(payment.intent_id);
      if (intent.authenticating && reason === 'abandoned' && (await grantGrace(ports, bookingId))) return;
      if (intent.status === 'open' && reason) intent = await provider.cancel(payment.intent_id, reason);
      const recorded = await db.transaction((tx) => record(tx, catalog, intent));
      if (!recorded.usable) log.error({ bookingId, why: recorded.why }, 'a payment is unusable');
    } else if (reason) await endUnpaid(ports, bookingId, reason);
    await proceed(bookingId);
  }

  return { proceed, ask, end };
}

/**
 * Whoever is being asked by their bank when the time is over gets some more, once: the page of a bank is slow, and a
 * payment that is cancelled under the buyer's hands looks like a theft. Not when the event is called off.
 */
async function grantGrace({ db, log }: MoneyPorts, bookingId: string): Promise<boolean> {
  const granted = await db.query(
    `update bookings b set expires_at = now() + ${graceMs} * interval '1 ms', graced = true, updated_at = now()
     where id = $1 and status = 'inProgress' and not graced
       and not exists (select from events where id = b.event_id and status = 'cancelled') returning id`,
    [bookingId],
  );
  if (granted.length > 0) log.info({ bookingId }, 'more time: the buyer is at their bank');
  return granted.length > 0;
}

/** Without a payment row no buyer has ever had a client secret: nobody can pay, and Stripe need not be asked. */
async function endUnpaid({ db, catalog }: MoneyPorts, bookingId: string, reason: CancelReason): Promise<void> {
  await db.transaction(async (tx) => {
    const booking = await lockBooking(tx, bookingId);
    if (booking?.status !== 'inProgress' || (await findPayment(tx, bookingId))) return;
    await apply(tx, catalog, booking, reason === 'abandoned' ? 'abandoned' : 'withdrawn');
  });
}

async function tellSold(ports: MoneyPorts, booking: BookingRow): Promise<void> {
  const { db, engine } = ports;
  const seats = (await ticketsOf(db, booking.id)).filter(({ live }) => live).map(({ seat }) => seat);
  // All were refunded before Redis heard of the sale.
  if (seats.length === 0) return tellReleased(ports, booking);
  const { outcome } = await engine.apply(booking.event_id, {
    kind: 'sell',
    opId: newId('op'),
    bookingId: booking.id,
    holdId: booking.hold_id,
    seats,
  });
  if (!outcome.ok) throw new Fault('internal', `sell refused: ${outcome.reason}`);
}

function tellReleased(ports: MoneyPorts, { id, event_id, hold_id }: BookingRow): Promise<void> {
  return releaseHold(ports, event_id, hold_id, { bookingId: id });
}

/** Unless the booking has changed meanwhile: then there is more to tell. */
async function settle({ db }: MoneyPorts, { id, row_version }: BookingRow): Promise<void> {
  await db.query('update bookings set settled = true where id = $1 and xmin::text = $2', [id, row_version]);
}
