import type { Chart } from '../chart.js';
import type { BestWish, Picture, SeatPick } from './pick.js';

/**
 * Places of one general-admission area for the whole party: the area nearest to the focal point, by the middle of its
 * outline. They are alike, so which ones it is does not matter, and `jitter` keeps servers out of each other's way.
 */
export function pickPlaces(
  chart: Chart,
  { free }: Picture,
  { count, categories, sections, accessible }: BestWish,
  most: number,
  jitter: () => number,
): SeatPick[] {
  if (sections || accessible) return [];
  const areas = chart.areas
    .filter(({ category }) => categories?.includes(category) ?? true)
    .map((area) => ({ ...area, cost: distance(chart, area.outline) }))
    .sort((a, b) => a.cost - b.cost);
  return areas
    .flatMap(({ start, capacity, cost }) => {
      const places = Array.from({ length: capacity }, (_, at) => start + at).filter(free);
      const groups = Math.floor(places.length / count);
      const first = Math.floor(jitter());
      return Array.from({ length: Math.min(groups, most) }, (_, at) => {
        const group = (first + at) % groups;
        return { seats: places.slice(group * count, (group + 1) * count), cost, reasons: ['area'] as const };
      });
    })
    .slice(0, most);
}

function distance({ focal }: Chart, outline: readonly number[]): number {
  const corners = outline.length / 2;
  const middle = (from: 0 | 1) =>
    outline.reduce((sum, value, at) => (at % 2 === from ? sum + value : sum), 0) / Math.max(1, corners);
  return Math.hypot(middle(0) - focal.x, middle(1) - focal.y);
}
