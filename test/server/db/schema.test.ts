import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { silentLog } from '../../../server/core/log.js';
import { root } from '../../../server/core/paths.js';
import { migrate } from '../../../server/db/migrate.js';
import { createDatabase, isUniqueViolation } from '../../../server/db/pool.js';
import { createDatabase as createTestDatabase } from '../../helpers/postgres.js';
import { describeSchema } from './describe-schema.js';

const file = join(root, 'server/db/schema.sql');

async function openDatabase(test: { teardown(end: () => Promise<void>): unknown }, migrated: boolean) {
  const { url, drop } = await createTestDatabase();
  if (migrated) await migrate({ url, log: silentLog });
  const db = createDatabase({ url, log: silentLog, max: 2 });
  test.teardown(async () => {
    await db.close();
    await drop();
  });
  return db;
}

t.test('schema.sql is the schema that the migrations make', async (t) => {
  const described = await describeSchema(await openDatabase(t, true));
  if (process.env.CAVEA_TEST_UPDATE === '1') await writeFile(file, described);
  t.equal(await readFile(file, 'utf8'), described, 'up to date (CAVEA_TEST_UPDATE=1 writes it)');

  const again = await openDatabase(t, false);
  await again.query(described);
  t.equal(await describeSchema(again), described, 'and it makes that schema by itself');
});

t.test('a seat can be sold, claimed and blocked once only', async (t) => {
  const db = await openDatabase(t, true);
  await db.query(`
    insert into venues (id, name, city, country, time_zone) values ('ven_1', 'V', 'C', 'NL', 'Europe/Amsterdam');
    insert into charts (hash, venue_id, name, seats, source, pack) values (repeat('a', 64), 'ven_1', 'C', 2, '{}', '');
    insert into events (id, venue_id, chart_hash, title, genre, starts_at, opens_at, currency, hold_ttl_ms, hold_cap_ms,
        pay_window_ms, max_seats_per_holder)
      values ('evt_1', 'ven_1', repeat('a', 64), 'E', 'Pop', now(), now(), 'eur', 1, 1, 1, 1);
    insert into staff (id, name, role, token_hash) values ('stf_1', 'S', 'viewer', '');
    insert into bookings (id, event_id, hold_id, holder, session_id, status, amount, currency, price_version, buyer_name,
        buyer_email, expires_at)
      select id, 'evt_1', id, 'h', 's', 'inProgress', 0, 'eur', 1, '', '', now() from unnest(array['bkg_1', 'bkg_2']) id`);
  const once: [name: string, index: string, insert: string, end: string][] = [
    [
      'a live ticket',
      'one_live_ticket_per_seat',
      `insert into tickets (id, booking_id, event_id, seat, label, category, amount)
        values ('tkt_' || $1, 'bkg_' || $1, 'evt_1', 7, 'A-1-7', 'x', 0)`,
      'update tickets set live = false',
    ],
    [
      'an active claim',
      'one_active_claim_per_seat',
      `insert into claims (booking_id, event_id, seat) values ('bkg_' || $1, 'evt_1', 7)`,
      'update claims set active = false',
    ],
    [
      'a block',
      'one_block_per_seat',
      `insert into blocks (id, event_id, seat, reason, staff_id) values ('blk_' || $1, 'evt_1', 7, '', 'stf_1')`,
      'update blocks set ended_at = now()',
    ],
  ];
  for (const [name, index, insert, end] of once) {
    await db.query(insert, ['1']);
    const error = await db.query(insert, ['2']).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    t.ok(isUniqueViolation(error, index), `${name}: the second one is refused by ${index}`);
    t.notOk(isUniqueViolation(error, 'another_index'));
    t.match(error, { code: '23505' });
    t.notMatch(JSON.stringify(error), /evt_1/, 'the error does not carry the row');
    await db.query(end);
    await db.query(insert, ['2']);
    t.pass(`${name}: free again after the first has ended`);
  }
});
