import { nothingReleased, poolKeeper } from '../../protocol/accessible.js';
import { pickBest, type SeatPick } from '../../protocol/best/pick.js';
import { isWheelchair, seatIndex } from '../../protocol/best/seats.js';
import { getStatus, Status } from '../../protocol/status.js';
import { done, type Outcome, refused } from '../core/result.js';
import type { Query, Transaction } from '../db/pool.js';
import { queueLetter } from '../delivery/outbox.js';
import { newHoldId } from '../seatmap/hold-id.js';
import type { MoneyPorts } from './ports.js';
import { listOf, priceSeats } from './prices.js';
import { releaseHold } from './release-hold.js';
import { retake } from './retake.js';
import { type BookingRow, isCancelled, lockBooking, ticketTypesOf, unsettle } from './rows.js';

/**
 * Other seats for a buyer whose money came too late for theirs: as many side by side in the same price category, or in a
 * dearer one at the price that was paid. They are held for three minutes, in which the buyer says yes or no.
 *
 *   making → open → taken      the buyer wants them: the booking is theirs, and is captured
 *                 → declined   the buyer would rather have the money
 *                 → over       the time is over
 *   making → lost              somebody else was faster, or the sale is paused: the money goes back
 *   open   → lost              a yes found them to be another's in Postgres: the money goes back
 *   making, open → over        the event is called off
 *
 * The row comes first, so that whoever goes on after a crash finds which seats were meant; the hold is named by it.
 */
export interface OfferRow {
  readonly booking_id: string;
  readonly hold_id: string;
  readonly seats: number[];
  readonly status: 'making' | 'open' | 'taken' | 'declined' | 'over' | 'lost';
  readonly expires_at: Date;
  readonly is_over: boolean;
}

const offerMs = 180_000;
const mostRuns = 8;
const columns = 'booking_id, hold_id, seats, status, expires_at, expires_at <= now() as is_over';

export function findOffer(from: Query, bookingId: string): Promise<OfferRow | undefined> {
  return from.one<OfferRow>(`select ${columns} from offers where booking_id = $1`, [bookingId]);
}

/**
 * @param known the booking's offer; undefined when there has never been one.
 * @returns whether an offer stands, so that the money has to wait for the buyer's answer.
 */
export async function keepOffer(ports: MoneyPorts, booking: BookingRow, known: OfferRow | undefined): Promise<boolean> {
  const cancelled = await isCancelled(ports.db, booking.event_id);
  if (!known) return !cancelled && makeOffer(ports, booking);
  if (known.status === 'making' && !cancelled) return holdSeats(ports, booking, known.hold_id, [known.seats]);
  if (known.status === 'open' && !known.is_over && !cancelled) return true;
  await endOffer(ports, booking.id, 'over');
  if (known.status !== 'taken') await releaseHold(ports, booking.event_id, known.hold_id, { bookingId: booking.id });
  return false;
}

async function makeOffer(ports: MoneyPorts, booking: BookingRow): Promise<boolean> {
  const runs = await findSeats(ports, booking);
  if (runs.length === 0) return false;
  await ports.db.query(
    `insert into offers (booking_id, hold_id, seats, status, expires_at) values ($1, $2, $3, 'making', now())
     on conflict do nothing`,
    [booking.id, newHoldId(booking.event_id), runs[0]],
  );
  // Another process may have been first.
  const offer = await findOffer(ports.db, booking.id);
  return offer?.status === 'making' ? holdSeats(ports, booking, offer.hold_id, runs) : offer?.status === 'open';
}

/** The hold is taken over by the booking at once, so that it does not lapse before the buyer has answered. */
async function holdSeats(
  ports: MoneyPorts,
  booking: BookingRow,
  holdId: string,
  candidates: readonly (readonly number[])[],
): Promise<boolean> {
  const { engine } = ports;
  const { id: bookingId, holder, event_id: event } = booking;
  const opId = `offer.${bookingId}`;
  const held = await engine.apply(event, { kind: 'hold', opId, holder, holdId, candidates });
  const claimed = held.outcome.ok
    ? await engine.apply(event, { kind: 'claim', opId: `${opId}.claim`, holder, holdId, bookingId })
    : held;
  const hold = claimed.outcome.ok ? claimed.outcome.hold : undefined;
  if (!hold) {
    await endOffer(ports, bookingId, 'lost');
    return false;
  }
  await ports.db.transaction(async (tx) => {
    const opened = await tx.query(
      `update offers set status = 'open', seats = $2,
         expires_at = least(now() + ${offerMs} * interval '1 ms', to_timestamp($3::float8 / 1000))
       where booking_id = $1 and status = 'making' returning booking_id`,
      [bookingId, hold.seats, hold.expiresAt],
    );
    if (opened.length > 0) await queueLetter(tx, 'offer', bookingId);
  });
  return true;
}

