import { silentLog } from '../../server/core/log.js';
import { migrate } from '../../server/db/migrate.js';
import { createDatabase } from '../../server/db/pool.js';
import { event } from '../socket/event.js';

/** The benches' event in Postgres, with a waiting room in which nobody is called. */
export async function openRoom(databaseUrl: string): Promise<void> {
  await migrate({ url: databaseUrl, log: silentLog });
  const db = createDatabase({ url: databaseUrl, log: silentLog });
  const hash = '0'.repeat(64);
  await db.query(
    `insert into venues (id, name, city, country, time_zone) values ('ven', 'Arena', 'Roma', 'IT', 'UTC');
     insert into charts (hash, venue_id, name, seats, source, pack) values ('${hash}', 'ven', 'Arena', 20000, '{}', '');
     insert into events (id, venue_id, chart_hash, title, genre, starts_at, status, opens_at, currency,
       hold_ttl_ms, hold_cap_ms, pay_window_ms, max_seats_per_holder, room_on)
     values ('${event}', 'ven', '${hash}', 'A concert', 'concert', now() + interval '30 days', 'onSale', now() - interval '1 day',
       'eur', 600000, 1800000, 300000, 10, true);
     insert into rooms (event_id, state, rate_per_minute, max_active, admission_ms)
     values ('${event}', 'paused', 300, 500, 600000)`,
  );
  await db.close();
}
