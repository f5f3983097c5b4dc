import { Fault } from '../core/faults.js';
import { newId } from '../core/random.js';
import type { Database, Transaction } from '../db/pool.js';
import type { EventRecord } from './catalog.js';
import { copyEvents } from './copy-events.js';
import { readEvent } from './event-rows.js';
import { badField, type DraftedEvent } from './input.js';

/**
 * More dates of an event, as drafts: the same house, prices, line-up and rules. All of them are one series from then on, so
 * that buyers find the others from each. The sale opens for all at once and ends as long before each start as before the first.
 * @throws Fault `notFound`, `badRequest` when the series has a date at one of these times, or it is too early
 */
export async function addDates(
  db: Database,
  tx: Transaction,
  id: string,
  startsAt: readonly number[],
): Promise<{ readonly series: string; readonly ids: readonly string[] }> {
  const locked = await tx.one<{ series_id: string | null }>('select series_id from events where id = $1 for update', [
    id,
  ]);
  const event = locked && (await readEvent(tx, id));
  if (!event) throw new Fault('notFound', 'There is no such event.');
  const series = locked.series_id ?? newId('ser');
  if (locked.series_id === null) {
    await tx.query('update events set series_id = $2, version = version + 1 where id = $1', [id, series]);
  }
  // Two may add dates from two of its dates in one moment.
  await tx.lock(`cavea:series:${series}`);
  await requireNew(tx, series, startsAt);
  const drafts = startsAt.map((start) => draftAt(event, start));
  const early = drafts.findIndex(({ opensAt, closesAt }) => closesAt !== undefined && closesAt <= opensAt);
  if (early >= 0) throw badField(`/startsAt/${early}`, 'is so early that its sale would end before it opens');
  const ids = await copyEvents(db, tx, drafts, series);
  return { series, ids };
}

/** A date typed twice would be sold twice. */
async function requireNew(tx: Transaction, series: string, startsAt: readonly number[]): Promise<void> {
  const rows = await tx.query<{ starts_at: Date }>(
    "select starts_at from events where series_id = $1 and status <> 'cancelled'",
    [series],
  );
  const taken = new Set(rows.map((row) => row.starts_at.getTime()));
  for (const [at, start] of startsAt.entries()) {
    if (taken.has(start)) throw badField(`/startsAt/${at}`, 'there is a date at this time already');
    taken.add(start);
  }
}

function draftAt(event: EventRecord, startsAt: number): DraftedEvent {
  const { venue, performers, ticketTypes, prices, closesAt } = event;
  return {
    ...event,
    venueId: venue.id,
    performers: performers.map(({ id }) => id),
    ticketTypes: [...ticketTypes],
    prices: prices.map((price) => ({ ...price, amounts: { ...price.amounts } })),
    startsAt,
    closesAt: closesAt === undefined ? undefined : startsAt - (event.startsAt - closesAt),
  };
}
