import { Fault, unavailable } from '../core/faults.js';
import { newId } from '../core/random.js';
import { done, type Outcome, refused } from '../core/result.js';
import type { Query, Transaction } from '../db/pool.js';
import { queueLetter } from '../delivery/outbox.js';
import type { ProviderRefund } from './payment.js';
import type { MoneyPorts } from './ports.js';
import {
  type BookingRow,
  findPaymentOfIntent,
  lockBooking,
  type PaymentRow,
  soldAmong,
  type TicketRow,
  ticketsOf,
  unsettle,
  unsettledDispute,
} from './rows.js';
import { advance } from './states.js';
import { enter, tellShops } from './transition.js';
import { changed, nothingLeftToDo, review, type Verdict } from './verdict.js';

/**
 * Money that goes back for tickets of a confirmed booking. The tickets end in the transaction that records the refund;
 * the payment provider and Redis follow, and are asked again until they have.
 *
 *   from     to       by whom
 *   (none)   wanted   staff: the tickets are void, the money is owed
 *   (none)   done     staff, for free tickets and for what was paid elsewhere; or somebody at the provider's dashboard
 *   wanted   done     the provider has taken it on
 *   wanted   failed   the provider refuses: a person decides
 *   done     failed   the buyer's bank has sent the money back: a person decides
 */
export interface RefundWish {
  readonly bookingId: string;
  /** Ids of live tickets; all of the booking when undefined. */
  readonly tickets: readonly string[] | undefined;
  readonly reason: string;
  readonly staffId: string;
  /** The refund of the whole event that this one is a part of. */
  readonly eventRefundId?: string;
}

/**
 * In the caller's transaction, so that the audit row and the refund are there together.
 * @throws Fault `notFound` when there is no such booking.
 */
