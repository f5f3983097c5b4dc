import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { Search, SearchDocument, SearchQuery } from '../../../server/search/search.js';

/**
 * Speaks as much of Typesense's API as we use, strictly: an unknown path, parameter, field or filter is refused. What is
 * found it asks another search for, so it proves requests and the handling of failures, not typos or ranking.
 */
export interface StandIn {
  readonly url: string;
  readonly apiKey: string;
  /** Names of collections, and where the alias leads. */
  state(): {
    readonly collections: readonly string[];
    readonly alias: string | undefined;
    readonly synonyms: readonly (readonly string[])[];
  };
  /** The collection that the alias leads to, as if another release had made it. */
  rename(to: string): void;
  /** Every request is answered with this status; undefined: as usual. */
  fail(status: number | undefined): void;
  /** Documents with these ids are refused, each on its line. */
  refuse(ids: readonly string[]): void;
  close(): Promise<void>;
}

interface Collection {
  readonly fields: ReadonlyMap<string, { readonly type: string; readonly optional: boolean }>;
  readonly rows: Map<string, Row>;
}
type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** Of its API description (version 30), as far as a search may have them. */
const searchParams = new Set(
  `q query_by query_by_weights prefix filter_by sort_by facet_by max_facet_values num_typos page per_page limit offset
   include_fields exclude_fields drop_tokens_threshold typo_tokens_threshold search_cutoff_ms min_len_1typo min_len_2typo`.split(
    /\s+/,
  ),
);

/** @param engine made anew for each search of a collection. */
export async function startStandIn(engine: Search): Promise<StandIn> {
  const apiKey = 'the-key';
  const collections = new Map<string, Collection>();
  const aliases = new Map<string, string>();
  const synonyms = new Map<string, string[][]>();
  const refused = new Set<string>();
  let failure: number | undefined;

  async function answer(request: IncomingMessage, body: string): Promise<{ status: number; text: string }> {
    const json = (status: number, value: object) => ({ status, text: JSON.stringify(value) });
    const url = new URL(request.url ?? '/', 'http://typesense');
    if (failure !== undefined) return json(failure, { message: 'asked to fail' });
    if (request.headers['x-typesense-api-key'] !== apiKey) return json(401, { message: 'Forbidden' });
    const [, kind, name = '', documents, verb] = url.pathname.split('/').map(decodeURIComponent);
    const route = [request.method, kind, documents, verb].filter(Boolean).join(' ');
    if (route === 'POST collections') {
      const made = JSON.parse(body) as {
        name: string;
        fields: { name: string; type: string; optional?: boolean }[];
        synonym_sets: string[];
      };
      if (!made.synonym_sets.every((set) => synonyms.has(set))) return json(400, { message: 'no such synonym set' });
      const fields = new Map(made.fields.map(({ name, type, optional = false }) => [name, { type, optional }]));
      collections.set(made.name, { fields, rows: new Map() });
      return json(201, made);
    }
    if (request.method === 'PUT' && kind === 'synonym_sets') {
      const { items } = JSON.parse(body) as { items: { id: string; synonyms: string[] }[] };
      synonyms.set(
        name,
        items.map((item) => item.synonyms),
      );
      return json(200, { name, items });
    }
    if (route === 'GET aliases') {
      const to = aliases.get(name);
      return to === undefined ? json(404, { message: 'Not Found' }) : json(200, { name, collection_name: to });
    }
    if (route === 'PUT aliases') {
      const { collection_name: to } = JSON.parse(body) as { collection_name: string };
      if (!collections.has(to)) return json(404, { message: 'no such collection' });
      aliases.set(name, to);
      return json(200, { name, collection_name: to });
    }
    const found = collections.get(aliases.get(name) ?? name);
    if (!found) return json(404, { message: 'Not Found' });
    if (route === 'DELETE collections') {
      collections.delete(name);
      return json(200, { name });
    }
    if (route === 'POST collections documents import') {
      if (url.searchParams.get('action') !== 'upsert') return json(400, { message: 'action' });
      const lines = body.split('\n').map((line) => importLine(found, JSON.parse(line) as Row, refused));
      return { status: 200, text: lines.map((line) => JSON.stringify(line)).join('\n') };
    }
    if (route === 'DELETE collections documents') {
      const ids = [...(url.searchParams.get('filter_by') ?? '').matchAll(/`([^`]*)`/g)].map(([, id = '']) => id);
      const deleted = ids.filter((id) => found.rows.delete(id));
      return json(200, { num_deleted: deleted.length });
    }
    if (route === 'GET collections documents search') return json(200, await search(found, url.searchParams));
    return json(404, { message: `no such route: ${route}` });
  }

  async function search({ rows }: Collection, params: URLSearchParams): Promise<object> {
    for (const name of params.keys()) if (!searchParams.has(name)) throw new Error(`unknown parameter ${name}`);
    async function* batches() {
      yield [...rows.values()].map(documentOf);
    }
    await engine.replaceAll(batches);
    const { events, count, facets, words } = await engine.find(queryOf(params));
    return {
      found: count,
      hits: events.map((id) => ({
        document: { id },
        highlights: [{ field: 'title', matched_tokens: [...words] }],
        highlight: {},
        text_match: 1,
      })),
      facet_counts: Object.entries(facets).map(([field_name, counts]) => ({ field_name, counts })),
    };
  }

  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const reply = await answer(request, Buffer.concat(parts).toString()).catch((error: unknown) => ({
      status: 400,
      text: JSON.stringify({ message: String(error) }),
    }));
    const isLines = request.url?.includes('/import') ?? false;
    response.writeHead(reply.status, { 'content-type': isLines ? 'text/plain' : 'application/json' }).end(reply.text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    apiKey,
    state: () => ({
      collections: [...collections.keys()],
      alias: aliases.get('cavea_events'),
      synonyms: synonyms.get('cavea_events') ?? [],
    }),
    rename(to) {
      const from = aliases.get('cavea_events') ?? '';
      const found = collections.get(from);
      if (!found) return;
      collections.delete(from);
      collections.set(to, found);
      aliases.set('cavea_events', to);
    },
    fail: (status) => {
      failure = status;
    },
    refuse: (ids) => {
      refused.clear();
      for (const id of ids) refused.add(id);
    },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function importLine({ fields, rows }: Collection, row: Row, refused: ReadonlySet<string>): object {
  if (refused.has(row.id)) return { success: false, error: 'asked to refuse', code: 400 };
  for (const [name, { type, optional }] of fields) {
    const value = row[name];
    if (value === undefined ? !optional : !fits(value, type)) {
      return { success: false, error: `Field \`${name}\` must be ${type}`, code: 400 };
    }
  }
  rows.set(row.id, row);
  return { success: true };
}

