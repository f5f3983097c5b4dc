import { z } from 'zod';
import { Fault } from '../core/faults.js';
import { newId } from '../core/random.js';
import type { Query, Transaction } from '../db/pool.js';
import type { StoredChart } from './catalog.js';
import { type CompiledChart, compileChart } from './compile-chart.js';
import { openChart } from './stored-chart.js';

/** What staff add to the catalogue. Used by the seed, the command line and the admin API, inside their transaction. */

const text = (max: number) => z.string().max(max);
const title = z.string().min(1).max(200);
const id = z.string().min(1).max(40);
const time = z.int().min(0).max(253_402_300_799_999);
const ms = z.int().min(1_000).max(86_400_000);

export const newVenueSchema = z.strictObject({
  name: title,
  city: title,
  /** ISO 3166-1 alpha-2. */
  country: z.string().regex(/^[A-Z]{2}$/),
  address: text(400).default(''),
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin'),
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
});

export const newPerformerSchema = z.strictObject({ name: title, genre: title, about: text(4_000).default('') });

export const newEventSchema = z
  .strictObject({
    venueId: id,
    chartHash: z.string().regex(/^[0-9a-f]{64}$/),
    title,
    about: text(4_000).default(''),
    genre: title,
    /** Milliseconds since 1970, as all times. */
    startsAt: time,
    opensAt: time,
    closesAt: time.optional(),
    status: z.enum(['draft', 'announced', 'onSale']),
    /** ISO 4217, lower case. */
    currency: z.string().regex(/^[a-z]{3}$/),
    /** One for each price category of the chart; amounts in minor units. */
    prices: z
      .array(z.strictObject({ category: z.string(), name: title, amount: z.int().min(0).max(100_000_000) }))
      .min(1),
    /** Ids, headliner first. */
    performers: z.array(id).max(50).default([]),
    holdTtlMs: ms,
    holdCapMs: ms,
    payWindowMs: ms,
    maxSeatsPerHolder: z.int().min(1).max(64),
  })
  .refine((event) => event.holdCapMs >= event.holdTtlMs, {
    path: ['holdCapMs'],
    message: 'must not be below holdTtlMs',
  })
  .refine((event) => event.closesAt === undefined || event.closesAt > event.opensAt, {
    path: ['closesAt'],
    message: 'must be after opensAt',
  });

export type NewVenue = z.input<typeof newVenueSchema>;
export type NewPerformer = z.input<typeof newPerformerSchema>;
export type NewEvent = z.input<typeof newEventSchema>;

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
  return compiled;
}

/** Writes the event, its line-up and version 1 of its prices. @returns its id. */
export async function createEvent(tx: Transaction, input: NewEvent): Promise<string> {
  const event = checked(newEventSchema, input);
  await requireVenue(tx, event.venueId);
  checkPrices(event.prices, await requireChart(tx, event.chartHash));
  const eventId = newId('evt');
  await tx.query(
    `insert into events (id, venue_id, chart_hash, title, about, genre, starts_at, status, opens_at, closes_at,
       currency, hold_ttl_ms, hold_cap_ms, pay_window_ms, max_seats_per_holder)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      eventId,
      event.venueId,
      event.chartHash,
      event.title,
      event.about,
      event.genre,
      new Date(event.startsAt),
      event.status,
      new Date(event.opensAt),
      event.closesAt === undefined ? null : new Date(event.closesAt),
      event.currency,
      event.holdTtlMs,
      event.holdCapMs,
      event.payWindowMs,
      event.maxSeatsPerHolder,
    ],
  );
  for (const [billing, performer] of event.performers.entries()) {
    await addPerformer(tx, eventId, performer, billing);
  }
  await tx.query(
    `insert into prices (event_id, version, category, name, amount)
     select $1, 1, * from unnest($2::text[], $3::text[], $4::int[])`,
    [
      eventId,
      event.prices.map(({ category }) => category),
      event.prices.map(({ name }) => name),
      event.prices.map(({ amount }) => amount),
    ],
  );
  return eventId;
}

async function addPerformer(tx: Query, event: string, performer: string, billing: number): Promise<void> {
  const added = await tx.one(
    `insert into event_performers (event_id, performer_id, billing)
     select $1, id, $3 from performers where id = $2 on conflict do nothing returning performer_id`,
    [event, performer, billing],
  );
  if (!added) throw badField(`/performers/${billing}`, 'there is no such performer, or it is listed twice');
}

async function requireVenue(db: Query, venueId: string): Promise<void> {
  const venue = await db.one('select id from venues where id = $1', [venueId]);
  if (!venue) throw badField('/venueId', 'there is no such venue');
}

async function requireChart(db: Query, hash: string): Promise<StoredChart> {
  const row = await db.one<{ pack: Buffer }>('select pack from charts where hash = $1', [hash]);
  if (!row) throw badField('/chartHash', 'there is no such chart');
  return openChart(row.pack, hash);
}

/** Every seat must have a price, and every price a seat. */
function checkPrices(prices: readonly { readonly category: string }[], { chart }: StoredChart): void {
  const errors: { pointer: string; detail: string }[] = [];
  const priced = new Set<string>();
  prices.forEach(({ category }, at) => {
    if (priced.has(category)) errors.push({ pointer: `/prices/${at}`, detail: `${category} has two prices` });
    if (!chart.categories.includes(category)) {
      errors.push({ pointer: `/prices/${at}/category`, detail: `the chart has no category ${category}` });
    }
    priced.add(category);
  });
  for (const category of chart.categories) {
    if (!priced.has(category)) errors.push({ pointer: '/prices', detail: `the category ${category} has no price` });
  }
  if (errors.length > 0) throw new Fault('badRequest', 'The prices do not fit the chart.', { errors });
}

function checked<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: path.map((step) => `/${String(step)}`).join(''),
    detail: message,
  }));
  throw new Fault('badRequest', undefined, { errors });
}

function badField(pointer: string, detail: string): Fault {
  return new Fault('badRequest', undefined, { errors: [{ pointer, detail }] });
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
