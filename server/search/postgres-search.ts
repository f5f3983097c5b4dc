import type { Database, Query } from '../db/pool.js';
import type { ReadDatabase } from '../db/replica.js';
import {
  countLimit,
  type FacetCount,
  type Search,
  type SearchDocument,
  type SearchFound,
  type SearchQuery,
  type SearchSort,
} from './search.js';
import { noSynonyms, type Synonyms } from './synonyms.js';
import { distance, mistakesAllowed, wordsOf } from './words.js';

/**
 * Search in Postgres: documents as weighted word lists (`tsvector`, made here and not by a dictionary, so that both sides
 * see the same words), misspelt words corrected against the vocabulary by likeness of their trigrams.
 *
 *   what is typed → words, the last one a beginning → documents that have all of them
 *     none → each word's neighbours in the vocabulary, the last one may still be a beginning → documents that have one of each
 *
 * As many documents are ranked as are counted, those first that have the words in their names; a query has one second.
 */
const mostRanked = countLimit;
const queryMs = 1_000;
/** Of one word, the likeliest first. */
const mostNeighbours = 12;
/** Of the vocabulary, for each misspelt word. */
const mostLooked = 200;
const mostWords = 12;

/** @param read where queries go: connections of their own, so that a crowd that searches keeps nobody from paying. */
export function createPostgresSearch({
  db,
  read = db,
  synonyms = noSynonyms,
}: {
  readonly db: Database;
  readonly read?: ReadDatabase;
  readonly synonyms?: Synonyms;
}): Search {
  async function find(query: SearchQuery): Promise<SearchFound> {
    const words = wordsOf(query.text).slice(0, mostWords);
    return read.transaction(async (tx) => {
      await tx.query(`set local statement_timeout = ${queryMs}`);
      const exact = await look(tx, query, begun(words, synonyms));
      if (exact.count > 0 || words.length === 0) {
        return { ...exact, corrected: undefined, words: words.flatMap((word) => [word, ...synonyms.of(word)]) };
      }
      const neighbours: (readonly Neighbour[])[] = [];
      for (const [at, word] of words.entries()) {
        const beginning = at === words.length - 1 ? await beginningOf(tx, word) : [];
        neighbours.push([...beginning, ...(await neighboursOf(tx, word))]);
      }
      // The nearest ones first; together they may be in no document, where farther ones are.
      for (const known of [neighbours.map(nearestOf), neighbours]) {
        if (known.some((one) => one.length === 0)) break;
        const spelt = allOf(known.map((one) => one.map(lexemeOf)));
        const near = await look(tx, query, { all: spelt, indexed: spelt });
        const corrected = known.map(([nearest]) => nearest?.word ?? '').join(' ');
        if (near.count > 0) return { ...near, corrected, words: known.flat().map(({ word }) => word) };
      }
      return { ...exact, corrected: undefined, words };
    });
  }

  async function put(documents: readonly SearchDocument[]): Promise<void> {
    if (documents.length === 0) return;
    await db.transaction(async (tx) => {
      await putWords(tx, documents);
      await putDocuments(tx, documents);
    });
  }

  async function remove(events: readonly string[]): Promise<void> {
    if (events.length > 0) await db.query('delete from search_documents where event_id = any($1)', [events]);
  }

  return {
    // Its rows are written from the first day on.
    begin: async () => true,
    find,
    put,
    remove,
    async replaceAll(batches) {
      const gone = new Set(
        (await db.query<{ event_id: string }>('select event_id from search_documents')).map((row) => row.event_id),
      );
      for await (const documents of batches()) {
        await put(documents);
        for (const { event } of documents) gone.delete(event);
      }
      await remove([...gone]);
    },
  };
}

/** A known word, or how known words begin, and how many letters it is away. */
interface Neighbour {
  readonly word: string;
  readonly wrong: number;
  readonly isBeginning: boolean;
}

/** The word as it is typed, when known words go on from there. */
async function beginningOf(tx: Query, word: string): Promise<Neighbour[]> {
  const longer = await tx.one('select 1 from search_words where word like $1 limit 1', [`${word}_%`]);
  return longer ? [{ word, wrong: 0, isBeginning: true }] : [];
}

/** The word itself, then known words that are spelt nearly so, the nearest first. */
async function neighboursOf(tx: Query, word: string): Promise<Neighbour[]> {
  const allowed = mistakesAllowed(word);
  // The likest by trigrams, from the index alone; one wrong letter of five may leave few trigrams in common.
  const rows = await tx.query<{ word: string }>(
    `select word from search_words order by word <-> $1 limit ${mostLooked}`,
    [word],
  );
  return rows
    .map((row) => ({ word: row.word, wrong: distance(word, row.word, allowed), isBeginning: false }))
    .filter(({ wrong }) => wrong <= allowed)
    .sort((a, b) => a.wrong - b.wrong || (a.word < b.word ? -1 : 1))
    .slice(0, mostNeighbours);
}

