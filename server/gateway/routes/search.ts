import type { z } from 'zod';
import { searchQuerySchema, searchReplySchema } from '../../../protocol/search.js';
import type { Clock } from '../../core/clock.js';
import { Fault, unavailable } from '../../core/faults.js';
import { createShortCache } from '../../core/short-cache.js';
import type { SearchFound, SearchQuery } from '../../search/search.js';
import { wordsOf } from '../../search/words.js';
import type { Auths } from '../http/auth.js';
import { cacheable } from '../http/cacheable.js';
import type { Headers } from '../http/exchange.js';
import { type Route, route } from '../http/route.js';
import type { Services } from '../services.js';
import { eventView } from './views.js';

/** Answers are the same for everybody and are kept for a moment; the edge may keep them longer where it hears of changes. */
const freshMs = 2_000;
const lastResortMs = 60_000;
/** Beyond, nobody pages on, and each page costs the ranking anew. */
const farthest = 1_000;
/** Of one worker, beyond what it has kept. */
const mostAtOnce = 30;

type Query = z.output<typeof searchQuerySchema>;

export interface SearchRoutes {
  readonly routes: Route[];
  /** Something that can be found has changed. */
  changed(): void;
}

export function searchRoutes(
  { search, shared, views, settings }: Services,
  { anybody }: Auths,
  clock: Clock,
): SearchRoutes {
  const policy = { sharedMaxAge: settings.isPurged ? 60 : 5, staleWhileRevalidate: 60 };
  let underWay = 0;
  const kept = createShortCache<SearchFound>({ clock, freshMs: () => freshMs, lastResortMs, entries: 500 });

  /** What is asked beyond is refused at once: a search that waits for long is of no use to whoever types. */
  async function findOne(wish: SearchQuery): Promise<SearchFound> {
    if (underWay >= mostAtOnce) throw unavailable('Too many are searching now.', 1_000);
    underWay++;
    try {
      return await search.find(wish);
    } finally {
      underWay--;
    }
  }

  const find = route({
    method: 'GET',
    path: '/v1/search',
    role: 'view',
    summary:
      'Events by what is typed: words of the title, performers, venue, city or genre, the last one unfinished, a letter or two wrong; with filters, order and counts.',
    auth: anybody,
    shared: true,
    query: searchQuerySchema,
    replies: { 200: { description: 'A page of events, the best first.', schema: searchReplySchema } },
    errors: ['unavailable'],
    async handle({ query, head }) {
      const wish = wishOf(query);
      const key = JSON.stringify(wish);
      const found = await kept.get(key, () => shared.read(`search:${key}`, () => findOne(wish)));
      const events = await Promise.all(found.events.map((id) => views.event(id)));
      const items = events.flatMap((event) => (event && event.status !== 'draft' ? [eventView(event)] : []));
      const next = wish.offset + wish.limit;
      const more = next < found.count && next < farthest;
      const { count, corrected, words, facets } = found;
      const page = {
        items,
        count,
        ...(corrected && { corrected }),
        words,
        facets,
        nextCursor: more ? String(next) : null,
      };
      const headers: Headers = found.isFallBack ? { 'cavea-search': 'fall-back' } : {};
      return cacheable(head, page, { ...policy, tags: ['search', ...items.map(({ id }) => id)], headers });
    },
  });
  return { routes: [find], changed: () => kept.drop(() => true) };
}

/** The same wish in other words is the same wish. @throws Fault `badRequest` */
function wishOf({ q, lat, lon, km, cursor, limit, sort, onSale, ...filters }: Query): SearchQuery {
  if ((lat === undefined) !== (lon === undefined)) throw new Fault('badRequest', 'lat and lon go together.');
  const near = lat !== undefined && lon !== undefined ? { latitude: lat, longitude: lon, km } : undefined;
  if (sort === 'distance' && !near) throw new Fault('badRequest', 'sort=distance needs lat and lon.');
  // A blank at the end says that the last word is finished; people type it by accident, so it does not count.
  return { text: wordsOf(q).join(' '), ...filters, near, onSale: onSale === '1', sort, limit, offset: cursor };
}
