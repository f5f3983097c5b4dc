import type { Chart } from './chart.js';

/** The one ticket type of an event whose staff have defined none. */
export const standardType = { id: 'standard', name: 'Standard' } as const;

/** What a seat of one price category costs, in minor units. */
export interface CategoryPrice {
  /** With the event's first ticket type. */
  readonly amount: number;
  /** With each of its other types, by id. */
  readonly amounts: Readonly<Record<string, number>>;
}

/** @param ticketType one of the event's. */
export function amountOf({ amount, amounts }: CategoryPrice, ticketType: string): number {
  return Object.hasOwn(amounts, ticketType) ? (amounts[ticketType] ?? amount) : amount;
}

interface Priced extends CategoryPrice {
  /** Of the chart. */
  readonly category: string;
}

/** What a seat costs, by its category; undefined where the list has none. */
export function priceOf<P extends Pick<Priced, 'category'>>(
  { categories, category }: Pick<Chart, 'categories' | 'category'>,
  prices: readonly P[],
  seat: number,
): P | undefined {
  const key = categories[category[seat] ?? -1];
  return prices.find((price) => price.category === key);
}

/** By the chart's category number, with the first ticket type; 0 where the list has none. */
export function amountsOf(categories: readonly string[], prices: readonly Priced[]): number[] {
  return categories.map((key) => prices.find(({ category }) => category === key)?.amount ?? 0);
}
