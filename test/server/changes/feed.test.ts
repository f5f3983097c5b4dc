import t from 'tap';
import { createVenue } from '../../../server/catalog/admin.js';
import type { ChangeSink } from '../../../server/changes/changes.js';
import { createChangeFeed } from '../../../server/changes/feed.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { ensureSlot, openChangeStream, slotLag } from '../../../server/db/change-stream.js';
import { createDatabase } from '../../../server/db/pool.js';
import { createMigratedDatabase } from '../../helpers/postgres.js';
import { until } from '../../helpers/until.js';

/** Changes of the catalogue, from Postgres' own log. */
const postgres = await createMigratedDatabase();
const db = createDatabase({ url: postgres.url, log: silentLog });
t.teardown(async () => {
  await db.close();
  await postgres.drop();
});

function sinkOf(work: (tags: readonly string[]) => Promise<void> = async () => {}) {
  const heard: string[] = [];
  const wholes: number[] = [];
  const sink: ChangeSink = {
    name: 'test',
    begin: async () => {},
    async changed(tags) {
      await work(tags);
      heard.push(...tags);
    },
    everything: async () => void wholes.push(1),
  };
  return { sink, heard, wholes };
}

const told: string[] = [];
const caches = { tell: (tags: readonly string[] = ['*']) => void told.push(...tags), beat: () => ({ stop() {} }) };

function feedTo(...sinks: ChangeSink[]) {
  return createChangeFeed({ db, databaseUrl: postgres.url, caches, sinks, clock: systemClock, log: silentLog });
}

const venue = { name: 'Odeon', city: 'Athens', country: 'GR', timeZone: 'Europe/Athens' };
const rename = (id: string, name: string) => db.query('update venues set name = $2 where id = $1', [id, name]);

t.test('a commit is told within a moment, an undone transaction never', async (t) => {
  const { sink, heard, wholes } = sinkOf();
  const feed = feedTo(sink);
  await feed.start();
  await until('a first look at everything', () => wholes.length === 1);
  const id = await createVenue(db, venue);
  await until('it is told', () => heard.includes(id));
  heard.length = 0;
  const took = [];
  for (let round = 0; round < 20; round++) {
    await rename(id, `Odeon ${round}`);
    took.push(await until('each edit', () => heard.length > round));
  }
  t.ok((took.sort((a, b) => a - b)[10] ?? 0) < 1_000, `median ${Math.round(took[10] ?? 0)} ms`);
  heard.length = 0;
  await db
    .transaction(async (tx) => {
      await tx.query("update venues set name = 'never' where id = $1", [id]);
      throw new Error('undone');
    })
    .catch(() => {});
  await rename(id, 'Odeon again');
  await until('the next one', () => heard.length > 0);
  t.same(heard, [id], 'told once');
  t.equal(wholes.length, 1, 'nothing was looked at anew');
  await feed.stop();
});

t.test('what changes while nobody follows is told to the next one', async (t) => {
  const id = await createVenue(db, { ...venue, name: 'Unheard' });
  const { sink, heard, wholes } = sinkOf();
  const feed = feedTo(sink);
  await feed.start();
  await until('it is told', () => heard.includes(id));
  t.equal(wholes.length, 0, 'the slot has kept it');
  await feed.stop();
});

t.test('a sink that fails hears it again; caches do not wait for it', async (t) => {
  let failures = 2;
  const { sink, heard } = sinkOf(async () => {
    if (failures-- > 0) throw new Error('search is away');
  });
  const feed = feedTo(sink);
  await feed.start();
  const id = await createVenue(db, { ...venue, name: 'Again' });
  await until('caches', () => told.includes(id));
  t.same(heard, []);
  const later = await createVenue(db, { ...venue, name: 'Later' });
  await until('caches', () => told.includes(later));
  await until('at last', () => heard.includes(id) && heard.includes(later));
  await feed.stop();
});

t.test('of two processes one follows; when it is killed the other goes on', async (t) => {
  const [one, two] = [sinkOf(), sinkOf()];
  const first = feedTo(one.sink);
  await first.start();
  const before = await createVenue(db, { ...venue, name: 'Before' });
  await until('the first has it', () => one.heard.includes(before));
  const second = feedTo(two.sink);
  await second.start();
  await systemClock.sleep(1_200);
  t.same(two.heard, []);
  // As a kill does: all of its connections end, the lock's too.
  await db.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cavea changes' and datname = current_database()",
  );
  await first.stop();
  const after = await createVenue(db, { ...venue, name: 'After' });
  await until('the second has it', () => two.heard.includes(after));
  await second.stop();
});

t.test('a slot that is gone: everything is looked at anew', async () => {
  const slots = await db.query<{ slot_name: string }>(
    'select slot_name from pg_replication_slots where database = current_database()',
  );
  for (const { slot_name } of slots) await db.query('select pg_drop_replication_slot($1)', [slot_name]);
  const { sink, heard, wholes } = sinkOf();
  const feed = feedTo(sink);
  await feed.start();
  await until('everything', () => wholes.length === 1);
  const id = await createVenue(db, { ...venue, name: 'New' });
  await until('changes again', () => heard.includes(id));
  await feed.stop();
});

t.test('an idle slot lets go of what others write', async (t) => {
  const { sink } = sinkOf();
  const feed = feedTo(sink);
  await feed.start();
  await db.query('create table noise (text text)');
  await db.query("insert into noise select repeat('x', 1000) from generate_series(1, 20000)");
  const { slot } = await ensureSlot(db);
  await until(
    'the lag is small again',
    async () => ((await slotLag(db, slot)) ?? Number.POSITIVE_INFINITY) < 1_000_000,
  );
  t.pass('the log can be thrown away');
  await feed.stop();
});

t.test('a stream ends whenever it is stopped, also while it connects', async (t) => {
  const { slot } = await ensureSlot(db);
  const silent = { onCommit: () => {}, onTags: async () => {}, clock: systemClock, log: silentLog };
  for (let afterMs = 0; afterMs < 30; afterMs += 1) {
    const stream = openChangeStream({ url: postgres.url, slot, ...silent });
    await systemClock.sleep(afterMs);
    await stream.stop();
  }
  t.pass('thirty of them');
});
