import { Client, Errors } from 'typesense';
import type { Clock } from '../core/clock.js';
import { unavailable } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { countLimit, type Search, type SearchDocument, type SearchFound, type SearchQuery } from './search.js';
import { noSynonyms, type Synonyms } from './synonyms.js';
import { distance, mistakesAllowed, wordsOf } from './words.js';

/**
 * Search in Typesense. The only importer of its client.
 *
 * Documents lie in a collection that is named by the version of its schema and the time when it was made; an alias says
 * which one is searched. Everything anew is a new collection beside the old one, and the alias moved when it is full: nobody
 * searches a half, and until the first one is full there is no alias, so that the fall-back answers. Times are in seconds, because that is what its own examples sort and filter by.
 */
const ALIAS = 'cavea_events';
const SCHEMA_VERSION = 1;
const answerSeconds = 2;
const cutoffMs = 1_000;

const fields = [
  { name: 'title', type: 'string' },
  { name: 'performers', type: 'string[]' },
  { name: 'venue', type: 'string' },
  { name: 'venue_id', type: 'string' },
  { name: 'city', type: 'string', facet: true },
  { name: 'country', type: 'string' },
  { name: 'genre', type: 'string', facet: true },
  { name: 'about', type: 'string' },
  { name: 'starts_at', type: 'int64' },
  { name: 'opens_at', type: 'int64' },
  { name: 'closes_at', type: 'int64', optional: true },
  { name: 'location', type: 'geopoint', optional: true },
  { name: 'from_amount', type: 'int32', optional: true },
  { name: 'currency', type: 'string' },
  { name: 'status', type: 'string' },
  { name: 'popularity', type: 'int32' },
] as const;

const collectionPrefix = `${ALIAS}_v${SCHEMA_VERSION}_`;

/** What is searched, and how much a word there weighs. */
const searched = { title: 8, performers: 8, venue: 4, city: 4, genre: 2, country: 2, about: 1 };

export interface TypesenseSettings {
  readonly url: string;
  readonly apiKey: string;
}

export function createTypesenseSearch(
  options: TypesenseSettings & { readonly synonyms?: Synonyms; readonly clock: Clock; readonly log: Logger },
): Search {
  const { url, apiKey, synonyms = noSynonyms, clock, log } = options;
  const client = new Client({
    nodes: [{ url }],
    apiKey,
    connectionTimeoutSeconds: answerSeconds,
    // Whoever waits for an answer is told at once; the fall-back is there for that.
    numRetries: 0,
    logLevel: 'silent',
  });

  async function ask<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw unavailable('The search cannot answer now.', 1_000, error);
    }
  }

  async function put(collection: string, documents: readonly SearchDocument[]): Promise<void> {
    if (documents.length === 0) return;
    const rows = documents.map(rowOf);
    const lines = await ask(() => importRows(collection, rows));
    // Each line has an answer of its own. One that is refused would be again: it is left to a person.
    for (const [at, line] of lines.entries()) {
      if (!line.success) log.error({ event: rows[at]?.id, reason: line.error }, 'an event cannot be searched');
    }
  }

  async function importRows(collection: string, rows: readonly Row[]): Promise<readonly ImportLine[]> {
    try {
      return await client
        .collections<Row>(collection)
        .documents()
        .import([...rows], { action: 'upsert' });
    } catch (error) {
      // Thrown for a single bad line, with the answers of all.
      if (error instanceof Errors.ImportError) return error.importResults;
      throw error;
    }
  }

  async function putSynonyms(): Promise<void> {
    const items = synonyms.groups.map((group, at) => ({ id: `group-${at}`, synonyms: [...group] }));
    await ask(() => client.synonymSets(ALIAS).upsert({ items }));
  }

  async function makeCollection(): Promise<string> {
    await putSynonyms();
    const name = `${collectionPrefix}${clock.now()}`;
    const schema = { name, fields: [...fields], default_sorting_field: 'popularity', synonym_sets: [ALIAS] };
    await ask(() => client.collections().create(schema));
    return name;
  }

  /** The one that is searched, whatever its schema. */
  async function current(): Promise<string | undefined> {
    return ask(async () => {
      try {
        return (await client.aliases(ALIAS).retrieve()).collection_name;
      } catch (error) {
        if (error instanceof Errors.ObjectNotFound) return undefined;
        throw error;
      }
    });
  }

  async function collection(): Promise<string> {
    const known = await current();
    if (known?.startsWith(collectionPrefix)) return known;
    throw unavailable('The search has to be filled first.', 1_000);
  }

  return {
    async begin() {
      // The list may be another one than at the last start.
      await putSynonyms();
      return (await current())?.startsWith(collectionPrefix) ?? false;
    },
    async find(query) {
      const found = await ask(() => client.collections(ALIAS).documents().search(paramsOf(query, clock.now()), {}));
      return foundOf(query, found as unknown as Answer);
    },
    put: async (documents) => put(await collection(), documents),
    async remove(events) {
      if (events.length === 0) return;
      const filter_by = `id:[${events.map(quoted).join(',')}]`;
      await ask(async () =>
        client
          .collections(await collection())
          .documents()
          .delete({ filter_by }),
      );
    },
    async replaceAll(batches) {
      const before = await current();
      const name = await makeCollection();
      for await (const documents of batches()) await put(name, documents);
      await ask(() => client.aliases().upsert(ALIAS, { collection_name: name }));
      if (before !== undefined) await ask(() => client.collections(before).delete());
    },
  };
}

