import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { createDatabase } from '../../../server/db/pool.js';
import { createPostgresSearch } from '../../../server/search/postgres-search.js';
import { englishSynonyms } from '../../../server/search/synonyms.js';
import { createMigratedDatabase } from '../../helpers/postgres.js';
import { contract, documents } from './contract.js';

const postgres = await createMigratedDatabase();
const db = createDatabase({ url: postgres.url, log: silentLog });
t.teardown(async () => {
  await db.close();
  await postgres.drop();
});
const search = createPostgresSearch({ db, synonyms: englishSynonyms });

t.test('the contract', (t) => contract(t, search));

t.test('many documents: counts end at 1,000, and no query reads the whole table', async (t) => {
  const [one] = documents;
  if (!one) throw new Error('no document');
  const words = ['alpha', 'bravo', 'charlie', 'delta', 'echo', 'foxtrot', 'golf', 'hotel', 'india', 'juliet'];
  const word = (at: number) => `${words[at % 10]}${words[Math.floor(at / 10) % 10]}${Math.floor(at / 100)}z`;
  for (let at = 0; at < 20_000; at += 1_000) {
    const part = Array.from({ length: 1_000 }, (_, index) => ({
      ...one,
      event: `evt_many${at + index}`,
      title: `${word(at + index)} gala`,
      startsAt: systemClock.now() + (1 + at + index) * 60_000,
    }));
    await search.put(part);
  }
  await db.query('analyze search_documents');
  await db.query('analyze search_words');
  const usual = { sort: 'relevance', limit: 20, offset: 0 } as const;
  const all = await search.find({ ...usual, text: 'gala' });
  t.equal(all.count, 1_000);
  t.ok(all.facets.city.every(({ count }) => count <= 1_000));
  t.same((await search.find({ ...usual, text: 'alphabravo7z' })).events, ['evt_many710']);
  t.same((await search.find({ ...usual, text: 'alphabrawo7z' })).events, ['evt_many710'], 'misspelt');

  const plans: [what: string, sql: string][] = [
    ['a word', "select event_id from search_documents where words @@ $$'alphabravo7z'$$::tsquery"],
    ['a likeness', "select word from search_words order by word <-> 'alphabrawo7z' limit 100"],
    ['a time', 'select event_id from search_documents where starts_at > now() order by starts_at, event_id limit 20'],
  ];
  for (const [what, sql] of plans) {
    const plan = await db.query<{ 'QUERY PLAN': string }>(`explain ${sql}`);
    const text = plan.map((line) => line['QUERY PLAN']).join('\n');
    t.notMatch(text, /Seq Scan/, `${what}: ${text}`);
  }
});