async function endOffer({ db }: MoneyPorts, bookingId: string, status: 'over' | 'lost'): Promise<void> {
  await db.query("update offers set status = $2 where booking_id = $1 and status in ('making', 'open')", [
    bookingId,
    status,
  ]);
}

/** The buyer has the seats, and the booking goes on as if they had been the first ones. */
export async function takeOffer(ports: MoneyPorts, bookingId: string): Promise<Outcome<object>> {
  const { db, catalog } = ports;
  const taken = await retake(ports, bookingId, async (tx, booking) => {
    const offer = await findOffer(tx, bookingId);
    if (offer?.status !== 'open' || offer.is_over) return undefined;
    await moveClaims(tx, catalog, booking, offer);
    await tx.query("update offers set status = 'taken' where booking_id = $1", [bookingId]);
    await tx.query('update bookings set hold_id = $2 where id = $1', [bookingId, offer.hold_id]);
    return offer.seats;
  });
  if (!taken.ok && taken.reason === 'taken') await db.transaction((tx) => close(tx, bookingId, 'lost'));
  return taken;
}

/** The buyer would rather have the money. */
export async function declineOffer({ db }: MoneyPorts, bookingId: string): Promise<Outcome<object>> {
  const declined = await db.transaction((tx) => close(tx, bookingId, 'declined'));
  return declined ? done({}) : refused('gone');
}

/** What is left to do, the money, follows. @returns false when no offer stands. */
async function close(tx: Transaction, bookingId: string, to: 'declined' | 'lost'): Promise<boolean> {
  await lockBooking(tx, bookingId);
  const closed = await tx.query(
    "update offers set status = $2 where booking_id = $1 and status = 'open' returning booking_id",
    [bookingId, to],
  );
  if (closed.length > 0) await unsettle(tx, bookingId);
  return closed.length > 0;
}

/** Seat by seat, in the order of what was paid: each new one costs what its forerunner did. */
async function moveClaims(
  tx: Transaction,
  catalog: MoneyPorts['catalog'],
  booking: BookingRow,
  { seats }: OfferRow,
): Promise<void> {
  const old = await linesOf(tx, catalog, booking);
  await tx.query('delete from claims where booking_id = $1', [booking.id]);
  await tx.query(
    `insert into claims (booking_id, event_id, seat, ticket_type, amount)
     select $1, $2, seat, ticket_type, amount from unnest($3::int[], $4::text[], $5::int[]) as s (seat, ticket_type, amount)`,
    [booking.id, booking.event_id, seats, old.map(({ ticketType }) => ticketType), old.map(({ amount }) => amount)],
  );
}

async function linesOf(from: Query, catalog: MoneyPorts['catalog'], { id, event_id, price_version }: BookingRow) {
  const ticketTypes = await ticketTypesOf(from, id);
  const choice = { event: event_id, version: price_version, seats: [...ticketTypes.keys()], ticketTypes };
  return (await priceSeats(from, catalog, choice)).lines;
}

/**
 * Runs of as many free seats, the best first: those of the dearest category of the booking, then those of dearer ones,
 * the least dear first. A booking over several categories gets seats that are worth its dearest.
 */
async function findSeats(ports: MoneyPorts, booking: BookingRow): Promise<(readonly number[])[]> {
  const { db, engine, catalog } = ports;
  const { event_id: event, price_version: version } = booking;
  const row = await db.one<{ chart_hash: string }>('select chart_hash from events where id = $1', [event]);
  const stored = row && (await catalog.chart(row.chart_hash));
  if (!stored) return [];
  const { chart } = stored;
  const { status } = await engine.snapshot(event);
  const { prices } = await listOf(db, event, version);
  const lines = await linesOf(db, catalog, booking);
  // Whoever had a wheelchair space needs one.
  const accessible = lines.some(({ seat }) => isWheelchair(chart, seat));
  const isKept = accessible ? () => false : poolKeeper(chart, nothingReleased);
  const picture = { free: (seat: number) => getStatus(status, seat) === Status.available && !isKept(seat) };
  const paid = Math.max(...lines.map(({ category }) => prices.find((one) => one.category === category)?.amount ?? 0));
  const worthy = prices.filter(({ amount }) => amount >= paid).sort((a, b) => a.amount - b.amount);
  const found: SeatPick[] = [];
  for (const { category } of worthy) {
    const wish = { count: lines.length, categories: [chart.categories.indexOf(category)], accessible };
    found.push(...pickBest(seatIndex(chart), picture, wish, mostRuns - found.length));
    if (found.length >= mostRuns) break;
  }
  return found.map(({ seats }) => seats);
}
