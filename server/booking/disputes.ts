import type { Query, Transaction } from '../db/pool.js';
import type { DisputeStatus, ProviderDispute } from './payment.js';
import { endForeign, type Noted } from './refunds.js';
import { findPaymentOfIntent, lockBooking } from './rows.js';

/**
 * A buyer has asked their bank to take a payment back. The payment provider argues with the bank; nothing is to be done
 * here but to keep the tickets from being used meanwhile, and to end them when the money is lost.
 *
 *   inquiry → open → won | lost      any may come first, and none comes back
 *     inquiry  the bank asks: tickets are frozen, and a refund settles it
 *     open     the bank has the money: tickets are frozen, and a refund would pay twice
 *     won      the money is ours: tickets are valid
 *     lost     the money is the buyer's: it counts as given back, tickets end, their seats are free
 */
const order: readonly DisputeStatus[] = ['inquiry', 'open', 'won', 'lost'];

export async function recordDispute(tx: Transaction, dispute: ProviderDispute): Promise<Noted> {
  const payment = await findPaymentOfIntent(tx, dispute.intentId);
  const booking = payment && (await lockBooking(tx, payment.booking_id));
  if (!booking) return { review: 'a dispute about a payment that was not made here', changed: undefined };
  const before = await tx.one<{ status: DisputeStatus }>('select status from disputes where id = $1', [dispute.id]);
  if (before && isSettled(before.status)) return { review: undefined, changed: undefined };
  if (before && order.indexOf(before.status) >= order.indexOf(dispute.status)) {
    return { review: undefined, changed: undefined };
  }
  await tx.query(
    `insert into disputes (id, booking_id, amount, currency, reason, status) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update set status = excluded.status, amount = excluded.amount, updated_at = now()`,
    [dispute.id, booking.id, dispute.amount, payment.currency, dispute.reason, dispute.status],
  );
  if (dispute.status !== 'lost') return { review: undefined, changed: undefined };
  return endForeign(tx, booking, payment, { ...dispute, tickets: [], reason: 'dispute lost' });
}

function isSettled(status: DisputeStatus): boolean {
  return status === 'won' || status === 'lost';
}

/** Whether the booking's tickets are frozen. */
export async function isDisputed(from: Query, bookingId: string): Promise<boolean> {
  const sql = "select from disputes where booking_id = $1 and status in ('inquiry', 'open') limit 1";
  return (await from.query(sql, [bookingId])).length > 0;
}
