import { systemClock } from '../server/core/clock.js';
import { diceOf } from '../server/core/dice.js';
import { silentLog } from '../server/core/log.js';
import { migrate } from '../server/db/migrate.js';
import { createDatabase, type Database } from '../server/db/pool.js';
import { createPostgresSearch } from '../server/search/postgres-search.js';
import type { SearchDocument, SearchQuery } from '../server/search/search.js';
import { createLatencies } from './lib/latency.js';
import { startBenchPostgres } from './lib/postgres.js';
import type { Figures } from './lib/report.js';

/**
 * A million events whose words are as common as words are (Zipf), and what people type: two words of a title, one of the
 * hundred commonest words, the beginning of a word, a word with a letter wrong; four at a time. Beside it: the same two
 * words by `like '%…%'` over titles and texts.
 *
 * p99Ms: of all kinds together, uncached. `…P99Ms`: of each kind. ratioToLike: how many times as long the median of `like` is.
 * Invariants: a title is found by its own words, spelt right or nearly so.
 */
const EVENTS = 1_000_000;
const WORDS = 50_000;
const AT_ONCE = 4;
const QUERIES = 2_000;
const LIKES = 20;
const batch = 5_000;
const day = 86_400_000;

const kinds = ['twoWords', 'commonWord', 'beginning', 'misspelt'] as const;
type Kind = (typeof kinds)[number];

export async function runSearch({
  events = EVENTS,
  queries = QUERIES,
}: {
  events?: number;
  queries?: number;
}): Promise<Figures> {
  const postgres = await startBenchPostgres();
  await migrate({ url: postgres.url, log: silentLog });
  const db = createDatabase({ url: postgres.url, log: silentLog, plansEach: true });
  try {
    const dice = diceOf(7);
    const vocabulary = makeVocabulary(dice);
    const titles = await fill(db, events, () => vocabulary[zipf(dice, vocabulary.length)] ?? '');
    return { events, ...(await ask(db, titles, vocabulary, queries)), ...(await compare(db, titles)) };
  } finally {
    await db.close();
    await postgres.stop();
  }
}

const syllables =
  'ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo za ze zo'.split(
    ' ',
  );

function makeVocabulary(dice: () => number): string[] {
  const words = new Set<string>();
  while (words.size < WORDS) {
    const length = 2 + Math.floor(dice() * 4);
    words.add(Array.from({ length }, () => syllables[Math.floor(dice() * syllables.length)]).join(''));
  }
  return [...words];
}

/** The rank of a word, the first ones far more often: density 1/rank. */
function zipf(dice: () => number, size: number): number {
  return Math.min(size - 1, Math.floor(Math.exp(dice() * Math.log(size))) - 1);
}

async function fill(db: Database, events: number, word: () => string): Promise<string[]> {
  const search = createPostgresSearch({ db });
  const now = systemClock.now();
  const titles: string[] = [];
  for (let from = 0; from < events; from += batch) {
    const part = Array.from({ length: Math.min(batch, events - from) }, (_, at): SearchDocument => {
      const number = from + at;
      const title = `${word()} ${word()} ${word()}`;
      titles.push(title);
      return {
        event: `evt_${number}`,
        title,
        performers: [`${word()} ${word()}`],
        venue: `${word()} hall`,
        venueId: `ven_${number % 2_000}`,
        city: `city ${number % 200}`,
        country: 'IT',
        genre: `genre ${number % 20}`,
        about: Array.from({ length: 12 }, word).join(' '),
        startsAt: now + (number % 400) * day + 3_600_000,
        latitude: 45,
        longitude: 9,
        fromAmount: 1_000 + (number % 100) * 100,
        currency: 'eur',
        status: 'onSale',
        opensAt: now - day,
        closesAt: null,
        popularity: number % 1_000,
      };
    });
    await search.put(part);
  }
  await db.query('vacuum analyze search_documents');
  await db.query('analyze search_words');
  return titles;
}

async function ask(db: Database, titles: readonly string[], vocabulary: readonly string[], queries: number) {
  const search = createPostgresSearch({ db });
  const dice = diceOf(11);
  const all = createLatencies();
  const of = new Map<Kind, ReturnType<typeof createLatencies>>(kinds.map((kind) => [kind, createLatencies()]));
  let [asked, notFound, failed] = [0, 0, 0];

  async function one(): Promise<void> {
    while (asked < queries) {
      const kind = kinds[asked++ % kinds.length] ?? 'twoWords';
      const number = Math.floor(dice() * titles.length);
      const text = textOf(kind, titles[number] ?? '', vocabulary, dice);
      const query: SearchQuery = { text, sort: 'relevance', limit: 20, offset: 0 };
      const began = systemClock.monotonic();
      try {
        const { count } = await search.find(query);
        if (count === 0) notFound++;
      } catch {
        failed++;
      }
      const took = systemClock.monotonic() - began;
      all.add(took);
      of.get(kind)?.add(took);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  const each = Object.fromEntries([...of].map(([kind, latencies]) => [`${kind}P99Ms`, latencies.percentile(0.99)]));
  return { p50Ms: all.percentile(0.5), p99Ms: all.percentile(0.99), ...each, notFound, failed };
}

function textOf(kind: Kind, title: string, vocabulary: readonly string[], dice: () => number): string {
  const [first = '', second = ''] = title.split(' ');
  if (kind === 'twoWords') return `${first} ${second}`;
  if (kind === 'commonWord') return vocabulary[Math.floor(dice() * 100)] ?? '';
  if (kind === 'beginning') return `${first} ${second.slice(0, 1 + Math.floor(dice() * 3))}`;
  // A letter in the middle, changed: words of four letters and more may have one wrong.
  const long = [first, second, 'bobobo'].find((word) => word.length >= 4) ?? '';
  const at = Math.floor(long.length / 2);
  return `${long.slice(0, at)}x${long.slice(at + 1)}`;
}

/** What a shop would write first. */
async function compare(db: Database, titles: readonly string[]): Promise<Figures> {
  await db.query('create table naive as select event_id, $1::text as text, starts_at from search_documents limit 0', [
    '',
  ]);
  for (let from = 0; from < titles.length; from += batch) {
    const part = titles.slice(from, from + batch);
    await db.query(
      `insert into naive select 'evt_' || ($1::int + n - 1), text, now() from unnest($2::text[]) with ordinality as t (text, n)`,
      [from, part],
    );
  }
  await db.query('analyze naive');
  const search = createPostgresSearch({ db });
  const [like, ours] = [createLatencies(), createLatencies()];
  for (let round = 0; round < LIKES; round++) {
    const [first = '', second = ''] = (titles[round * 37] ?? '').split(' ');
    let began = systemClock.monotonic();
    await db.query(
      'select event_id from naive where text like $1 and text like $2 order by starts_at, event_id limit 20',
      [`%${first}%`, `%${second}%`],
    );
    like.add(systemClock.monotonic() - began);
    began = systemClock.monotonic();
    await search.find({ text: `${first} ${second}`, sort: 'relevance', limit: 20, offset: 0 });
    ours.add(systemClock.monotonic() - began);
  }
  return { likeP50Ms: like.percentile(0.5), ratioToLike: like.percentile(0.5) / ours.percentile(0.5) };
}
