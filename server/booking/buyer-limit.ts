import type { Transaction } from '../db/pool.js';
import type { MoneyPorts } from './ports.js';
import type { BookingRow, PaymentRow } from './rows.js';

/**
 * How many tickets one person may have of an event, over all their sessions. A person is known by three names: the account
 * (or guest session), the e-mail address without its `+tag`, and the card. The first two are looked at when the booking is
 * made, the card when it has been authorised and before anything is captured. What was refunded does not count.
 */
const mailbox = (column: string) => `regexp_replace(lower(${column}), '\\+[^@]*@', '@')`;

export interface BuyerNames {
  readonly holder: string;
  readonly email: string;
}

/** Whether `count` more would be too many. The names are locked until the end of the transaction. */
export async function isOverLimit(
  tx: Transaction,
  { event, holder, email, count }: BuyerNames & { readonly event: string; readonly count: number },
): Promise<boolean> {
  const limit = await limitOf(tx, event);
  if (limit === undefined) return false;
  if (count > limit) return true;
  const name = await tx.one<{ mailbox: string }>(`select ${mailbox('$1::text')} as mailbox`, [email]);
  // In one order everywhere, so that two who lock both do not wait for each other.
  for (const one of [holder, name?.mailbox ?? email].sort()) await tx.lock(`cavea:buyer:${event}:${one}`);
  const row = await tx.one<{ has: number }>(
    `select (
       (select count(*) from claims c join bookings b on b.id = c.booking_id
        where c.active and b.event_id = $1 and (b.holder = $2 or ${mailbox('b.buyer_email')} = $3))
       + (select count(*) from tickets t join bookings b on b.id = t.booking_id
        where t.live and b.event_id = $1 and (b.holder = $2 or ${mailbox('b.buyer_email')} = $3)))::int as has`,
    [event, holder, name?.mailbox ?? email],
  );
  return (row?.has ?? 0) + count > limit;
}

/** Whether the card has paid for too many already. Decided once for each payment. */
export async function isCardOverLimit(ports: MoneyPorts, booking: BookingRow, payment: PaymentRow): Promise<boolean> {
  const { db, provider } = ports;
  if ((await limitOf(db, booking.event_id)) === undefined) return false;
  const known = await cardOf(ports, payment.intent_id);
  if (known.card !== null) return known.over_limit;
  const card = await provider.cardOf(payment.intent_id);
  if (card === undefined) return false;
  return db.transaction(async (tx) => {
    const limit = await limitOf(tx, booking.event_id);
    await tx.lock(`cavea:card:${booking.event_id}:${card}`);
    const before = await cardOf({ db: tx }, payment.intent_id);
    if (before.card !== null) return before.over_limit;
    const row = await tx.one<{ has: number; wants: number }>(
      `select (
         (select count(*) from claims c join payments p on p.booking_id = c.booking_id
          where c.active and c.event_id = $1 and p.card = $2 and not p.over_limit)
         + (select count(*) from tickets t join payments p on p.booking_id = t.booking_id
          where t.live and t.event_id = $1 and p.card = $2))::int as has,
         (select count(*) from claims where booking_id = $3)::int as wants`,
      [booking.event_id, card, booking.id],
    );
    const over = limit !== undefined && (row?.has ?? 0) + (row?.wants ?? 0) > limit;
    await tx.query('update payments set card = $2, over_limit = $3 where intent_id = $1', [
      payment.intent_id,
      card,
      over,
    ]);
    return over;
  });
}

async function limitOf(from: Pick<Transaction, 'one'>, event: string): Promise<number | undefined> {
  const row = await from.one<{ max: number | null }>('select max_tickets_per_buyer as max from events where id = $1', [
    event,
  ]);
  return row?.max ?? undefined;
}

async function cardOf({ db }: { readonly db: Pick<Transaction, 'one'> }, intentId: string) {
  const row = await db.one<{ card: string | null; over_limit: boolean }>(
    'select card, over_limit from payments where intent_id = $1',
    [intentId],
  );
  return row ?? { card: null, over_limit: false };
}
