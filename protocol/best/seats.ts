import { type Chart, SeatAttribute } from '../chart.js';
import { derived } from '../derived.js';

/** What a chart says about good seats; made once, because a chart never changes. */
export interface SeatIndex {
  readonly chart: Chart;
  /** Stretches of a row that no aisle cuts, the nearest to the focal point first. */
  readonly stretches: readonly Stretch[];
  /** Distance of a seat to the focal point, cm. */
  readonly distance: Float32Array;
}

export interface Stretch {
  readonly section: number;
  /** Number of the row in the chart. */
  readonly row: number;
  readonly start: number;
  /** The first index behind it. */
  readonly end: number;
  /** Distance of its nearest seat. */
  readonly nearest: number;
}

export const seatIndex = derived(makeIndex);

function makeIndex(chart: Chart): SeatIndex {
  const distance = Float32Array.from({ length: chart.seated }, (_, seat) =>
    Math.hypot((chart.x[seat] ?? 0) - chart.focal.x, (chart.y[seat] ?? 0) - chart.focal.y),
  );
  const stretches = chart.rows.flatMap(({ section, start, count, gaps }, row) => {
    const cuts = [0, ...gaps.map((position) => position + 1), count];
    return cuts.slice(1).map((end, at) => {
      const from = start + (cuts[at] ?? 0);
      const nearest = distance.subarray(from, start + end).reduce((least, one) => Math.min(least, one), Infinity);
      return { section, row, start: from, end: start + end, nearest };
    });
  });
  stretches.sort((a, b) => a.nearest - b.nearest || a.start - b.start);
  return { chart, stretches, distance };
}

export function isWheelchair({ attributes }: Chart, seat: number): boolean {
  return ((attributes[seat] ?? 0) & SeatAttribute.wheelchair) !== 0;
}
