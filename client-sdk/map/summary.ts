import type { Chart } from '../../protocol/chart.js';
import { derived } from '../../protocol/derived.js';
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

/** Neighbours of one price category. */
interface Run {
  readonly start: number;
  readonly count: number;
  readonly category: number;
}

/** By section of the chart: to count a run takes much less than its seats one by one. */
const runsOf = derived((chart: Chart) => chart.sections.map(({ start, count }) => runsAmong(chart, start, count)));

/** @param amounts price of each category number, minor units. */
export function summarise(seats: SeatsSnapshot, amounts: readonly number[]): Summary {
  const { chart } = seats;
  const categories = chart.categories.map(() => 0);
  const add = (category: number, free: number) => {
    categories[category] = (categories[category] ?? 0) + free;
  };
  const sections = runsOf(chart).map((runs) => {
    let left = 0;
    let from: number | undefined;
    for (const { start, count, category } of runs) {
      const free = seats.freeFrom(start, count);
      if (free === 0) continue;
      left += free;
      add(category, free);
      from = lower(from, amounts[category]);
    }
    return { free: left, from };
  });
  chart.areas.forEach((area, at) => {
    add(area.category, seats.free(at));
  });
  return { free: categories.reduce((sum, count) => sum + count, 0), sections, categories };
}

function runsAmong(chart: Chart, first: number, count: number): Run[] {
  const runs: Run[] = [];
  const end = first + count;
  for (let start = first; start < end; ) {
    const category = chart.category[start] ?? 0;
    let next = start + 1;
    while (next < end && (chart.category[next] ?? 0) === category) next++;
    runs.push({ start, count: next - start, category });
    start = next;
  }
  return runs;
}

function lower(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
