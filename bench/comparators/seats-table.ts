import pg from 'pg';
import { event, SEATS } from '../socket/event.js';

/**
 * What the comparators on Postgres share: a row a seat, and the pool.
 *
 * `synchronous_commit` is off: a commit may be lost in the last moment before a crash, as with Redis whose
 * append-only file is synced each second. More would be asked of them than of us.
 */
const POOL = 16;

interface SeatsOptions {
  /** An index besides those on the key and on the hold. */
  readonly index?: string;
  /** Who waits longer for a connection is sent away. */
  readonly waitMs?: number;
}

export async function openSeats(url: string, { index = '', waitMs = 0 }: SeatsOptions = {}): Promise<pg.Pool> {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL,
    min: POOL,
    connectionTimeoutMillis: waitMs,
    options: '-c synchronous_commit=off',
  });
  pool.on('error', () => {});
  await pool.query(`
    drop table if exists seats;
    create table seats (
      event text not null,
      seat int not null,
      status text not null default 'available',
      hold_id text,
      holder text,
      expires_at timestamptz,
      primary key (event, seat)
    );
    insert into seats (event, seat) select '${event}', generate_series(0, ${SEATS - 1});
    create index on seats (hold_id);
    ${index}
    analyze seats`);
  return pool;
}