function nearestOf(neighbours: readonly Neighbour[]): readonly Neighbour[] {
  return neighbours.filter(({ wrong }) => wrong === neighbours[0]?.wrong);
}

function lexemeOf({ word, isBeginning }: Pick<Neighbour, 'word' | 'isBeginning'>): string {
  return isBeginning ? `'${word}':*` : `'${word}'`;
}

/** In the syntax of tsquery; both empty when every document will do. */
interface Wanted {
  /** What a document must have. */
  readonly all: string;
  /** The part of it that an index is asked for. */
  readonly indexed: string;
}

/** The last word may be unfinished. */
function begun(words: readonly string[], synonyms: Synonyms): Wanted {
  const last = words.length - 1;
  const lexemes = words.map((word, at) => [
    lexemeOf({ word, isBeginning: at === last }),
    ...synonyms.of(word).map((same) => lexemeOf({ word: same, isBeginning: false })),
  ]);
  // So many words begin with one or two letters that it is faster to look at what has the others.
  const isShort = last > 0 && (words[last] ?? '').length <= 2;
  return { all: allOf(lexemes), indexed: allOf(isShort ? lexemes.slice(0, last) : lexemes) };
}

/** @param alternatives for each word: lexemes, one of which a document must have. */
function allOf(alternatives: readonly (readonly string[])[]): string {
  return alternatives.map((lexemes) => `(${lexemes.join(' | ')})`).join(' & ');
}

interface Row {
  readonly events: string[] | null;
  readonly count: number;
  readonly genre: FacetCount[];
  readonly city: FacetCount[];
}

async function look(
  tx: Query,
  query: SearchQuery,
  wanted: Wanted,
): Promise<Pick<SearchFound, 'events' | 'count' | 'facets'>> {
  const hasWords = wanted.all !== '';
  const { conditions, params, kilometres } = filterOf(query);
  const columns = `event_id, starts_at, genre, city, popularity, ${kilometres} as km, words`;
  if (hasWords) params.push(wanted.all, wanted.indexed);
  const [all, indexed] = [`$${params.length - 1}::tsquery`, `$${params.length}::tsquery`];
  const has = (list: 'names' | 'words') =>
    wanted.all === wanted.indexed ? `${list} @@ ${indexed}` : `${list} @@ ${indexed} and (${list} @@ ${all}) is true`;
  const some = (where: string, order = '') =>
    `(select ${columns} from search_documents where ${[where, ...conditions].join(' and ')}${order} limit ${mostRanked})`;
  const order = candidateOrder[query.sort] ?? (hasWords ? undefined : candidateOrder.date);
  const candidates =
    order === undefined
      ? `${some(has('names'))} union all ${some(`${has('words')} and not names @@ ${all}`)} limit ${mostRanked}`
      : some(hasWords ? has('words') : 'true', order);
  const page = `limit $${params.length + 1} offset $${params.length + 2}`;
  const facet = (column: string) =>
    `coalesce((select json_agg(json_build_object('value', value, 'count', least(count, ${countLimit})) order by count desc, value)
       from (select ${column} as value, count(*)::int as count from found group by ${column} order by 2 desc limit 30) f), '[]')`;
  const row = await tx.one<Row>(
    `with found as materialized (select *, ${hasWords ? `ts_rank(words, ${all})` : '0'} as rank from (${candidates}) c)
     select (select array_agg(event_id) from (
         select event_id from found order by ${orderOf(query.sort, hasWords)} ${page}) page) as events,
       (select count(*)::int from found) as count,
       ${facet('genre')} as genre, ${facet('city')} as city`,
    [...params, query.limit, query.offset],
  );
  const { events, count = 0, genre = [], city = [] } = row ?? { events: [] };
  return { events: events ?? [], count, facets: { genre, city } };
}

/** Where more fit than are ranked: which ones those are. By relevance, any that have the words in their names. */
const candidateOrder: Partial<Record<SearchSort, string>> = {
  date: ' order by starts_at, event_id',
  popularity: ' order by popularity desc, event_id',
};

