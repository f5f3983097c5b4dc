import { millis } from '../db/millis.js';
import type { Query } from '../db/pool.js';
import type { SearchDocument } from './search.js';

/** Those of the events that buyers may find: drafts and what is past may not. */
export function readDocuments(db: Query, events: readonly string[]): Promise<SearchDocument[]> {
  return db.query<SearchDocument>(
    `select e.id as event, e.title, e.about, e.genre, ${millis('e.starts_at')} as "startsAt", e.status, e.currency,
       ${millis('e.opens_at')} as "opensAt", ${millis('e.closes_at')} as "closesAt",
       v.name as venue, v.id as "venueId", v.city, v.country, v.latitude, v.longitude,
       coalesce((select array_agg(p.name order by ep.billing) from event_performers ep
         join performers p on p.id = ep.performer_id where ep.event_id = e.id), '{}') as performers,
       (select min(amount) from prices where event_id = e.id and version = e.price_version) as "fromAmount",
       (select count(*) from tickets where event_id = e.id and live)::int as popularity
     from events e join venues v on v.id = e.venue_id
     where e.id = any($1) and e.status not in ('draft', 'past')`,
    [events],
  );
}

/** Events that have one of these: an event itself, its venue, or one of its performers. */
export async function eventsWith(db: Query, ids: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from events where id = any($1) or venue_id = any($1)
     union select event_id from event_performers where performer_id = any($1)`,
    [ids],
  );
  return rows.map(({ id }) => id);
}

/** A page of all that can be found, by id. */
export async function findableEvents(db: Query, after: string, limit: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    "select id from events where id > $1 and status not in ('draft', 'past') order by id limit $2",
    [after, limit],
  );
  return rows.map(({ id }) => id);
}