export async function wantRefund(
  tx: Transaction,
  { bookingId, tickets, reason, staffId, eventRefundId }: RefundWish,
): Promise<Outcome<{ refundId: string; event: string; amount: number }>> {
  const booking = await lockBooking(tx, bookingId);
  if (!booking) throw new Fault('notFound', 'There is no such booking.');
  if (booking.status !== 'confirmed') return refused('notRefundable');
  // The buyer's bank has the money: a refund would pay twice.
  if ((await unsettledDispute(tx, bookingId)) === 'open') return refused('disputed');
  const live = (await ticketsOf(tx, bookingId)).filter((ticket) => ticket.live);
  const ending = tickets ? live.filter(({ id }) => tickets.includes(id)) : live;
  if (ending.length === 0 || (tickets && ending.length < new Set(tickets).size)) return refused('notRefundable');
  const amount = sumOf(ending);
  // What was taken elsewhere is given back there.
  const isGivenBackHere = amount > 0 && !(await isSoldOutside(tx, bookingId));
  const refundId = newId('rfd');
  await tx.query(
    `insert into refunds (id, booking_id, amount, currency, status, staff_id, reason, event_refund_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[refundId, bookingId, amount, booking.currency, isGivenBackHere ? 'wanted' : 'done'],
      ...[staffId, reason, eventRefundId ?? null],
    ],
  );
  await endTickets(tx, booking, refundId, ending);
  return done({ refundId, event: booking.event_id, amount });
}

/** What the provider says about a refund, ours or not. */
export async function recordRefund(tx: Transaction, refund: ProviderRefund): Promise<Verdict> {
  const found = await findPaymentOfIntent(tx, refund.intentId);
  const booking = found && (await lockBooking(tx, found.booking_id));
  if (!booking) return review('a refund of a payment that was not made here');
  // Money that came late goes back as a whole; late-money.ts keeps the account of it.
  if (found.status === 'returning' || found.status === 'returned') return nothingLeftToDo;
  const known = await tx.one<{ id: string; status: string }>(
    'select id, status from refunds where booking_id = $1 and (id = $2 or provider_id = $3) for update',
    [booking.id, refund.refundId ?? '', refund.id],
  );
  if (!known) {
    if (refund.status === 'failed') return nothingLeftToDo;
    return endForeign(tx, booking, found, { ...refund, reason: 'made at the payment provider' });
  }
  await changeRefund(tx, known.id, refund);
  await countRefunded(tx, booking.id);
  const failed = refund.status === 'failed' && known.status !== 'failed';
  return failed ? review(`refund ${known.id} has failed`) : nothingLeftToDo;
}

/** Money that went back without us: of all that was left, or of the tickets that are named. */
export async function endForeign(
  tx: Transaction,
  booking: BookingRow,
  payment: PaymentRow,
  refund: Pick<ProviderRefund, 'id' | 'amount' | 'tickets'> & { readonly reason: string },
): Promise<Verdict> {
  const live = (await ticketsOf(tx, booking.id)).filter((ticket) => ticket.live);
  const named = live.filter(({ id }) => refund.tickets.includes(id));
  const ending = refund.amount === sumOf(live) ? live : refund.amount === sumOf(named) ? named : [];
  await tx.query(
    `insert into refunds (id, booking_id, amount, currency, status, provider_id, reason)
     values ($1, $2, $3, $4, 'done', $1, $5)`,
    [refund.id, booking.id, refund.amount, payment.currency, refund.reason],
  );
  await countRefunded(tx, booking.id);
  if (booking.status !== 'confirmed') return review(`a refund of a booking that is ${booking.status}`);
  if (ending.length === 0) return review('a refund that does not say of which tickets');
  await endTickets(tx, booking, refund.id, ending);
  return changed(booking.id);
}

/** Money that went back before we heard that it had come: now there are tickets that it was for. */
export async function endEarlier(tx: Transaction, booking: BookingRow): Promise<void> {
  const earlier = await tx.query<{ id: string; amount: number }>(
    `select id, amount from refunds r where booking_id = $1 and status = 'done' and staff_id is null
       and not exists (select from tickets where refund_id = r.id)`,
    [booking.id],
  );
  for (const { id, amount } of earlier) {
    const live = (await ticketsOf(tx, booking.id)).filter((ticket) => ticket.live);
    if (live.length > 0 && amount === sumOf(live)) await endTickets(tx, booking, id, live);
  }
}

async function isSoldOutside(from: Query, bookingId: string): Promise<boolean> {
  return (await from.query('select from outside_payments where booking_id = $1', [bookingId])).length > 0;
}

async function endTickets(
  tx: Transaction,
  booking: BookingRow,
  refundId: string,
  ending: readonly TicketRow[],
): Promise<void> {
  const ids = ending.map(({ id }) => id);
  await tx.query('update tickets set live = false, refund_id = $2 where id = any($1) and live', [ids, refundId]);
  const left = (await ticketsOf(tx, booking.id)).filter(({ live }) => live);
  const to = left.length === 0 ? advance(booking.status, 'refunded') : undefined;
  if (to) await enter(tx, booking.id, to, false);
  else {
    await unsettle(tx, booking.id);
    await tellShops(tx, booking.id, 'booking.partlyRefunded');
  }
  await queueLetter(tx, 'refunded', booking.id, { refundId });
}

async function changeRefund(tx: Query, id: string, { id: providerId, status }: ProviderRefund): Promise<void> {
  await tx.query('update refunds set status = $2, provider_id = $3, updated_at = now() where id = $1', [
    id,
    status,
    providerId,
  ]);
}

/** What the provider has sent back is the sum of what we know of. */
async function countRefunded(tx: Query, bookingId: string): Promise<void> {
  await tx.query(
    `update payments set updated_at = now(), refunded =
       (select coalesce(sum(amount), 0) from refunds where booking_id = $1 and status = 'done')
     where booking_id = $1`,
    [bookingId],
  );
}

/** Sends what is owed. @throws Fault `unavailable`: it is still owed. */
export async function sendRefunds({ db, provider, log }: MoneyPorts, payment: PaymentRow): Promise<void> {
  const wanted = await db.query<{ id: string; amount: number; tickets: string[] }>(
    `select r.id, r.amount, coalesce(array_agg(t.id) filter (where t.id is not null), '{}') as tickets
     from refunds r left join tickets t on t.refund_id = r.id
     where r.booking_id = $1 and r.status = 'wanted' group by r.id order by r.created_at`,
    [payment.booking_id],
  );
  for (const { id, amount, tickets } of wanted) {
    const sent = await provider.refundPart({ intentId: payment.intent_id, refundId: id, amount, tickets });
    if (sent) await db.transaction((tx) => recordRefund(tx, sent));
    else {
      log.error({ bookingId: payment.booking_id, refundId: id }, 'the payment provider refuses a refund');
      await db.query("update refunds set status = 'failed', updated_at = now() where id = $1 and status = 'wanted'", [
        id,
      ]);
    }
  }
}

/** Puts the seats of ended tickets back on sale, unless somebody else has a ticket for them already. */
export async function freeRefunded({ db, engine }: MoneyPorts, booking: BookingRow): Promise<void> {
  const rows = await db.query<{ refund_id: string; seats: number[] }>(
    `select refund_id, array_agg(seat) as seats from tickets
     where booking_id = $1 and refund_id is not null group by refund_id`,
    [booking.id],
  );
  for (const { refund_id: opId, seats } of rows) {
    const sold = new Set(await soldAmong(db, booking.event_id, seats));
    const free = seats.filter((seat) => !sold.has(seat));
    if (free.length === 0) continue;
    // The refund's id as opId: sent again it frees nothing that has been sold since.
    const { outcome } = await engine.apply(booking.event_id, {
      kind: 'unsell',
      opId,
      bookingId: booking.id,
      seats: free,
    });
    if (!outcome.ok) throw unavailable(`unsell refused: ${outcome.reason}`);
  }
}

function sumOf(tickets: readonly { readonly amount: number }[]): number {
  return tickets.reduce((sum, { amount }) => sum + amount, 0);
}
