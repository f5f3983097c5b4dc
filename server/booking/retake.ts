import { done, type Outcome, refused } from '../core/result.js';
import { isUniqueViolation, type Transaction } from '../db/pool.js';
import { holdsMoney } from './effects.js';
import type { MoneyPorts } from './ports.js';
import { type BookingRow, findPayment, isCancelled, lockBooking, soldAmong } from './rows.js';
import { advance } from './states.js';
import { enter } from './transition.js';

/**
 * A booking that has ended goes on to `capturing`, because its money came all the same and there are seats for it.
 * @param claim makes its claims active and says for which seats; undefined when it is not to have any.
 * @returns done, or refused: `gone` (it is not to have them), `closed` (the event is called off), `taken` (they are another's;
 * nothing has changed).
 */
export async function retake(
  { db }: Pick<MoneyPorts, 'db'>,
  bookingId: string,
  claim: (tx: Transaction, booking: BookingRow) => Promise<readonly number[] | undefined>,
): Promise<Outcome<object>> {
  try {
    return await db.transaction(async (tx) => {
      const booking = await lockBooking(tx, bookingId);
      const payment = await findPayment(tx, bookingId);
      const to = booking && advance(booking.status, 'retaken');
      if (!to || !payment || !holdsMoney(payment.status)) return refused('gone');
      if (await isCancelled(tx, booking.event_id)) return refused('closed');
      // Claims first: whoever sells these seats meanwhile is waited for, and then seen as sold.
      const seats = await claim(tx, booking);
      if (!seats) return refused('gone');
      if ((await soldAmong(tx, booking.event_id, seats)).length > 0) throw new SeatsSold();
      await enter(tx, bookingId, to, true);
      return done({});
    });
  } catch (error) {
    if (error instanceof SeatsSold || isUniqueViolation(error, 'one_active_claim_per_seat')) return refused('taken');
    throw error;
  }
}

class SeatsSold extends Error {}
