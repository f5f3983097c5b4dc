import type { OrphanRule } from '../../protocol/orphans.js';
import type { Query } from '../db/pool.js';
import type { EventFilter, EventRecord, EventStatus, Performer, PriceList, Venue } from './catalog.js';
import { type PoolPart, releaseOf } from './pool-releases.js';
import { priceListColumns } from './prices.js';

/** Events as they lie in Postgres, and the queries that fetch them whole. */
interface EventRow extends PriceList {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly genre: string;
  readonly chart_hash: string;
  readonly series_id: string | null;
  readonly starts_at: Date;
  readonly status: EventStatus;
  readonly opens_at: Date;
  readonly closes_at: Date | null;
  readonly currency: string;
  readonly price_version: number;
  readonly hold_ttl_ms: number;
  readonly hold_cap_ms: number;
  readonly pay_window_ms: number;
  readonly hold_budget_ms: number;
  readonly max_seats_per_holder: number;
  readonly max_tickets_per_buyer: number | null;
  readonly orphan_rule: OrphanRule;
  readonly released: readonly PoolPart[];
  readonly room_on: boolean;
  readonly presale_until: Date | null;
  readonly version: number;
  readonly settled: boolean;
  readonly venue: Venue;
  readonly performers: readonly Performer[];
}

const venueObject = `json_build_object('id', v.id, 'name', v.name, 'city', v.city, 'country', v.country,
  'address', v.address, 'timeZone', v.time_zone)`;

const selectEvents = `select e.id, e.title, e.about, e.genre, e.chart_hash, e.series_id, e.starts_at, e.status, e.opens_at, e.closes_at,
    e.currency, e.price_version, e.hold_ttl_ms, e.hold_cap_ms, e.pay_window_ms, e.hold_budget_ms, e.max_seats_per_holder,
    e.max_tickets_per_buyer, e.orphan_rule, e.room_on, e.presale_until,
    e.version, e.settled_version >= e.version as settled, ${venueObject} as venue,
    coalesce((select json_agg(json_build_object('id', p.id, 'name', p.name, 'genre', p.genre, 'about', p.about)
        order by ep.billing)
      from event_performers ep join performers p on p.id = ep.performer_id where ep.event_id = e.id), '[]') as performers,
    coalesce((select json_agg(json_build_object('scope', r.scope, 'key', r.key) order by r.key)
      from pool_releases r where r.event_id = e.id), '[]') as released,
    ${priceListColumns('e.id', 'e.price_version')}
  from events e join venues v on v.id = e.venue_id`;

export async function readEvent(db: Query, id: string): Promise<EventRecord | undefined> {
  const row = await db.one<EventRow>(`${selectEvents} where e.id = $1`, [id]);
  return row && eventOf(row);
}

/** `after` is the id of the last event of the page before. */
export async function readEvents(
  db: Query,
  { limit, after, filter }: { limit: number; after: string | undefined; filter: EventFilter },
): Promise<EventRecord[]> {
  const params: unknown[] = [limit, after ?? null];
  const fits = (Object.keys(conditions) as (keyof EventFilter)[])
    .filter((name) => filter[name] !== undefined)
    .map((name) => `and ${conditions[name](`$${params.push(filter[name])}`)}`);
  const rows = await db.query<EventRow>(
    `${selectEvents} where e.status not in ('draft', 'past') ${fits.join(' ')}
       and ($2::text is null or (e.starts_at, e.id) > (select l.starts_at, l.id from events l where l.id = $2))
     order by e.starts_at, e.id limit $1`,
    params,
  );
  return rows.map(eventOf);
}

const conditions: Readonly<Record<keyof EventFilter, (param: string) => string>> = {
  series: (param) => `e.series_id = ${param}`,
  venue: (param) => `e.venue_id = ${param}`,
  performer: (param) => `e.id in (select event_id from event_performers where performer_id = ${param})`,
};

/** As staff see an event. `settled`: the seat engine has the rules of this version. */
export type StaffEvent = EventRecord & { readonly settled: boolean };

export async function readStaffEvent(db: Query, id: string): Promise<StaffEvent | undefined> {
  const row = await db.one<EventRow>(`${selectEvents} where e.id = $1`, [id]);
  return row && { ...eventOf(row), settled: row.settled };
}

/** The latest start first, drafts too; of one status or series when given. */
export async function readStaffEvents(
  db: Query,
  page: {
    limit: number;
    after: string | undefined;
    status: EventStatus | undefined;
    series: string | undefined;
  },
): Promise<StaffEvent[]> {
  const { limit, after, status, series } = page;
  const rows = await db.query<EventRow>(
    `${selectEvents} where ($3::text is null or e.status = $3) and ($4::text is null or e.series_id = $4)
       and ($2::text is null or (e.starts_at, e.id) < (select l.starts_at, l.id from events l where l.id = $2))
     order by e.starts_at desc, e.id desc limit $1`,
    [limit, after ?? null, status ?? null, series ?? null],
  );
  return rows.map((row) => ({ ...eventOf(row), settled: row.settled }));
}

function eventOf(row: EventRow): EventRecord {
  return {
    id: row.id,
    title: row.title,
    about: row.about,
    genre: row.genre,
    venue: row.venue,
    performers: row.performers,
    chartHash: row.chart_hash,
    series: row.series_id ?? undefined,
    startsAt: row.starts_at.getTime(),
    status: row.status,
    opensAt: row.opens_at.getTime(),
    closesAt: row.closes_at?.getTime(),
    currency: row.currency,
    priceVersion: row.price_version,
    ticketTypes: row.ticketTypes,
    prices: row.prices,
    holdTtlMs: row.hold_ttl_ms,
    holdCapMs: row.hold_cap_ms,
    payWindowMs: row.pay_window_ms,
    holdBudgetMs: row.hold_budget_ms,
    maxSeatsPerHolder: row.max_seats_per_holder,
    maxTicketsPerBuyer: row.max_tickets_per_buyer ?? undefined,
    orphanRule: row.orphan_rule,
    accessibleReleased: releaseOf(row.released),
    roomOn: row.room_on,
    presaleUntil: row.presale_until?.getTime(),
    version: row.version,
  };
}