function rowOf(document: SearchDocument) {
  const { event, venueId, startsAt, opensAt, closesAt, latitude, longitude, fromAmount, ...same } = document;
  return {
    ...same,
    id: event,
    performers: [...same.performers],
    venue_id: venueId,
    starts_at: seconds(startsAt),
    opens_at: seconds(opensAt),
    ...(closesAt !== null && { closes_at: seconds(closesAt) }),
    ...(latitude !== null && longitude !== null && { location: [latitude, longitude] }),
    ...(fromAmount !== null && { from_amount: fromAmount }),
  };
}

export function paramsOf(query: SearchQuery, now: number) {
  const { near, sort } = query;
  const orders = {
    // Where no words are looked for, the soonest is the best.
    relevance: query.text === '' ? 'starts_at:asc' : '_text_match:desc,popularity:desc,starts_at:asc',
    date: 'starts_at:asc',
    popularity: 'popularity:desc,starts_at:asc',
    distance: near ? `location(${near.latitude},${near.longitude}):asc,starts_at:asc` : 'starts_at:asc',
  };
  return {
    q: query.text === '' ? '*' : query.text,
    query_by: Object.keys(searched).join(','),
    query_by_weights: Object.values(searched).join(','),
    filter_by: filterOf(query, now),
    sort_by: orders[sort],
    facet_by: 'genre,city',
    max_facet_values: 30,
    limit: query.limit,
    offset: query.offset,
    include_fields: 'id',
    num_typos: 2,
    min_len_1typo: 4,
    min_len_2typo: 8,
    // All words are wanted; misspelt ones are tried only when nothing has them as they are.
    drop_tokens_threshold: 0,
    typo_tokens_threshold: 1,
    search_cutoff_ms: cutoffMs,
  };
}

function filterOf({ near, onSale, ...query }: SearchQuery, now: number): string {
  const at = seconds(now);
  const parts = [
    query.genre !== undefined && `genre:=${quoted(query.genre)}`,
    query.city !== undefined && `city:=${quoted(query.city)}`,
    query.venue !== undefined && `venue_id:=${quoted(query.venue)}`,
    query.from === undefined ? `starts_at:>${at - 43_200}` : `starts_at:>=${seconds(query.from)}`,
    query.to !== undefined && `starts_at:<${seconds(query.to)}`,
    query.maxAmount !== undefined && `from_amount:<=${query.maxAmount}`,
    near && `location:(${near.latitude},${near.longitude},${near.km} km)`,
    onSale && `status:=onSale && opens_at:<=${at}`,
  ];
  return parts.filter((part) => typeof part === 'string').join(' && ');
}

type Row = ReturnType<typeof rowOf>;

interface ImportLine {
  readonly success: boolean;
  readonly error?: string;
}

interface Answer {
  readonly found: number;
  readonly hits?: readonly {
    readonly document: { readonly id: string };
    readonly highlights?: readonly { readonly matched_tokens: readonly (string | readonly string[])[] }[];
  }[];
  readonly facet_counts?: readonly {
    readonly field_name: string;
    readonly counts: readonly { readonly value: string; readonly count: number }[];
  }[];
}

function foundOf({ text }: SearchQuery, { found, hits = [], facet_counts: facets = [] }: Answer): SearchFound {
  const tokens = hits.flatMap(({ highlights = [] }) =>
    highlights.flatMap(({ matched_tokens }) => matched_tokens.flat()),
  );
  const words = [...new Set(tokens.flatMap((token) => wordsOf(token)))];
  const facet = (name: string) =>
    (facets.find(({ field_name }) => field_name === name)?.counts ?? []).map(({ value, count }) => ({
      value,
      count: Math.min(count, countLimit),
    }));
  return {
    events: hits.map(({ document }) => document.id),
    count: Math.min(found, countLimit),
    corrected: found > 0 ? correctionOf(wordsOf(text), words) : undefined,
    words,
    facets: { genre: facet('genre'), city: facet('city') },
  };
}

/** It does not say what it has taken for what: the nearest of the words that matched. */
function correctionOf(typed: readonly string[], matched: readonly string[]): string | undefined {
  const meant = typed.map((word) => {
    if (matched.some((one) => one.startsWith(word))) return word;
    const allowed = mistakesAllowed(word);
    return matched.find((one) => distance(word, one, allowed) <= allowed) ?? word;
  });
  return meant.some((word, at) => word !== typed[at]) ? meant.join(' ') : undefined;
}

/** In backticks a value may hold anything but a backtick. */
function quoted(value: string): string {
  return `\`${value.replaceAll('`', '')}\``;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
