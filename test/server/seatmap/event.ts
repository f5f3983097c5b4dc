import { newId, randomBelow } from '../../../server/core/random.js';
import type { Database } from '../../../server/db/pool.js';
import type { EventShape } from '../../../server/seatmap/operations.js';

/** A hall of 1,200 seats and a standing area of 24 places: the chart of every event that these tests make. */
export const hall: EventShape = { seats: 1_224, seated: 1_200, areas: [{ start: 1_200, capacity: 24 }] };

export interface EventFields {
  readonly status?: string;
  readonly opensAt?: Date;
  readonly closesAt?: Date | null;
  readonly holdTtlMs?: number;
  readonly holdCapMs?: number;
  readonly maxSeatsPerHolder?: number;
}

/** An event on sale, straight into Postgres. @returns its id. */
export async function insertEvent(db: Database, fields: EventFields = {}): Promise<string> {
  const id = newId('evt');
  const venue = newId('ven');
  const hash = Array.from({ length: 64 }, () => randomBelow(16).toString(16)).join('');
  await db.query(
    "insert into venues (id, name, city, country, time_zone) values ($1, 'Odeon', 'Athens', 'GR', 'UTC')",
    [venue],
  );
  await db.query(
    "insert into charts (hash, venue_id, name, seats, source, pack) values ($1, $2, 'Hall', $3, '{}', '')",
    [hash, venue, hall.seats],
  );
  await db.query(
    `insert into events (id, venue_id, chart_hash, title, genre, starts_at, status, opens_at, closes_at, currency,
       hold_ttl_ms, hold_cap_ms, pay_window_ms, max_seats_per_holder)
     values ($1, $2, $3, 'Medea', 'theatre', now() + interval '30 days', $4, $5, $6, 'eur', $7, $8, 300000, $9)`,
    [
      id,
      venue,
      hash,
      fields.status ?? 'onSale',
      fields.opensAt ?? new Date('2020-01-01'),
      fields.closesAt ?? null,
      fields.holdTtlMs ?? 600_000,
      fields.holdCapMs ?? 1_800_000,
      fields.maxSeatsPerHolder ?? 10,
    ],
  );
  return id;
}

export interface BookingFields {
  readonly seats: readonly number[];
  readonly holder: string;
  readonly holdId: string;
  readonly expiresAt: Date;
  /** Its seats are sold; in progress otherwise. */
  readonly sold: boolean;
}

/** A booking with its claims and, when sold, tickets. @returns its id. */
export async function insertBooking(db: Database, event: string, fields: BookingFields): Promise<string> {
  const id = newId('bkg');
  const { seats, holder, holdId, expiresAt, sold } = fields;
  await db.transaction(async (tx) => {
    await tx.query(
      `insert into bookings (id, event_id, hold_id, holder, session_id, status, amount, currency, price_version,
         buyer_name, buyer_email, expires_at)
       values ($1, $2, $3, $4, 'ses', $5, 100, 'eur', 1, 'Ada', 'ada@example.org', $6)`,
      [id, event, holdId, holder, sold ? 'confirmed' : 'inProgress', expiresAt],
    );
    await tx.query(
      'insert into claims (booking_id, event_id, seat, active) select $1, $2, seat, $4 from unnest($3::integer[]) as seat',
      [id, event, seats, !sold],
    );
    if (!sold) return;
    await tx.query(
      `insert into tickets (id, booking_id, event_id, seat, label, category, amount)
       select $1 || '-' || seat, $1, $2, seat, 'A-' || seat, 'standard', 100 from unnest($3::integer[]) as seat`,
      [id, event, seats],
    );
  });
  return id;
}

export async function insertBlock(db: Database, event: string, seats: readonly number[]): Promise<void> {
  const staff = newId('stf');
  await db.query("insert into staff (id, name, role, token_hash) values ($1, $1, 'owner', $2)", [
    staff,
    Buffer.from(staff),
  ]);
  await db.query(
    "insert into blocks (id, event_id, seat, reason, staff_id) select $1 || seat, $2, seat, 'house', $3 from unnest($4::integer[]) as seat",
    [newId('blk'), event, staff, seats],
  );
}
