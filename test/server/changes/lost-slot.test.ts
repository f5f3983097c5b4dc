import t from 'tap';
import { startBenchPostgres } from '../../../bench/lib/postgres.js';
import { createVenue } from '../../../server/catalog/admin.js';
import type { ChangeSink } from '../../../server/changes/changes.js';
import { createChangeFeed } from '../../../server/changes/feed.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { migrate } from '../../../server/db/migrate.js';
import { createDatabase } from '../../../server/db/pool.js';
import { until } from '../../helpers/until.js';

/** Nobody has followed the changes for so long that Postgres has thrown them away; then it is killed. On a Postgres of its own. */
const postgres = await startBenchPostgres();
await migrate({ url: postgres.url, log: silentLog });
const db = createDatabase({ url: postgres.url, log: silentLog });
t.teardown(async () => {
  await db.close();
  await postgres.stop();
});

const heard: string[] = [];
let wholes = 0;
const sink: ChangeSink = {
  name: 'test',
  begin: async () => {},
  changed: async (tags) => void heard.push(...tags),
  everything: async () => void wholes++,
};
const caches = { tell: () => {}, beat: () => ({ stop() {} }) };
const feed = () =>
  createChangeFeed({ db, databaseUrl: postgres.url, caches, sinks: [sink], clock: systemClock, log: silentLog });
const venue = (name: string) => createVenue(db, { name, city: 'Athens', country: 'GR', timeZone: 'Europe/Athens' });

async function slotStatus(): Promise<string | undefined> {
  const row = await db.one<{ wal_status: string }>('select wal_status from pg_replication_slots');
  return row?.wal_status;
}

t.test('past max_slot_wal_keep_size: everything is looked at anew, and changes are told again', async (t) => {
  await db.query("alter system set max_slot_wal_keep_size = '1MB'");
  await db.query('select pg_reload_conf()');
  const first = feed();
  await first.start();
  await until('a first look at everything', () => wholes === 1);
  await first.stop();

  const missed = await venue('Missed');
  await db.query('create table noise (text text)');
  const isGivenUp = async () => {
    await db.query('insert into noise select repeat(md5(random()::text), 30) from generate_series(1, 5000)');
    await db.query('select pg_switch_wal()');
    await db.query('checkpoint');
    return (await slotStatus()) === 'lost';
  };
  // As much as its segments of 16 MB, really written.
  await until('Postgres gives the slot up', isGivenUp, 120_000);

  const second = feed();
  await second.start();
  await until('everything', () => wholes === 2);
  t.notOk(heard.includes(missed), 'what was thrown away cannot be told: that is why');
  const next = await venue('Next');
  await until('changes again', () => heard.includes(next));
  t.not(await slotStatus(), 'lost');

  await postgres.kill();
  await postgres.start();
  const after = await venue('After');
  await until('after Postgres was killed', () => heard.includes(after), 30_000);
  t.equal(wholes, 2, 'nothing was missed by that');
  await second.stop();
});
