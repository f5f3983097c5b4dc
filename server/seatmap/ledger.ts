import { Fault } from '../core/faults.js';
import type { Database, Query, Transaction } from '../db/pool.js';
import { type EventRules, type EventShape, NOT_YET, type RebuildInput } from './operations.js';

/** What Postgres, the system of record, says of an event's seats. */
export interface Ledger {
  /**
   * Runs `work` while no other process works on the same event.
   * @throws Fault `unavailable` when Postgres cannot answer or another process keeps the event for too long.
   */
  exclusively<T>(event: string, work: (page: LedgerPage) => Promise<T>): Promise<T>;
}

/** One event's page of the ledger, read as of the call. Both throw Fault `notFound` when there is no such event. */
export interface LedgerPage {
  rules(): Promise<EventRules>;
  /** Everything that a rebuild writes, under a new generation number. */
  rebuildInput(): Promise<RebuildInput>;
}

export function createLedger(options: {
  readonly db: Database;
  readonly shape: (chartHash: string) => Promise<EventShape | undefined>;
}): Ledger {
  const { db, shape } = options;
  return {
    exclusively(event, work) {
      return db.transaction(async (tx) => {
        await lockSeats(tx, event);
        return work({
          rules: async () => rulesOf(await eventRow(tx, event)),
          rebuildInput: () => readAll(tx, event, shape),
        });
      });
    },
  };
}

interface EventRow {
  readonly chart_hash: string;
  readonly status: string;
  readonly opens_at: Date;
  readonly closes_at: Date | null;
  readonly room_on: boolean;
  readonly max_seats_per_holder: number;
  readonly hold_budget_ms: number;
  readonly hold_ttl_ms: number;
  readonly hold_cap_ms: number;
  readonly pay_window_ms: number;
  readonly price_version: number;
}

async function eventRow(query: Query, event: string): Promise<EventRow> {
  const row = await query.one<EventRow>(
    `select chart_hash, status, opens_at, closes_at, room_on, max_seats_per_holder, hold_budget_ms,
       hold_ttl_ms, hold_cap_ms, pay_window_ms, price_version
     from events where id = $1`,
    [event],
  );
  if (!row) throw new Fault('notFound', 'There is no such event.');
  return row;
}

/** A sale window that has not come, and one that is over. */
const notYet = { opensAt: NOT_YET, closesAt: 0 };
const over = { opensAt: 0, closesAt: 1 };

/** Only `onSale` sells: an event that is announced has dates, but nobody has put it on sale. */
function rulesOf(row: EventRow): EventRules {
  return {
    ...saleWindow(row),
    paused: row.status === 'paused',
    roomOn: row.room_on,
    maxSeatsPerHolder: row.max_seats_per_holder,
    holdBudgetMs: row.hold_budget_ms,
    holdTtlMs: row.hold_ttl_ms,
    holdCapMs: row.hold_cap_ms,
    payWindowMs: row.pay_window_ms,
    priceVersion: row.price_version,
  };
}

function saleWindow(row: EventRow): Pick<EventRules, 'opensAt' | 'closesAt'> {
  switch (row.status) {
    case 'onSale':
    case 'paused':
      return { opensAt: row.opens_at.getTime(), closesAt: row.closes_at?.getTime() ?? 0 };
    case 'draft':
    case 'announced':
      return notYet;
    default:
      return over;
  }
}

async function readAll(
  tx: Query,
  event: string,
  shape: (chartHash: string) => Promise<EventShape | undefined>,
): Promise<RebuildInput> {
  const row = await eventRow(tx, event);
  const { seats, seated, areas } = await shapeOf(row.chart_hash, shape);
  const generation = await nextGeneration(tx, event);
  // Claims before sales: a booking confirmed between the two readings is then seen in both, and the sale counts.
  const claims = await activeClaims(tx, event);
  const blocked = await seatsWhere(tx, 'select seat from blocks where event_id = $1 and ended_at is null', event);
  const sold = await seatsWhere(tx, 'select seat from tickets where event_id = $1 and live', event);
  const isSold = new Set(sold);
  const unsold = (seat: number) => !isSold.has(seat);
  return {
    generation,
    seats,
    seated,
    areas: areas.map(({ start, capacity }) => ({ start, capacity })),
    sold,
    blocked: blocked.filter(unsold),
    claims: claims
      .map((claim) => ({ ...claim, seats: claim.seats.filter(unsold) }))
      .filter((claim) => claim.seats.length > 0),
    rules: rulesOf(row),
  };
}

/** Until the transaction ends nobody else works on the event's seats as a whole. */
export async function lockSeats(tx: Transaction, event: string): Promise<void> {
  await tx.lock(`cavea:seats:${event}`);
}

/**
 * Indexes that are sold, claimed or blocked. Until the transaction ends there can be no others: tickets, claims and
 * blocks refer to the event, whose row is locked. @throws Fault `notFound`
 */
export async function lockTaken(tx: Transaction, event: string): Promise<number[]> {
  const locked = await tx.one('select id from events where id = $1 for update', [event]);
  if (!locked) throw new Fault('notFound', 'There is no such event.');
  return seatsWhere(
    tx,
    `select seat from tickets where event_id = $1 and live
     union select seat from claims where event_id = $1 and active
     union select seat from blocks where event_id = $1 and ended_at is null`,
    event,
  );
}

async function shapeOf(
  chartHash: string,
  shape: (chartHash: string) => Promise<EventShape | undefined>,
): Promise<EventShape> {
  const found = await shape(chartHash);
  if (!found) throw new Error(`chart ${chartHash} of an event is missing`);
  return found;
}

export async function nextGeneration(tx: Query, event: string): Promise<number> {
  const row = await tx.one<{ number: number }>('insert into generations (event_id) values ($1) returning number', [
    event,
  ]);
  if (!row) throw new Error('no generation number');
  return row.number;
}

/** A claim keeps no cap of its own: a hold that is being paid for cannot be extended. */
async function activeClaims(tx: Query, event: string): Promise<RebuildInput['claims']> {
  const rows = await tx.query<{
    booking_id: string;
    hold_id: string;
    holder: string;
    price_version: number;
    expires_at: Date;
    seats: number[];
  }>(
    `select b.id as booking_id, b.hold_id, b.holder, b.price_version, b.expires_at,
       array_agg(c.seat order by c.seat) as seats
     from claims c join bookings b on b.id = c.booking_id
     where c.event_id = $1 and c.active
     group by b.id`,
    [event],
  );
  return rows.map((row) => ({
    holdId: row.hold_id,
    holder: row.holder,
    bookingId: row.booking_id,
    seats: row.seats,
    payBy: row.expires_at.getTime(),
    capAt: row.expires_at.getTime(),
    priceVersion: row.price_version,
  }));
}

async function seatsWhere(tx: Query, sql: string, event: string): Promise<number[]> {
  const rows = await tx.query<{ seat: number }>(sql, [event]);
  return rows.map(({ seat }) => seat);
}