/** `kilometres`: how far away an event is, as SQL. */
function filterOf(query: SearchQuery): { conditions: string[]; params: unknown[]; kilometres: string } {
  const params: unknown[] = [];
  const conditions: string[] = [];
  const add = (value: unknown, condition: (param: string) => string) => {
    if (value === undefined) return;
    params.push(value);
    conditions.push(condition(`$${params.length}`));
  };
  add(query.genre, (param) => `genre = ${param}`);
  add(query.city?.toLowerCase(), (param) => `lower(city) = ${param}`);
  add(query.venue, (param) => `venue_id = ${param}`);
  add(query.from, (param) => `starts_at >= to_timestamp(${param}::float8 / 1000)`);
  add(query.to, (param) => `starts_at < to_timestamp(${param}::float8 / 1000)`);
  add(query.maxAmount, (param) => `from_amount <= ${param}`);
  if (query.from === undefined) conditions.push("starts_at > now() - interval '12 hours'");
  if (query.onSale) {
    conditions.push("status = 'onSale' and opens_at <= now() and (closes_at is null or closes_at > now())");
  }
  if (!query.near) return { conditions, params, kilometres: 'null::float8' };
  params.push(query.near.latitude, query.near.longitude, query.near.km);
  const [latitude = '', longitude = '', km = ''] = [2, 1, 0].map((back) => `$${params.length - back}`);
  const kilometres = distanceOf(latitude, longitude);
  conditions.push(`latitude is not null and ${kilometres} <= ${km}::float8`);
  return { conditions, params, kilometres };
}

/** On a sphere, by the haversine formula, in km; null where a place is not known. */
function distanceOf(latitude: string, longitude: string): string {
  return `12742 * asin(least(1, sqrt(
    power(sin(radians(latitude - ${latitude}::float8) / 2), 2) + cos(radians(latitude)) * cos(radians(${latitude}::float8))
      * power(sin(radians(longitude - ${longitude}::float8) / 2), 2))))`;
}

/** Where no words are looked for, the soonest is the best. */
function orderOf(sort: SearchSort, hasWords: boolean): string {
  const byDate = 'starts_at, event_id collate "C"';
  if (sort === 'date' || (sort === 'relevance' && !hasWords)) return byDate;
  if (sort === 'distance') return `km nulls last, ${byDate}`;
  return sort === 'popularity' ? `popularity desc, ${byDate}` : `rank desc, popularity desc, ${byDate}`;
}

async function putWords(tx: Query, documents: readonly SearchDocument[]): Promise<void> {
  const words = new Set(documents.flatMap((document) => partsOf(document).flatMap(({ text }) => wordsOf(text))));
  // In one order, so that two who write at once do not wait for each other.
  await tx.query('insert into search_words (word) select unnest($1::text[]) on conflict do nothing', [
    [...words].sort(),
  ]);
}

async function putDocuments(tx: Query, documents: readonly SearchDocument[]): Promise<void> {
  const rows = [...documents]
    .sort((a, b) => (a.event < b.event ? -1 : 1))
    .map((document) => ({
      ...document,
      words: vectorOf(document),
    }));
  await tx.query(
    `insert into search_documents (event_id, words, starts_at, city, genre, venue_id, latitude, longitude, from_amount,
       currency, status, opens_at, closes_at, popularity)
     select event, words::tsvector, to_timestamp("startsAt" / 1000), city, genre, "venueId", latitude, longitude,
       "fromAmount", currency, status, to_timestamp("opensAt" / 1000), to_timestamp("closesAt" / 1000), popularity
     from json_to_recordset($1::json) as d (event text, words text, "startsAt" float8, city text, genre text,
       "venueId" text, latitude float8, longitude float8, "fromAmount" int, currency text, status text,
       "opensAt" float8, "closesAt" float8, popularity int)
     on conflict (event_id) do update set words = excluded.words, starts_at = excluded.starts_at, city = excluded.city,
       genre = excluded.genre, venue_id = excluded.venue_id, latitude = excluded.latitude,
       longitude = excluded.longitude, from_amount = excluded.from_amount, currency = excluded.currency,
       status = excluded.status, opens_at = excluded.opens_at, closes_at = excluded.closes_at,
       popularity = excluded.popularity`,
    [JSON.stringify(rows)],
  );
}

/** What of an event can be found, and how much a word there weighs (Postgres' A to D). */
function partsOf({ title, performers, venue, city, country, genre, about }: SearchDocument) {
  return [
    { text: title, weight: 'A' },
    { text: performers.join(' '), weight: 'A' },
    { text: `${venue} ${city}`, weight: 'B' },
    { text: `${genre} ${country}`, weight: 'C' },
    { text: about, weight: 'D' },
  ] as const;
}

/** A tsvector as text. Words are letters and digits only, so nothing in it has to be escaped. */
function vectorOf(document: SearchDocument): string {
  let position = 0;
  const lexemes = new Map<string, string[]>();
  for (const { text, weight } of partsOf(document)) {
    for (const word of wordsOf(text)) {
      position = Math.min(position + 1, 16_383);
      lexemes.set(word, [...(lexemes.get(word) ?? []), `${position}${weight}`].slice(0, 255));
    }
  }
  return [...lexemes].map(([word, positions]) => `'${word}':${positions.join(',')}`).join(' ');
}
