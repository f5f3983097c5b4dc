import type { Chart } from '../../protocol/chart.js';
import { createEvent, createPerformer, createVenue, storeChart } from '../catalog/admin.js';
import { moveEvent } from '../catalog/event-edits.js';
import { generateChart, type VenueKind } from '../catalog/generate-chart.js';
import { addDates } from '../catalog/more-dates.js';
import { openChart } from '../catalog/stored-chart.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import { newId, newSecret } from '../core/random.js';
import type { Database, Query, Transaction } from '../db/pool.js';
import { SECRET_BYTES, secretHash } from '../identity/secrets.js';
import { giveSeats } from './given-seats.js';
import { type DemoEvent, type DemoVenue, events, performers, tariffs, ticketTypes, venues } from './programme.js';

export interface SeedOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** Rules of events that state none of their own. */
  readonly defaults: {
    readonly holdTtlMs: number;
    readonly holdCapMs: number;
    readonly payWindowMs: number;
    readonly maxSeatsPerHolder: number;
  };
}

interface House {
  readonly venueId: string;
  readonly chart: Chart;
  readonly indexOf: (label: string) => number | undefined;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const SEED_WAIT_MS = 120_000;

/** Fills an empty server with venues, performers and on-sales. Does nothing when there is any event already. */
export async function seedDemo({ db, clock, log, defaults }: SeedOptions): Promise<void> {
  const started = clock.monotonic();
  // Held by a connection of its own, which may wait for as long as another start seeds.
  const seeded = await db.withLock('cavea:seed', () => db.transaction(fill), SEED_WAIT_MS);
  if (seeded !== undefined) {
    log.info({ events: events.length, seatsGiven: seeded, ms: clock.monotonic() - started }, 'demo seeded');
  }

  async function fill(tx: Transaction): Promise<number | undefined> {
    if (await tx.one('select id from events limit 1')) return undefined;
    const now = clock.now();
    const houses = await inOrder(venues, (venue) => addHouse(tx, venue));
    const performerIds = await inOrder(performers, (performer) => createPerformer(tx, performer));
    const staff = await addDemoStaff(tx, now);
    let given = 0;
    for (const event of events) {
      const house = houses[event.venue];
      const input = newEvent(event, house, now);
      const line = event.performers.map((performer) => performerIds[performer]);
      const id = await createEvent(tx, { ...input, ...defaults, performers: line });
      const blocked = event.blocked && { reason: event.blocked.reason, seats: indexesOf(house, event.blocked.labels) };
      const { currency } = venues[event.venue];
      const chart = house.chart;
      given += await giveSeats(tx, { event: id, chart, currency, share: event.soldShare, blocked, staff, now });
      const dates = event.moreDates ?? [];
      const starts = dates.map(({ inDays }) => input.startsAt + (inDays - event.inDays) * DAY_MS);
      const { ids } = dates.length > 0 ? await addDates(db, tx, id, starts) : { ids: [] };
      for (const [at, date] of ids.entries()) {
        await moveEvent(tx, date, 'announce');
        await moveEvent(tx, date, 'open');
        const share = dates[at]?.soldShare ?? 0;
        given += await giveSeats(tx, { event: date, chart, currency, share, blocked: undefined, staff, now });
      }
    }
    return given;
  }
}

async function addHouse(tx: Query, { kind, seed, venue }: DemoVenue): Promise<House> {
  const venueId = await createVenue(tx, venue);
  const { chart, pack } = await storeChart(tx, venueId, generateChart(kind, venue.name, seed));
  const { indexOf } = openChart(pack, chart.hash);
  return { venueId, chart, indexOf };
}

function newEvent(event: DemoEvent, house: House, now: number) {
  const { currency, kind } = venues[event.venue];
  const startsAt = Math.floor(now / DAY_MS + event.inDays) * DAY_MS + event.hour * 60 * MINUTE_MS;
  return {
    venueId: house.venueId,
    chartHash: house.chart.hash,
    title: event.title,
    about: event.about,
    genre: event.genre,
    startsAt,
    opensAt: now + (event.opensInMinutes ?? -7 * 24 * 60) * MINUTE_MS,
    closesAt: startsAt,
    status: event.announced ? ('announced' as const) : ('onSale' as const),
    currency,
    ...priceList(kind, event.top),
  };
}

/** Prices end in a whole half of the currency. */
function priceList(kind: VenueKind, top: number) {
  const [, ...others] = ticketTypes[kind];
  const share = (amount: number, percent: number) => Math.round((amount * percent) / 5_000) * 50;
  return {
    ticketTypes: ticketTypes[kind].map(([id, name]) => ({ id, name })),
    prices: tariffs[kind].map(([category, name, percent]) => {
      const amount = share(top, percent);
      const amounts = Object.fromEntries(others.map(([id, , ofThat]) => [id, share(amount, ofThat)]));
      return { category, name, amount, amounts };
    }),
  };
}

/** Blocks need someone who made them; nobody can sign in as this one. */
async function addDemoStaff(tx: Query, now: number): Promise<string> {
  const id = newId('stf');
  await tx.query(
    `insert into staff (id, name, role, token_hash, revoked_at) values ($1, 'Box office (demo)', 'viewer', $2, $3)`,
    [id, secretHash(newSecret(SECRET_BYTES)), new Date(now)],
  );
  return id;
}

function indexesOf({ chart, indexOf }: House, labels: readonly string[]): readonly number[] {
  return labels.map((label) => {
    const index = indexOf(label);
    if (index === undefined) throw new Error(`${chart.name} has no seat ${label}`);
    return index;
  });
}

/** One after the other: they share a transaction. */
async function inOrder<Key extends string, From, To>(
  items: Readonly<Record<Key, From>>,
  make: (item: From) => Promise<To>,
): Promise<Record<Key, To>> {
  const made: Partial<Record<Key, To>> = {};
  for (const key of Object.keys(items) as Key[]) made[key] = await make(items[key]);
  return made as Record<Key, To>;
}
