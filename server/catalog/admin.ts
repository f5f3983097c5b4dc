import { newId } from '../core/random.js';
import type { Query, Transaction } from '../db/pool.js';
import { type CompiledChart, compileChart } from './compile-chart.js';
import { eventColumns, eventRow } from './event-row.js';
import {
  badField,
  checked,
  checkRules,
  type NewEvent,
  type NewPerformer,
  type NewVenue,
  newEventSchema,
  newPerformerSchema,
  newVenueSchema,
} from './input.js';
import { setLineUp } from './line-up.js';
import { insertPrices, requirePrices } from './prices.js';

/** What staff add to the catalogue. Used by the seed, the command line and the admin API, inside their transaction. */

/** @returns its id. @throws Fault `badRequest`, as all of these. */
export async function createVenue(db: Query, input: NewVenue): Promise<string> {
  const venue = checked(newVenueSchema, input);
  const venueId = newId('ven');
  await db.query(
    `insert into venues (id, name, city, country, address, time_zone, latitude, longitude)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      venueId,
      venue.name,
      venue.city,
      venue.country,
      venue.address,
      venue.timeZone,
      venue.latitude ?? null,
      venue.longitude ?? null,
    ],
  );
  return venueId;
}

/** @returns its id. */
export async function createPerformer(db: Query, input: NewPerformer): Promise<string> {
  const { name, genre, about } = checked(newPerformerSchema, input);
  const performerId = newId('prf');
  await db.query('insert into performers (id, name, genre, about) values ($1, $2, $3, $4)', [
    performerId,
    name,
    genre,
    about,
  ]);
  return performerId;
}

/**
 * Compiles a chart's source and keeps it. The same chart again is the same row.
 * @throws Fault `badRequest` that lists every fault by JSON pointer; nothing is stored then.
 */
export async function storeChart(db: Query, venueId: string, source: unknown): Promise<CompiledChart> {
  const compiled = compileChart(source);
  await storeCompiled(db, venueId, compiled);
  return compiled;
}

/** The same of a chart that has been compiled already. */
export async function storeCompiled(db: Query, venueId: string, compiled: CompiledChart): Promise<void> {
  await requireVenue(db, venueId);
  await db.query(
    `insert into charts (hash, venue_id, name, seats, source, pack) values ($1, $2, $3, $4, $5, $6)
     on conflict (hash) do nothing`,
    [
      compiled.chart.hash,
      venueId,
      compiled.chart.name,
      compiled.chart.seats,
      JSON.stringify(compiled.source),
      compiled.pack,
    ],
  );
}

/** Writes the event, its line-up and version 1 of its prices. @returns its id. */
export async function createEvent(tx: Transaction, input: NewEvent): Promise<string> {
  const event = checked(newEventSchema, input);
  checkRules({ ...event, closesAt: event.closesAt });
  await requireVenue(tx, event.venueId);
  await requirePrices(tx, event.chartHash, event);
  const eventId = newId('evt');
  const values = eventColumns.map((_, at) => `$${at + 1}`);
  await tx.query(`insert into events (${eventColumns}) values (${values})`, eventRow({ ...event, id: eventId }));
  await setLineUp(tx, eventId, event.performers);
  await insertPrices(tx, eventId, 1, event);
  return eventId;
}

async function requireVenue(db: Query, venueId: string): Promise<void> {
  const venue = await db.one('select id from venues where id = $1', [venueId]);
  if (!venue) throw badField('/venueId', 'there is no such venue');
}
