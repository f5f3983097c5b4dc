import { getStatus, Status } from '../../protocol/status.js';
import { unavailable } from '../core/faults.js';
import { queueLetter } from '../delivery/outbox.js';
import { holdsMoney } from './effects.js';
import { lateMoneyCount } from './figures.js';
import { findOffer, keepOffer } from './offers.js';
import type { Intent } from './payment.js';
import type { MoneyPorts } from './ports.js';
import { retake } from './retake.js';
import {
  type BookingRow,
  changeClaims,
  changePayment,
  findPayment,
  lockBooking,
  type PaymentRow,
  seatsOf,
} from './rows.js';
import { advance } from './states.js';

/**
 * Money for a booking that has ended. Exactly the same seats are taken again when they are still free; otherwise others as
 * good are offered (offers.ts). Where there are none, the buyer does not want them, had withdrawn, or the event is called
 * off, the money goes back:
 *   authorised | paid → returning → cancelled (an authorisation) or returned (captured money)
 * Which of the two it is, is decided in Postgres under the booking's lock, so that only one of them can ever happen.
 *
 * @returns true when the booking has moved: it is capturing again, or its money is on the way back; false while the
 * buyer's answer is waited for.
 */
export async function handleLateMoney(ports: MoneyPorts, booking: BookingRow, payment: PaymentRow): Promise<boolean> {
  const { provider } = ports;
  const intent = await provider.read(payment.intent_id);
  if (payment.status === 'returning') return giveBack(ports, booking.id, intent);
  if (intent.status === 'open' || intent.status === 'processing') throw unavailable('The payment is undecided.');
  const wanted = advance(booking.status, 'retaken') !== undefined && intent.status !== 'cancelled';
  if (wanted) {
    const offer = await findOffer(ports.db, booking.id);
    if (!offer && (await retakeIfFree(ports, booking))) return true;
    if (await keepOffer(ports, booking, offer)) return false;
  }
  await markReturning(ports, booking);
  return true;
}

async function retakeIfFree(ports: MoneyPorts, booking: BookingRow): Promise<boolean> {
  if (!(await areFree(ports, booking))) return false;
  const retaken = await retake(ports, booking.id, async (tx, { id }) => {
    await changeClaims(tx, id, true);
    return seatsOf(tx, id);
  });
  if (!retaken.ok) return false;
  ports.log.warn({ bookingId: booking.id }, 'money came late; the same seats were still free');
  lateMoneyCount.inc({ outcome: 'retaken' });
  return true;
}

/** As Redis sees it: nobody else has put them into a cart. Postgres is asked by `retake`. */
async function areFree({ db, engine }: MoneyPorts, booking: BookingRow): Promise<boolean> {
  const { status } = await engine.snapshot(booking.event_id);
  const seats = await seatsOf(db, booking.id);
  return seats.every((seat) => getStatus(status, seat) === Status.available);
}

/** Unless another process has decided about it meanwhile. */
async function markReturning({ db, log }: MoneyPorts, { id, status }: BookingRow): Promise<void> {
  await db.transaction(async (tx) => {
    const booking = await lockBooking(tx, id);
    const payment = await findPayment(tx, id);
    if (booking?.status !== status || !payment || !holdsMoney(payment.status)) return;
    await changePayment(tx, payment.intent_id, { status: 'returning', captured: 0 });
    log.warn({ bookingId: id }, 'money came late and goes back');
  });
}

async function giveBack({ db, provider }: MoneyPorts, bookingId: string, intent: Intent): Promise<boolean> {
  const now = intent.status === 'authorised' ? await provider.cancel(intent.id, 'abandoned') : intent;
  if (now.status === 'paid') await provider.refund(now.id);
  else if (now.status !== 'cancelled') throw unavailable('The payment is undecided.');
  const refunded = now.status === 'paid' ? now.received : 0;
  await db.transaction(async (tx) => {
    await lockBooking(tx, bookingId);
    if ((await findPayment(tx, bookingId))?.status === 'returned') return;
    await changePayment(tx, now.id, { status: 'returned', captured: now.received, refunded });
    await queueLetter(tx, 'moneyReturned', bookingId, { refunded });
  });
  lateMoneyCount.inc({ outcome: refunded > 0 ? 'refunded' : 'voided' });
  return true;
}
