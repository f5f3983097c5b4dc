import type { PriceLists } from '../../client-sdk/elements/price-lists.js';
import { seatName } from '../../client-sdk/elements/seat-name.js';
import { type Chart, SeatAttribute, seatLabel } from '../../protocol/chart.js';
import type { EventView } from '../../protocol/http.js';
import { money } from './format.js';

/** Seats in words: names, prices, and what is special about them. */
export interface SeatWords {
  /** `Section 101 · Row C · Seat 12` */
  name(index: number): string;
  /** Of the area that a place is in. */
  areaName(index: number): string;
  amount(index: number): number;
  price(index: number): string;
  categoryName(index: number): string;
  /** Such as `wheelchair space`, `restricted view`. */
  notes(index: number): readonly string[];
  /** By the chart's category number, minor units. */
  amounts(): readonly number[];
  /** Prices have changed. */
  onPrices(listener: () => void): () => void;
}

const notes: readonly (readonly [bit: number, text: string])[] = [
  [SeatAttribute.wheelchair, 'wheelchair space'],
  [SeatAttribute.companion, 'companion seat'],
  [SeatAttribute.stepFree, 'step-free'],
  [SeatAttribute.restrictedView, 'restricted view'],
  [SeatAttribute.hearingLoop, 'hearing loop'],
  [SeatAttribute.signLanguage, 'sign language in view'],
  [SeatAttribute.liftUpArmrest, 'lift-up armrest'],
  [SeatAttribute.extraLegroom, 'extra legroom'],
];

export function seatWords({ currency }: EventView, chart: Chart, { latest }: PriceLists): SeatWords {
  const pricesNow = () =>
    chart.categories.map((key) => latest.getSnapshot().prices.find(({ category }) => category === key));
  let prices = pricesNow();
  latest.subscribe(() => {
    prices = pricesNow();
  });
  const amount = (index: number): number => prices[chart.category[index] ?? 0]?.amount ?? 0;
  return {
    amounts: () => prices.map((price) => price?.amount ?? 0),
    onPrices: latest.subscribe,
    amount,
    name: (index) => seatName(seatLabel(chart, index)),
    areaName: (index) => chart.areas.find(({ start, capacity }) => index < start + capacity)?.name ?? '',
    price: (index) => money(amount(index), currency),
    categoryName: (index) => prices[chart.category[index] ?? 0]?.name ?? '',
    notes: (index) => notes.filter(([bit]) => ((chart.attributes[index] ?? 0) & bit) !== 0).map(([, text]) => text),
  };
}
