import { done, type Outcome, refused } from '../core/result.js';
import { writeAudit } from '../db/audit.js';
import { eventOfHold } from '../seatmap/hold-id.js';
import type { OutsideSale } from './booking.js';
import type { Creation } from './create.js';
import { apply } from './effects.js';
import type { MoneyPorts } from './ports.js';
import { type BookingRow, findBooking, findPayment, lockBooking } from './rows.js';

/**
 * A hold that was paid for elsewhere becomes tickets: the same steps as with a payment, but nobody is asked for money.
 *   hold → claim → booking in progress → confirmed, with the note of what was taken, in one transaction
 * Broken off before the last, its time runs out like that of any booking. The seats are sold once whoever asks: while the
 * buyer pays by card the sale is refused, and a sale that is made leaves the buyer nothing to pay.
 */
export async function sellOutside(
  ports: Pick<MoneyPorts, 'db' | 'engine' | 'catalog'>,
  creation: Pick<Creation, 'begin'>,
  sale: OutsideSale,
): Promise<Outcome<{ booking: BookingRow }>> {
  const { engine } = ports;
  const { holdId, buyer, ticketTypes } = sale;
  const { id } = sellerOf(sale);
  const before = await soldBefore(ports, holdId);
  if (before) return done({ booking: before });
  const event = eventOfHold(holdId);
  const hold = event === undefined ? undefined : await engine.hold(event, holdId);
  if (!hold) return refused('gone');
  if (hold.bookingId !== undefined) return refused('paying');
  const begun = await creation.begin(
    { id, holder: hold.holder },
    { holdId, buyer, ...(ticketTypes && { ticketTypes }) },
  );
  if (!begun.ok) return begun;
  const ended = await confirm(ports, begun.booking.id, sale);
  const booking = await soldBefore(ports, holdId);
  return booking ? done({ booking }) : refused(ended ? 'closed' : 'paying');
}

/** The sale of this hold, which may have been asked for before. */
async function soldBefore({ db }: Pick<MoneyPorts, 'db'>, holdId: string): Promise<BookingRow | undefined> {
  const found = await db.one<{ id: string }>(
    'select b.id from bookings b join outside_payments o on o.booking_id = b.id where b.hold_id = $1',
    [holdId],
  );
  return found && findBooking(db, found.id);
}

/** What was taken is noted only where tickets were issued for it. @returns whether the booking has ended instead. */
function confirm(
  { db, catalog }: Pick<MoneyPorts, 'db' | 'catalog'>,
  bookingId: string,
  sale: OutsideSale,
): Promise<boolean> {
  const { method, amount, reference } = sale;
  const { id, staff } = sellerOf(sale);
  return db.transaction(async (tx) => {
    const booking = await lockBooking(tx, bookingId);
    if (booking?.status !== 'inProgress' || (await findPayment(tx, bookingId))) return false;
    await apply(tx, catalog, booking, 'paid');
    if ((await findBooking(tx, bookingId))?.status !== 'confirmed') return true;
    await tx.query(
      'insert into outside_payments (booking_id, method, amount, reference, sold_by) values ($1, $2, $3, $4, $5)',
      [bookingId, method, amount, reference, id],
    );
    const detail = { bookingId, method, amount, reference, ...(staff === undefined && { key: id }) };
    await writeAudit(tx, { staff, action: 'booking.sell', event: booking.event_id, detail });
    return false;
  });
}

function sellerOf({ soldBy }: OutsideSale): { readonly id: string; readonly staff: string | undefined } {
  return 'staff' in soldBy ? { id: soldBy.staff, staff: soldBy.staff } : { id: soldBy.key, staff: undefined };
}
