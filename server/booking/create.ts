import { assert } from '../core/assert.js';
import { isUnavailable, reasonOf, unavailable } from '../core/faults.js';
import { newId } from '../core/random.js';
import { done, type Outcome, type Refused, refused } from '../core/result.js';
import { isUniqueViolation } from '../db/pool.js';
import type { Session } from '../identity/identity.js';
import { eventOfHold, newHoldId } from '../seatmap/hold-id.js';
import type { HoldRecord } from '../seatmap/operations.js';
import type { BookingRequest, TicketTypes } from './booking.js';
import { isOverLimit } from './buyer-limit.js';
import { apply } from './effects.js';
import type { MoneyPorts } from './ports.js';
import { type PricedSeats, priceSeats, refusalOfTypes } from './prices.js';
import { releaseHold } from './release-hold.js';
import {
  type BookingRow,
  findBooking,
  findBookingOfHold,
  findPayment,
  isCancelled,
  lockBooking,
  soldAmong,
  ticketTypesOf,
} from './rows.js';
import { hasEnded } from './states.js';

/**
 * From a hold to a booking that can be paid:
 *   booking id drawn → claim in Redis → booking and claims in Postgres, one transaction → PaymentIntent → payment row
 * The claim names the booking. The buyer who asks for the same hold meanwhile, or after a crash or an outage that came
 * before the rows, goes on with the booking that the claim names: there can be only one, and nobody else has got the
 * seats. Ticket types are looked at before the claim, because a claim that is given up gives up the seats too.
 * If nobody asks again, the reconciler releases a claim whose booking Postgres does not know, and the time of a booking
 * in progress ends it. The buyer gets the client secret only when the payment row is committed.
 */
export interface Creation {
  create(session: Buyer, request: BookingRequest): Promise<Outcome<{ booking: BookingRow }>>;
  /** As `create`, but for the payment. */
  begin(session: Buyer, request: BookingRequest): Promise<Outcome<{ booking: BookingRow }>>;
}

/** Who buys; `id` is that of the session, or of the key that sells. */
type Buyer = Pick<Session, 'id' | 'holder'>;

type SeatsRequest = Extract<BookingRequest, { eventId: string }>;

const allFirst: TicketTypes = new Map();

interface Held {
  readonly holdId: string;
}

interface Begun {
  readonly booking: BookingRow;
  /** Made by this very request: nobody else can have done anything to it. */
  readonly isNew: boolean;
}

interface Claimed {
  readonly hold: HoldRecord;
  readonly bookingId: string;
  readonly event: string;
}

