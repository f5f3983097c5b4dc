import { amountOf } from '../../protocol/prices.js';
import type { Catalog, PriceList } from '../catalog/catalog.js';
import { readPriceList } from '../catalog/prices.js';
import { Fault } from '../core/faults.js';
import { type Refused, refused } from '../core/result.js';
import type { Query } from '../db/pool.js';
import type { TicketTypes } from './booking.js';

/** One seat of a booking, as it is printed and paid. */
export interface Line {
  readonly seat: number;
  readonly label: string;
  readonly category: string;
  /** Id. */
  readonly ticketType: string;
  /** Minor units. */
  readonly amount: number;
}

interface Choice {
  readonly event: string;
  /** Of the event's prices: the one that the hold froze. */
  readonly version: number;
  readonly seats: readonly number[];
  readonly ticketTypes: TicketTypes;
}

export interface PricedSeats {
  readonly lines: readonly Line[];
  readonly total: number;
  readonly currency: string;
}

/**
 * What these seats cost with these ticket types. Only here are amounts made.
 * @param from where events and prices are read; the chart is immutable and comes from memory.
 */
export async function priceSeats(
  from: Query,
  catalog: Pick<Catalog, 'chart'>,
  { event, version, seats, ticketTypes }: Choice,
): Promise<PricedSeats> {
  const row = await from.one<{ chart_hash: string; currency: string }>(
    'select chart_hash, currency from events where id = $1',
    [event],
  );
  if (!row) throw new Fault('notFound', 'There is no such event.');
  const stored = await catalog.chart(row.chart_hash);
  if (!stored) throw new Error(`chart ${row.chart_hash} of ${event} is missing`);
  const list = await listOf(from, event, version);
  const prices = new Map(list.prices.map((price) => [price.category, price]));
  const known = list.ticketTypes.map(({ id }) => id);
  const lines = seats.map((seat) => {
    const category = stored.chart.categories[stored.chart.category[seat] ?? -1];
    const price = prices.get(category ?? '');
    const ticketType = ticketTypes.get(seat) ?? known[0];
    if (!price || ticketType === undefined || !known.includes(ticketType)) {
      throw new Error(`seat ${seat} of ${event} has no price in version ${version}`);
    }
    const amount = amountOf(price, ticketType);
    return { seat, label: stored.labelOf(seat), category: price.category, ticketType, amount };
  });
  return { lines, total: lines.reduce((sum, { amount }) => sum + amount, 0), currency: row.currency };
}

/** Why these ticket types cannot be had for these seats; undefined when they can. */
export async function refusalOfTypes(
  from: Query,
  { event, version, seats, ticketTypes }: Choice,
): Promise<Refused | undefined> {
  const chosen = [...ticketTypes.keys()];
  const elsewhere = chosen.filter((seat) => !seats.includes(seat));
  if (elsewhere.length > 0) return refused('notHeld', elsewhere);
  const known = new Set((await listOf(from, event, version)).ticketTypes.map(({ id }) => id));
  const unknown = chosen.filter((seat) => !known.has(ticketTypes.get(seat) ?? ''));
  return unknown.length > 0 ? refused('unknownTicketType', unknown) : undefined;
}

export async function listOf(from: Query, event: string, version: number): Promise<PriceList> {
  const list = await readPriceList(from, event, version);
  if (!list) throw new Error(`${event} has no prices of version ${version}`);
  return list;
}
