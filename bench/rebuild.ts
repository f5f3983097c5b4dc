import { systemClock } from '../server/core/clock.js';
import { silentLog } from '../server/core/log.js';
import { newId } from '../server/core/random.js';
import { migrate } from '../server/db/migrate.js';
import { createDatabase, type Database } from '../server/db/pool.js';
import { createRedis } from '../server/redis/client.js';
import { newHoldId } from '../server/seatmap/hold-id.js';
import { createLedger } from '../server/seatmap/ledger.js';
import { createSeatStore } from '../server/seatmap/redis-store.js';
import { createSeatEngine } from '../server/seatmap/seat-engine.js';
import { startBenchPostgres } from './lib/postgres.js';
import type { BenchRedis } from './lib/redis.js';
import type { Figures } from './lib/report.js';

/**
 * Redis has lost a stadium of 100,000 seats of which 50,000 are sold, as tickets of 10,000 bookings in Postgres.
 *
 * seconds: the longest of several times from the loss to the first hold that is answered, in which all was read from
 * Postgres and written to Redis.
 * Invariants: afterwards exactly those are sold, and a hold of one of them is refused.
 */
const SEATS = 100_000;
const PER_BOOKING = 5;
const ROUNDS = 5;
const event = 'evt_Rb3mPq8TtVw2XyAbCdEf';

export async function runRebuild({ redis, seats = SEATS }: { redis: BenchRedis; seats?: number }): Promise<Figures> {
  const postgres = await startBenchPostgres();
  const log = silentLog;
  await migrate({ url: postgres.url, log });
  const db = createDatabase({ url: postgres.url, log });
  const connections = createRedis({ urls: [redis.url], log });
  await connections.ready();
  const shape = { seats, seated: seats, areas: [] };
  const store = createSeatStore({ redis: connections, log });
  const ledger = createLedger({ db, shape: async () => shape });
  const engine = createSeatEngine({ store, ledger, clock: systemClock, log });
  try {
    await sellEverySecond(db, seats);
    const took: number[] = [];
    let wrongMaps = 0;
    let soldTwice = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await connections.commands.call('flushall', []);
      const lostAt = systemClock.monotonic();
      const free = await hold(2 * round + 1);
      took.push((systemClock.monotonic() - lostAt) / 1_000);
      if (!free) wrongMaps++;
      if (await hold(2 * round)) soldTwice++;
      const { status } = await engine.snapshot(event);
      wrongMaps += Number(!isRight(status, seats, 2 * round + 1));
    }
    return { seconds: Math.max(...took), bestSeconds: Math.min(...took), seats, wrongMaps, soldTwice };
  } finally {
    await engine.stop();
    await Promise.all([connections.close(), db.close()]);
    await postgres.stop();
  }

  async function hold(seat: number): Promise<boolean> {
    const who = { kind: 'hold', opId: newId('op'), holder: newId('ses'), holdId: newHoldId(event) } as const;
    return (await engine.apply(event, { ...who, candidates: [[seat]] })).outcome.ok;
  }
}

/** Sold: two in binary, at every other seat; held: one, at one seat. */
function isRight(status: Uint8Array, seats: number, held: number): boolean {
  for (let seat = 0; seat < seats; seat++) {
    const is = ((status[seat >> 2] ?? 0) >> ((seat & 3) * 2)) & 3;
    if (is !== (seat === held ? 1 : seat % 2 === 0 ? 2 : 0)) return false;
  }
  return true;
}

async function sellEverySecond(db: Database, seats: number): Promise<void> {
  const hash = '0'.repeat(64);
  await db.transaction(async (tx) => {
    await tx.query(
      "insert into venues (id, name, city, country, time_zone) values ('ven', 'Stadium', 'Roma', 'IT', 'UTC')",
      [],
    );
    await tx.query(
      "insert into charts (hash, venue_id, name, seats, source, pack) values ($1, 'ven', 'Stadium', $2, '{}', '')",
      [hash, seats],
    );
    await tx.query(
      `insert into events (id, venue_id, chart_hash, title, genre, starts_at, status, opens_at, currency,
         hold_ttl_ms, hold_cap_ms, pay_window_ms, max_seats_per_holder)
       values ($1, 'ven', $2, 'A concert', 'concert', now() + interval '30 days', 'onSale', now() - interval '1 day', 'eur',
         600000, 1800000, 300000, 10)`,
      [event, hash],
    );
    await tx.query(
      `insert into bookings (id, event_id, hold_id, holder, session_id, status, amount, currency, price_version,
         buyer_name, buyer_email, expires_at)
       select 'bkg_' || n, $1, 'hld_' || n, 'ses_' || n, 'ses_' || n, 'confirmed', 100, 'eur', 1, 'Ada', 'ada@example.org', now()
       from generate_series(0, $2::integer - 1) n`,
      [event, seats / 2 / PER_BOOKING],
    );
    await tx.query(
      `insert into tickets (id, booking_id, event_id, seat, label, category, amount)
       select 'tkt_' || n, 'bkg_' || n / $3::integer, $1, 2 * n, 'A-' || n, 'standard', 100
       from generate_series(0, $2::integer - 1) n`,
      [event, seats / 2, PER_BOOKING],
    );
  });
}