function fits(value: unknown, type: string): boolean {
  if (type === 'string') return typeof value === 'string';
  if (type === 'string[]') return Array.isArray(value) && value.every((one) => typeof one === 'string');
  if (type === 'geopoint') return Array.isArray(value) && value.length === 2;
  return Number.isInteger(value);
}

function documentOf(row: Row): SearchDocument {
  const text = (name: string) => String(row[name]);
  const number = (name: string) => (row[name] === undefined ? null : Number(row[name]));
  const [latitude = null, longitude = null] = (row.location ?? []) as number[];
  return {
    event: row.id,
    title: text('title'),
    performers: row.performers as string[],
    venue: text('venue'),
    venueId: text('venue_id'),
    city: text('city'),
    country: text('country'),
    genre: text('genre'),
    about: text('about'),
    startsAt: (number('starts_at') ?? 0) * 1_000,
    opensAt: (number('opens_at') ?? 0) * 1_000,
    closesAt: row.closes_at === undefined ? null : (number('closes_at') ?? 0) * 1_000,
    latitude,
    longitude,
    fromAmount: number('from_amount'),
    currency: text('currency'),
    status: text('status'),
    popularity: number('popularity') ?? 0,
  };
}

/** What our parameters ask for. @throws Error when a part of them is none of Typesense's language. */
function queryOf(params: URLSearchParams): SearchQuery {
  const text = params.get('q') ?? '';
  const query: { -readonly [K in keyof SearchQuery]: SearchQuery[K] } = {
    text: text === '*' ? '' : text,
    sort: 'relevance',
    limit: Number(params.get('limit')),
    offset: Number(params.get('offset')),
  };
  for (const part of (params.get('filter_by') ?? '').split(' && ')) {
    const [, field = '', operator = '', value = ''] =
      /^(\w+):(:?=|>=|<=|>|<|)\(?`?([^`)]*)`?\)?$/.exec(part.replace(':=', ':=')) ?? [];
    const name = `${field}${operator}`;
    if (name === 'genre=') query.genre = value;
    else if (name === 'city=') query.city = value;
    else if (name === 'venue_id=') query.venue = value;
    else if (name === 'starts_at>=') query.from = Number(value) * 1_000;
    else if (name === 'starts_at<') query.to = Number(value) * 1_000;
    else if (name === 'from_amount<=') query.maxAmount = Number(value);
    else if (name === 'status=') query.onSale = true;
    else if (name === 'location') {
      const [latitude = 0, longitude = 0, km = 0] = value.split(',').map((one) => Number.parseFloat(one));
      query.near = { latitude, longitude, km };
    } else if (name !== 'starts_at>' && name !== 'opens_at<=') throw new Error(`no such filter: ${part}`);
  }
  const [first = ''] = (params.get('sort_by') ?? '').split(/,(?![^(]*\))/);
  if (first.startsWith('starts_at')) query.sort = 'date';
  else if (first.startsWith('popularity')) query.sort = 'popularity';
  else if (first.startsWith('location')) query.sort = 'distance';
  else if (first !== '_text_match:desc') throw new Error(`no such order: ${first}`);
  return query;
}
