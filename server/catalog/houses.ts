import { Fault } from '../core/faults.js';
import type { Query, Transaction } from '../db/pool.js';
import type { Performer, Venue } from './catalog.js';
import type { PerformerEdits, VenueEdits } from './input.js';

/** Venues, performers and charts as staff list and edit them. `after` is the id of the last item of the page before. */
export type Versioned<T> = T & { readonly version: number };

export interface ChartEntry {
  readonly hash: string;
  readonly venue: string;
  readonly name: string;
  readonly seats: number;
  readonly createdAt: number;
}

interface Page {
  readonly limit: number;
  readonly after: string | undefined;
}

const venueColumns = `id, name, city, country, address, time_zone as "timeZone", version`;
const performerColumns = 'id, name, genre, about, version';

export function readVenues(db: Query, { limit, after }: Page): Promise<Versioned<Venue>[]> {
  return db.query<Versioned<Venue>>(
    `select ${venueColumns} from venues
     where $2::text is null or (name, id) > (select l.name, l.id from venues l where l.id = $2)
     order by name, id limit $1`,
    [limit, after ?? null],
  );
}

export function readVenue(db: Query, id: string): Promise<Versioned<Venue> | undefined> {
  return db.one<Versioned<Venue>>(`select ${venueColumns} from venues where id = $1`, [id]);
}

export function readPerformers(db: Query, { limit, after }: Page): Promise<Versioned<Performer>[]> {
  return db.query<Versioned<Performer>>(
    `select ${performerColumns} from performers
     where $2::text is null or (name, id) > (select l.name, l.id from performers l where l.id = $2)
     order by name, id limit $1`,
    [limit, after ?? null],
  );
}

export function readPerformer(db: Query, id: string): Promise<Versioned<Performer> | undefined> {
  return db.one<Versioned<Performer>>(`select ${performerColumns} from performers where id = $1`, [id]);
}

/** Newest first; of one venue when given. */
export async function readCharts(
  db: Query,
  { limit, after, venue }: Page & { readonly venue: string | undefined },
): Promise<ChartEntry[]> {
  const rows = await db.query<Omit<ChartEntry, 'createdAt'> & { created_at: Date }>(
    `select hash, venue_id as venue, name, seats, created_at from charts
     where ($3::text is null or venue_id = $3)
       and ($2::text is null or (created_at, hash) < (select l.created_at, l.hash from charts l where l.hash = $2))
     order by created_at desc, hash desc limit $1`,
    [limit, after ?? null, venue ?? null],
  );
  return rows.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at.getTime() }));
}

/** As it was written. */
export async function readChartSource(db: Query, hash: string): Promise<object | undefined> {
  return (await db.one<{ source: object }>('select source from charts where hash = $1', [hash]))?.source;
}

/** @throws Fault `notFound`, `preconditionFailed` when `version` is no longer the current one */
export async function editVenue(tx: Transaction, id: string, version: number, edits: VenueEdits): Promise<void> {
  await requireVersion(tx, 'venues', id, version);
  const { name, city, country, address, timeZone } = edits;
  await tx.query(
    `update venues set version = version + 1, name = coalesce($2, name), city = coalesce($3, city),
       country = coalesce($4, country), address = coalesce($5, address), time_zone = coalesce($6, time_zone)
     where id = $1`,
    [id, name, city, country, address, timeZone],
  );
}

/** Same errors. */
export async function editPerformer(
  tx: Transaction,
  id: string,
  version: number,
  edits: PerformerEdits,
): Promise<void> {
  await requireVersion(tx, 'performers', id, version);
  const { name, genre, about } = edits;
  await tx.query(
    `update performers set version = version + 1, name = coalesce($2, name), genre = coalesce($3, genre),
       about = coalesce($4, about)
     where id = $1`,
    [id, name, genre, about],
  );
}

async function requireVersion(
  tx: Transaction,
  table: 'venues' | 'performers',
  id: string,
  version: number,
): Promise<void> {
  const row = await tx.one<{ version: number }>(`select version from ${table} where id = $1 for update`, [id]);
  if (!row) throw new Fault('notFound');
  if (row.version !== version) throw new Fault('preconditionFailed');
}
