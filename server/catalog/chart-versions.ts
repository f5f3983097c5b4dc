import { Fault } from '../core/faults.js';
import { writeAudit } from '../db/audit.js';
import type { Database, Transaction } from '../db/pool.js';
import type { EventStatus, StoredChart } from './catalog.js';
import { isOver } from './event-states.js';
import { badField } from './input.js';
import { openChart } from './stored-chart.js';

/**
 * Another chart for an event that has one. Tickets, holds and open maps know seats by index, so an index stays the
 * seat that it is: a new chart may append indexes, move seats and give them names that no other seat had.
 */

export interface SeatConflict {
  /** As the event's present chart calls it. */
  readonly label: string;
  readonly detail: string;
}

/** Why `after` may not replace `before` while the seats of `taken` are sold, claimed, held or blocked. */
export function conflictsOf(before: StoredChart, after: StoredChart, taken: Iterable<number>): SeatConflict[] {
  const conflicts: SeatConflict[] = [];
  for (const index of taken) {
    const label = before.labelOf(index);
    const detail = conflictOf(before, after, index, label);
    if (detail !== undefined) conflicts.push({ label, detail });
  }
  return conflicts;
}

function conflictOf(before: StoredChart, after: StoredChart, index: number, label: string): string | undefined {
  if (index >= after.chart.seats) return 'the new chart has no such seat';
  if (index < before.chart.seated !== index < after.chart.seated) {
    return `the new chart has ${after.labelOf(index)} in its place: seats and places of areas cannot change into each other`;
  }
  const now = after.labelOf(index);
  if (now !== label) {
    const moved = after.indexOf(label);
    if (moved !== undefined) return `the new chart has ${now} in its place and gives its name to another seat`;
    if (before.indexOf(now) !== undefined) return `the new chart calls it ${now}, which is another seat now`;
  }
  const [was, is] = [categoryOf(before, index), categoryOf(after, index)];
  return was === is ? undefined : `its price category ${was} becomes ${is}`;
}

function categoryOf({ chart }: StoredChart, index: number): string | undefined {
  return chart.categories[chart.category[index] ?? -1];
}

/** As in seatmap/reshape.ts: runs `change` while nothing can happen to the event's seats, then shows everybody the new map. */
export type Reshape = <T>(
  event: string,
  change: (tx: Transaction, taken: readonly number[]) => Promise<T>,
) => Promise<T>;

const maxErrors = 100;

export interface ChartReplacement {
  readonly event: string;
  /** The one that the editor has read. */
  readonly version: number;
  readonly chartHash: string;
  /** Who does it. */
  readonly staff: string;
}

/**
 * Gives an event another chart. Of a draft only seats that are taken have to stay; once buyers can see the map all
 * seats have to, because whoever has the old one open says seats by their index.
 * @throws Fault `notFound`, `preconditionFailed`, `wrongStatus`, `badRequest`, and `seatsDiffer` with each seat that is
 *   in the way; nothing has changed then.
 */
export async function replaceChart(
  { db, reshape }: { readonly db: Pick<Database, 'transaction'>; readonly reshape: Reshape },
  replacement: ChartReplacement,
): Promise<void> {
  // Most mistakes show before anybody's map is disturbed.
  await db.transaction((tx) => requireFit(tx, replacement, []));
  const { event, chartHash, staff } = replacement;
  await reshape(event, async (tx, taken) => {
    const before = await requireFit(tx, replacement, taken);
    await tx.query('update events set chart_hash = $2, version = version + 1 where id = $1', [event, chartHash]);
    await writeAudit(tx, { staff, action: 'event.chart', event, detail: { before, after: chartHash } });
  });
}

/** @returns the hash of the chart that the event has. */
async function requireFit(
  tx: Transaction,
  { event, version, chartHash }: ChartReplacement,
  taken: readonly number[],
): Promise<string> {
  const row = await tx.one<{ chart_hash: string; status: EventStatus; version: number; price_version: number }>(
    'select chart_hash, status, version, price_version from events where id = $1 for update',
    [event],
  );
  if (!row) throw new Fault('notFound', 'There is no such event.');
  if (row.version !== version) throw new Fault('preconditionFailed');
  if (isOver(row.status)) throw new Fault('wrongStatus', `The event is ${row.status}.`);
  const after = await readChart(tx, chartHash);
  if (!after) throw badField('/chartHash', 'there is no such chart');
  const before = await readChart(tx, row.chart_hash);
  if (!before) throw new Error(`chart ${row.chart_hash} of ${event} is missing`);
  await requirePriced(tx, event, row.price_version, after);
  const kept = row.status === 'draft' ? taken : Array(before.chart.seats).keys();
  requireKept(conflictsOf(before, after, kept));
  return row.chart_hash;
}

async function readChart(tx: Transaction, hash: string): Promise<StoredChart | undefined> {
  const row = await tx.one<{ pack: Buffer }>('select pack from charts where hash = $1', [hash]);
  return row && openChart(row.pack, hash);
}

async function requirePriced(tx: Transaction, event: string, version: number, { chart }: StoredChart): Promise<void> {
  const prices = await tx.query<{ category: string }>(
    'select category from prices where event_id = $1 and version = $2',
    [event, version],
  );
  const priced = new Set(prices.map(({ category }) => category));
  const errors = chart.categories
    .filter((category) => !priced.has(category))
    .map((category) => ({ pointer: '/chartHash', detail: `the category ${category} has no price` }));
  if (errors.length > 0) throw new Fault('badRequest', 'The prices do not fit the chart.', { errors });
}

function requireKept(conflicts: readonly SeatConflict[]): void {
  if (conflicts.length === 0) return;
  const errors = conflicts
    .slice(0, maxErrors)
    .map(({ label, detail }) => ({ pointer: '/chartHash', detail: `${label}: ${detail}` }));
  if (conflicts.length > maxErrors) {
    errors.push({ pointer: '/chartHash', detail: `and ${conflicts.length - maxErrors} seats more` });
  }
  throw new Fault('seatsDiffer', undefined, { errors });
}