export function createCreation(
  ports: MoneyPorts,
  onSecret: (intentId: string, clientSecret: string) => void,
): Creation {
  const { db, engine, catalog, provider, log } = ports;

  async function create(session: Buyer, request: BookingRequest): Promise<Outcome<{ booking: BookingRow }>> {
    const begun = await begin(session, request);
    return begun.ok ? goOn(begun, request) : begun;
  }

  async function begin(session: Buyer, request: BookingRequest): Promise<Outcome<Begun>> {
    const held = 'holdId' in request ? done({ holdId: request.holdId }) : await hold(session, request);
    if (!held.ok) return held;
    const { holdId } = held;
    const known = await findBookingOfHold(db, session.holder, holdId);
    if (known) return done({ booking: known, isNew: false });
    const claimed = (await objectionTo(session, holdId, request)) ?? (await claim(session, holdId));
    if (!claimed.ok) {
      // A hold that was made here is unknown to the caller, so nobody else would end it.
      if ('eventId' in request) await releaseHold(ports, request.eventId, holdId, { holder: session.holder });
      return claimed;
    }
    return insertOrRelease(session, request, claimed);
  }

  /** Undefined when the hold can be sold with the ticket types that are asked for. */
  async function objectionTo(
    { holder }: Buyer,
    holdId: string,
    { ticketTypes = allFirst }: BookingRequest,
  ): Promise<Refused | undefined> {
    const event = eventOfHold(holdId);
    if (!event || ticketTypes.size === 0) return undefined;
    const hold = await engine.hold(event, holdId);
    if (hold?.holder !== holder) return refused('gone');
    return refusalOfTypes(db, { event, version: hold.priceVersion, seats: hold.seats, ticketTypes });
  }

  /** The payment that this booking still lacks; whatever has been done already is not done again. */
  async function goOn(
    { booking, isNew }: Begun,
    { ticketTypes = allFirst }: BookingRequest,
  ): Promise<Outcome<{ booking: BookingRow }>> {
    if (hasEnded(booking.status) || booking.status === 'refunded') return refused('gone');
    if (!isNew) {
      // Its amount is fixed: the buyer must not pay another one than they have just asked for.
      const chosen = [...(await ticketTypesOf(db, booking.id))];
      if (chosen.some(([seat, type]) => type !== (ticketTypes.get(seat) ?? null))) return refused('paying');
      if (booking.status !== 'inProgress' || (await findPayment(db, booking.id))) return done({ booking });
    }
    if (booking.amount === 0) await confirmFree(booking.id);
    else if (!(await addPayment(booking))) return refused('gone');
    const now = await findBooking(db, booking.id);
    return now && !hasEnded(now.status) ? done({ booking: now }) : refused('gone');
  }

  async function hold({ holder }: Buyer, { eventId, seats, opId }: SeatsRequest): Promise<Outcome<Held>> {
    const holdId = newHoldId(eventId);
    const { outcome } = await engine.apply(eventId, {
      kind: 'hold',
      opId,
      holder,
      holdId,
      candidates: [seats],
    });
    // Asked again, it is the hold of the first time.
    return outcome.ok ? done({ holdId: outcome.hold?.id ?? holdId }) : outcome;
  }

  async function claim(session: Buyer, holdId: string): Promise<Outcome<Claimed>> {
    const event = eventOfHold(holdId);
    if (!event) return refused('gone');
    const bookingId = newId('bkg');
    const { holder } = session;
    const { outcome } = await engine.apply(event, { kind: 'claim', opId: newId('op'), holder, holdId, bookingId });
    if (!outcome.ok) return outcome.reason === 'paying' ? claimBefore(session, event, holdId) : outcome;
    if (!outcome.hold) throw new Error('a claim answers with its hold');
    return done({ hold: outcome.hold, bookingId, event });
  }

  /** The claim that the same buyer's other request has made, or made before a crash. */
  async function claimBefore({ holder }: Buyer, event: string, holdId: string): Promise<Outcome<Claimed>> {
    const hold = await engine.hold(event, holdId);
    if (hold?.holder !== holder || !hold.bookingId) return refused('gone');
    return done({ hold, bookingId: hold.bookingId, event });
  }

  /** Refused by Postgres, the seats are given back. When Postgres cannot answer they wait for the buyer to ask again. */
  async function insertOrRelease(session: Buyer, request: BookingRequest, claimed: Claimed): Promise<Outcome<Begun>> {
    const { hold, bookingId, event } = claimed;
    const { priceVersion: version, seats } = hold;
    const { ticketTypes = allFirst } = request;
    let inserted: Outcome<Pick<Begun, 'isNew'>>;
    try {
      const priced = await priceSeats(db, catalog, { event, version, seats, ticketTypes });
      inserted = await insertBooking(session, request, claimed, priced);
      if (!inserted.ok) {
        await giveBack(claimed);
        return inserted;
      }
    } catch (error) {
      // Nobody knows what Postgres has done, or will have done a moment later.
      if (!isUnavailable(error)) await giveBack(claimed);
      throw error;
    }
    const booking = await findBooking(db, bookingId);
    assert(booking, 'what was inserted is there');
    return done({ booking, isNew: inserted.isNew });
  }

  async function giveBack({ hold, bookingId, event }: Claimed): Promise<void> {
    try {
      await releaseHold(ports, event, hold.id, { bookingId });
    } catch (error) {
      const reason = reasonOf(error);
      log.warn({ bookingId, reason }, 'a claim is left to the reconciler');
    }
  }

  /** The unique index on active claims has the last word, whatever Redis says. */
  async function insertBooking(
    session: Buyer,
    { buyer, ticketTypes = allFirst }: BookingRequest,
    { hold, bookingId, event }: Claimed,
    { total, currency }: PricedSeats,
  ): Promise<Outcome<Pick<Begun, 'isNew'>>> {
    try {
      return await db.transaction(async (tx) => {
        const wish = { event, holder: session.holder, email: buyer.email, count: hold.seats.length };
        if (await isOverLimit(tx, wish)) throw new NotInserted(refused('limit'));
        await tx.query(
          `with step as (insert into booking_steps (booking_id, status) values ($1, 'inProgress'))
           insert into bookings (id, event_id, hold_id, holder, session_id, status, amount, currency, price_version,
             buyer_name, buyer_email, expires_at, settled)
           values ($1, $2, $3, $4, $5, 'inProgress', $6, $7, $8, $9, $10, to_timestamp($11::float8 / 1000), true)`,
          [
            ...[bookingId, event, hold.id, session.holder, session.id, total, currency, hold.priceVersion],
            ...[buyer.name, buyer.email, hold.expiresAt],
          ],
        );
        // In a statement of its own: of two requests for one hold the second finds the booking, not its claims.
        await tx.query(
          `insert into claims (booking_id, event_id, seat, ticket_type)
           select $1, $2, seat, ticket_type from unnest($3::int[], $4::text[]) as s (seat, ticket_type)`,
          [bookingId, event, hold.seats, hold.seats.map((seat) => ticketTypes.get(seat) ?? null)],
        );
        // After the claims, in a statement of its own: a sale that the insert has waited for is seen here.
        const sold = await soldAmong(tx, event, hold.seats);
        if (sold.length > 0) throw new NotInserted(refused('taken', sold));
        // Whoever cancels the event locks its row, to which the booking refers: one of the two sees the other.
        if (await isCancelled(tx, event)) throw new NotInserted(refused('closed'));
        return done({ isNew: true });
      });
    } catch (error) {
      if (error instanceof NotInserted) return error.refusal;
      // The same buyer's other request was first.
      if (isUniqueViolation(error, 'bookings_pkey')) return done({ isNew: false });
      if (isUniqueViolation(error, 'one_active_claim_per_seat')) return refused('taken', hold.seats);
      throw error;
    }
  }

  /** False when the booking ended while Stripe was making the intent: that one is cancelled again, unseen by anyone. */
  async function addPayment({ id: bookingId, amount, currency }: BookingRow): Promise<boolean> {
    const { intent, attempt } = await provider.create({ bookingId, amount, currency });
    if (!intent.clientSecret) throw unavailable('The payment provider gave no client secret.');
    // The booking's lock is waited for, and with it for whoever ends the booking or makes its payment.
    const kept = await db.one(
      `insert into payments (intent_id, booking_id, attempt, status, amount, currency)
       select $1, id, $3, $4, $5, $6 from bookings where id = $2 and status = 'inProgress' for update
       on conflict do nothing returning intent_id`,
      [intent.id, bookingId, attempt, intent.status, amount, currency],
    );
    const other = kept ? undefined : await findPayment(db, bookingId);
    if (kept || other?.intent_id === intent.id) onSecret(intent.id, intent.clientSecret);
    else await provider.cancel(intent.id, 'abandoned');
    return kept !== undefined || other !== undefined;
  }

  async function confirmFree(bookingId: string): Promise<void> {
    await db.transaction(async (tx) => {
      const booking = await lockBooking(tx, bookingId);
      if (booking) await apply(tx, catalog, booking, 'paid');
    });
  }

  return { create, begin };
}

class NotInserted extends Error {
  readonly refusal: Refused;

  constructor(refusal: Refused) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}
