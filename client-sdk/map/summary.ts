import type { Chart } from '../../protocol/chart.js';
import { Status } from '../../protocol/status.js';
import type { SeatsSnapshot } from '../seats.js';

/** What is left, counted from the live map. */
export interface Summary {
  readonly free: number;
  /** By section number. */
  readonly sections: readonly SectionSummary[];
  /** Free seats and places by category number. */
  readonly categories: readonly number[];
}

export interface SectionSummary {
  readonly free: number;
  /** Lowest price that is free; undefined when none is. */
  readonly from: number | undefined;
}

/** @param amounts price of each category number, minor units. */
export function summarise(seats: SeatsSnapshot, amounts: readonly number[]): Summary {
  const { chart } = seats;
  const categories = chart.categories.map(() => 0);
  const sections = chart.sections.map((section) => {
    let free = 0;
    let from: number | undefined;
    for (let i = section.start; i < section.start + section.count; i++) {
      if (seats.status(i) !== Status.available) continue;
      free++;
      const category = chart.category[i] ?? 0;
      categories[category] = (categories[category] ?? 0) + 1;
      from = lower(from, amounts[category]);
    }
    return { free, from };
  });
  countAreas(chart, seats, categories);
  return { free: categories.reduce((sum, count) => sum + count, 0), sections, categories };
}

function countAreas(chart: Chart, seats: SeatsSnapshot, categories: number[]): void {
  chart.areas.forEach((area, at) => {
    categories[area.category] = (categories[area.category] ?? 0) + seats.free(at);
  });
}

function lower(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
