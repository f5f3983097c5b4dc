import type { Query } from '../db/pool.js';
import type { ShopEvent } from '../delivery/delivery.js';
import { queueShopEvent } from '../delivery/outbox.js';
import type { BookingStatus } from './booking.js';
import { transitionCount } from './figures.js';
import { changeStatus, refundedOf } from './rows.js';
import { readStaffBooking } from './staff-views.js';

/** What shops hear of; what is still under way is nobody's business but the buyer's. */
const events: Readonly<Partial<Record<BookingStatus, ShopEvent>>> = {
  confirmed: 'booking.confirmed',
  expired: 'booking.expired',
  cancelled: 'booking.cancelled',
  failed: 'booking.failed',
  refunded: 'booking.refunded',
};

/** A booking enters a state: its row, its history, the figures, and the shops that want to know, all or nothing. */
export async function enter(tx: Query, bookingId: string, to: BookingStatus, settled: boolean): Promise<void> {
  await changeStatus(tx, bookingId, to, settled);
  transitionCount.inc({ to });
  const event = events[to];
  if (event) await tellShops(tx, bookingId, event);
}

export async function tellShops(tx: Query, bookingId: string, event: ShopEvent): Promise<void> {
  await queueShopEvent(tx, event, bookingId, async () => {
    const booking = await readStaffBooking(tx, bookingId);
    if (!booking) throw new Error(`${bookingId} is missing`);
    const { id, event: eventId, status, buyer, amount, currency, tickets } = booking;
    const refunded = await refundedOf(tx, bookingId);
    // Who has come in is not a change of the booking.
    const shown = tickets.map(({ admittedAt: _admittedAt, ...ticket }) => ticket);
    return { id, event: eventId, status, buyer, amount, refunded, currency, tickets: shown };
  });
}
