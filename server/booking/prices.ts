import type { Catalog } from '../catalog/catalog.js';
import { Fault } from '../core/faults.js';
import type { Query } from '../db/pool.js';

/** One seat of a booking, as it is printed and paid. */
export interface Line {
  readonly seat: number;
  readonly label: string;
  readonly category: string;
  /** Minor units. */
  readonly amount: number;
}

export interface PricedSeats {
  readonly lines: readonly Line[];
  readonly total: number;
  readonly currency: string;
}

/**
 * What these seats cost under a version of the event's prices: the one that the hold froze. Only here are amounts made.
 * @param from where events and prices are read; the chart is immutable and comes from memory.
 */
export async function priceSeats(
  from: Query,
  catalog: Pick<Catalog, 'chart'>,
  { event, version, seats }: { event: string; version: number; seats: readonly number[] },
): Promise<PricedSeats> {
  const row = await from.one<{ chart_hash: string; currency: string }>(
    'select chart_hash, currency from events where id = $1',
    [event],
  );
  if (!row) throw new Fault('notFound', 'There is no such event.');
  const stored = await catalog.chart(row.chart_hash);
  if (!stored) throw new Error(`chart ${row.chart_hash} of ${event} is missing`);
  const prices = await from.query<{ category: string; amount: number }>(
    'select category, amount from prices where event_id = $1 and version = $2',
    [event, version],
  );
  const amounts = new Map(prices.map(({ category, amount }) => [category, amount]));
  const lines = seats.map((seat) => {
    const category = stored.chart.categories[stored.chart.category[seat] ?? -1];
    const amount = amounts.get(category ?? '');
    if (category === undefined || amount === undefined) throw new Error(`seat ${seat} of ${event} has no price`);
    return { seat, label: stored.labelOf(seat), category, amount };
  });
  return { lines, total: lines.reduce((sum, { amount }) => sum + amount, 0), currency: row.currency };
}
