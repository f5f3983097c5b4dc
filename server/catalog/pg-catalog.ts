import type { Clock } from '../core/clock.js';
import { Fault } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { type SharedReads, unshared } from '../core/shared-reads.js';
import { createShortCache, type ShortCache } from '../core/short-cache.js';
import type { Query } from '../db/pool.js';
import type { Catalog, EventRecord, Performer, PriceList, StoredChart, Venue } from './catalog.js';
import { readEvent, readEvents } from './event-rows.js';
import { readPriceList } from './prices.js';
import { openChart } from './stored-chart.js';

/** Below a second, so that a price or pause that staff set is everywhere at once to a human eye. */
const freshMs = 500;
/** The same while changes are heard of: only against what nobody has thought of. */
const freshWhileToldMs = 300_000;
/** While Postgres is away, pages are served from what was last known. */
const lastResortMs = 600_000;
/** A decoded chart of 100,000 seats takes about 2 MB. */
const chartsKept = 32;

const idPattern = /^[a-z]{3}_[0-9A-Za-z_-]{1,36}$/;

/** The catalogue as it stands in Postgres. */
export function createCatalog(ports: {
  readonly db: Query;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether `drop` would be called about a change now. */
  readonly isTold?: () => boolean;
  readonly shared?: SharedReads;
}): Catalog {
  const { db, clock, log, isTold = () => false, shared = unshared } = ports;
  const brief = { clock, freshMs: () => (isTold() ? freshWhileToldMs : freshMs), lastResortMs };
  const forever = { clock, freshMs: () => Number.POSITIVE_INFINITY, lastResortMs };
  const events = createShortCache<EventRecord | undefined>({ ...brief, entries: 1_000 });
  const pages = createShortCache<readonly EventRecord[]>({ ...brief, entries: 500 });
  const venues = createShortCache<Venue | undefined>({ ...brief, entries: 200 });
  const performers = createShortCache<Performer | undefined>({ ...brief, entries: 200 });
  const prices = createShortCache<PriceList>({ ...forever, entries: 1_000 });
  const charts = createShortCache<StoredChart>({ ...forever, entries: chartsKept });

  /** From this process's memory, from another one's reading, or from Postgres. */
  async function one<Value>(
    cache: ShortCache<Value | undefined>,
    id: string,
    read: (db: Query, id: string) => Promise<Value | undefined>,
  ): Promise<Value | undefined> {
    if (!idPattern.test(id)) return undefined;
    return cache.get(id, () => shared.read(id, () => read(db, id)));
  }

  async function readChart(hash: string): Promise<StoredChart> {
    const row = await db.one<{ pack: Buffer }>('select pack from charts where hash = $1', [hash]);
    // Thrown, not kept: a chart that is not there may be there in a moment.
    if (!row) throw new Fault('notFound', 'There is no such chart.');
    const started = clock.monotonic();
    const chart = openChart(row.pack, hash);
    log.debug({ chart: hash, seats: chart.chart.seats, ms: clock.monotonic() - started }, 'chart opened');
    return chart;
  }

  return {
    async events({ limit, cursor, filter }) {
      if (cursor !== undefined && !idPattern.test(cursor)) {
        throw new Fault('badRequest', 'The cursor is not one that this list gave.');
      }
      const page = ['events', limit, cursor, filter.series, filter.venue, filter.performer].join(':');
      // One more than asked for tells whether there is a next page.
      const found = await pages.get(page, () =>
        shared.read(page, () => readEvents(db, { limit: limit + 1, after: cursor, filter })),
      );
      const items = found.slice(0, limit);
      return { items, nextCursor: found.length > limit ? items.at(-1)?.id : undefined };
    },
    event: (id) => one(events, id, readEvent),
    venue: (id) => one(venues, id, readVenue),
    performer: (id) => one(performers, id, readPerformer),
    async chart(hash) {
      if (!/^[0-9a-f]{64}$/.test(hash)) return undefined;
      try {
        return await charts.get(hash, () => readChart(hash));
      } catch (error) {
        if (error instanceof Fault && error.code === 'notFound') return undefined;
        throw error;
      }
    },
    prices: (event, version) => prices.get(`${event} ${version}`, () => readPrices(db, event, version)),
    drop(tags) {
      const is = (id: string) => tags === undefined || tags.includes(id);
      const isAbout = (event: EventRecord | undefined) =>
        event === undefined || is(event.id) || is(event.venue.id) || event.performers.some(({ id }) => is(id));
      events.drop(isAbout);
      // A new event may belong on any page.
      pages.drop(() => true);
      venues.drop((venue) => venue === undefined || is(venue.id));
      performers.drop((performer) => performer === undefined || is(performer.id));
    },
    async openEvents() {
      const rows = await db.query<{ id: string }>(
        "select id from events where status in ('onSale', 'paused') order by starts_at, id",
      );
      return rows.map(({ id }) => id);
    },
  };
}

function readVenue(db: Query, id: string): Promise<Venue | undefined> {
  return db.one<Venue>('select id, name, city, country, address, time_zone as "timeZone" from venues where id = $1', [
    id,
  ]);
}

function readPerformer(db: Query, id: string): Promise<Performer | undefined> {
  return db.one<Performer>('select id, name, genre, about from performers where id = $1', [id]);
}

/** @throws Fault `notFound`: a version without prices is never kept, because it may be about to be written. */
async function readPrices(db: Query, event: string, version: number): Promise<PriceList> {
  const list = await readPriceList(db, event, version);
  if (!list) throw new Fault('notFound', 'There are no such prices.');
  return list;
}
