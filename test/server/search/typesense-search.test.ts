import t from 'tap';
import { createEvent, createVenue, storeChart } from '../../../server/catalog/admin.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { createDatabase } from '../../../server/db/pool.js';
import { createPostgresSearch } from '../../../server/search/postgres-search.js';
import type { SearchQuery } from '../../../server/search/search.js';
import { createSearchSink } from '../../../server/search/search-sink.js';
import { englishSynonyms } from '../../../server/search/synonyms.js';
import { createTypesenseSearch } from '../../../server/search/typesense-search.js';
import { withFallBack } from '../../../server/search/with-fall-back.js';
import { createMigratedDatabase } from '../../helpers/postgres.js';
import { chartSource } from '../../helpers/staff.js';
import { contract, documents } from './contract.js';
import { startStandIn } from './typesense-stand-in.js';

/**
 * With `CAVEA_TEST_TYPESENSE_URL` and `…_KEY` the contract is asked of a real Typesense. Without, of a stand-in: it proves
 * our requests and what we make of answers; typos and ranking of Typesense itself are not proved then.
 */
const [engineDatabase, ownDatabase] = [await createMigratedDatabase(), await createMigratedDatabase()];
const [engineDb, db] = [engineDatabase, ownDatabase].map(({ url }) => createDatabase({ url, log: silentLog }));
if (!engineDb || !db) throw new Error('no database');
const standIn = await startStandIn(createPostgresSearch({ db: engineDb, synonyms: englishSynonyms }));
t.teardown(async () => {
  await standIn.close();
  await Promise.all([engineDb.close(), db.close()]);
  await Promise.all([engineDatabase.drop(), ownDatabase.drop()]);
});
const { CAVEA_TEST_TYPESENSE_URL: url = standIn.url, CAVEA_TEST_TYPESENSE_KEY: apiKey = standIn.apiKey } = process.env;
const ports = { synonyms: englishSynonyms, clock: systemClock, log: silentLog };
const typesense = createTypesenseSearch({ url, apiKey, ...ports });
const ours = createTypesenseSearch({ url: standIn.url, apiKey: standIn.apiKey, ...ports });
const usual: SearchQuery = { text: '', sort: 'relevance', limit: 20, offset: 0 };

function batchesOf(...events: readonly string[]) {
  return async function* batches() {
    yield documents.filter(({ event }) => events.includes(event));
  };
}

t.test('nothing is put before it is filled; the fall-back answers until then', async (t) => {
  const empty = await startStandIn(createPostgresSearch({ db: engineDb, synonyms: englishSynonyms }));
  t.teardown(empty.close);
  const first = createTypesenseSearch({ url: empty.url, apiKey: empty.apiKey, ...ports });
  await t.rejects(first.put(documents), { code: 'unavailable' });
  await t.rejects(first.find(usual), { code: 'unavailable' });
  t.equal(await first.begin(), false);
  t.same(empty.state().synonyms, englishSynonyms.groups);
  await first.replaceAll(batchesOf('evt_swift'));
  t.equal(await first.begin(), true);
  const filled = empty.state().alias;
  empty.rename('cavea_events_v0_1');
  t.equal(await first.begin(), false, 'of another schema');
  t.same((await first.find(usual)).events, ['evt_swift'], 'which is searched until there is a new one');
  await t.rejects(first.put(documents), { code: 'unavailable' });
  await first.replaceAll(batchesOf('evt_cafe'));
  t.not(empty.state().alias, filled);
  t.equal(empty.state().collections.length, 1, 'and is gone then');
});

t.test('the contract', async (t) => {
  if (!(await typesense.begin())) await typesense.replaceAll(batchesOf());
  await contract(t, typesense);
});

t.test('everything anew goes into another collection; the alias moves when it is full', async (t) => {
  await ours.replaceAll(batchesOf('evt_swift'));
  const before = standIn.state();
  async function* slowly() {
    yield* batchesOf('evt_cafe')();
    t.same(standIn.state().alias, before.alias, 'not yet');
    t.same((await ours.find(usual)).events, ['evt_swift'], 'the old one is searched');
    yield* batchesOf('evt_sigur')();
  }
  await ours.replaceAll(slowly);
  const after = standIn.state();
  t.not(after.alias, before.alias);
  t.same(after.collections, [after.alias], 'the old one is gone');
  t.same((await ours.find(usual)).events.length, 2);
});

t.test('a document that is refused keeps no other from being found', async (t) => {
  standIn.refuse(['evt_cafe']);
  await ours.replaceAll(batchesOf('evt_swift', 'evt_cafe', 'evt_sigur'));
  standIn.refuse([]);
  t.same([...(await ours.find(usual)).events].sort(), ['evt_sigur', 'evt_swift']);
});

t.test('while it fails Postgres answers, and says so; what changes meanwhile is tried again', async (t) => {
  const both = withFallBack(ours, createPostgresSearch({ db }), silentLog);
  await both.replaceAll(batchesOf('evt_swift', 'evt_cafe'));
  t.equal((await both.find({ ...usual, text: 'swift' })).isFallBack, undefined);
  for (const status of [500, 503, 401, 408]) {
    standIn.fail(status);
    const found = await both.find({ ...usual, text: 'swift' });
    t.match(found, { events: ['evt_swift'], isFallBack: true }, `${status}`);
    await t.rejects(both.put(documents.slice(0, 1)), { code: 'unavailable' }, 'the change is not taken');
  }
  standIn.fail(undefined);
  await both.put(documents.slice(0, 1));
  t.equal((await both.find({ ...usual, text: 'swift' })).isFallBack, undefined);
  const gone = createTypesenseSearch({ url: 'http://127.0.0.1:9', apiKey: 'x', clock: systemClock, log: silentLog });
  const alone = withFallBack(gone, createPostgresSearch({ db }), silentLog);
  t.match(await alone.find({ ...usual, text: 'swift' }), { events: ['evt_swift'], isFallBack: true }, 'nobody there');
});

t.test('a sink of which Typesense is away from the start keeps Postgres in step, and asks again', async (t) => {
  const both = withFallBack(ours, createPostgresSearch({ db }), silentLog);
  const sink = createSearchSink({ db, search: both });
  const venueId = await createVenue(db, { name: 'Odeon', city: 'Athens', country: 'GR', timeZone: 'Europe/Athens' });
  const { chart } = await storeChart(db, venueId, chartSource);
  const startsAt = systemClock.now() + 86_400_000;
  const prices = chart.categories.map((category) => ({ category, name: category, amount: 1_000 }));
  const rules = { holdTtlMs: 60_000, holdCapMs: 60_000, payWindowMs: 60_000, maxSeatsPerHolder: 4 };
  const event = {
    venueId,
    chartHash: chart.hash,
    title: 'Aida',
    genre: 'opera',
    startsAt,
    opensAt: 0,
    currency: 'eur',
  };
  const id = await db.transaction((tx) => createEvent(tx, { ...event, ...rules, prices, status: 'onSale' }));
  standIn.fail(503);
  await t.rejects(sink.begin(), { code: 'unavailable' });
  await t.rejects(sink.changed([id]), { code: 'unavailable' }, 'the change is not taken');
  t.match(await both.find({ ...usual, text: 'aida' }), { events: [id], isFallBack: true });
  await t.rejects(sink.everything(), { code: 'unavailable' });
  standIn.fail(undefined);
  await sink.changed([id]);
  t.same((await ours.find({ ...usual, text: 'aida' })).events, [id]);
});
