import type { Transaction } from '../db/pool.js';
import type { DisputeStatus, ProviderDispute } from './payment.js';
import { endForeign } from './refunds.js';
import { findPaymentOfIntent, lockBooking } from './rows.js';
import { nothingLeftToDo, review, type Verdict } from './verdict.js';

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

export async function recordDispute(tx: Transaction, dispute: ProviderDispute): Promise<Verdict> {
  const payment = await findPaymentOfIntent(tx, dispute.intentId);
  const booking = payment && (await lockBooking(tx, payment.booking_id));
  if (!booking) return review('a dispute about a payment that was not made here');
  const before = await tx.one<{ status: DisputeStatus }>('select status from disputes where id = $1', [dispute.id]);
  if (before && !comesAfter(dispute.status, before.status)) return nothingLeftToDo;
  await tx.query(
    `insert into disputes (id, booking_id, amount, currency, reason, status) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update set status = excluded.status, amount = excluded.amount, updated_at = now()`,
    [dispute.id, booking.id, dispute.amount, payment.currency, dispute.reason, dispute.status],
  );
  if (dispute.status !== 'lost') return nothingLeftToDo;
  return endForeign(tx, booking, payment, { ...dispute, tickets: [], reason: 'dispute lost' });
}

function comesAfter(status: DisputeStatus, before: DisputeStatus): boolean {
  return before !== 'won' && order.indexOf(status) > order.indexOf(before);
}
