import type { ChartSourceInput } from './chart-source.js';
import { arena } from './generator/arena.js';
import { seeded } from './generator/seeded.js';
import { stadium } from './generator/stadium.js';
import { theatre } from './generator/theatre.js';
import type { ArcRowInput } from './generator/wedge.js';

export const venueKinds = ['theatre', 'arena', 'stadium'] as const;
export type VenueKind = (typeof venueKinds)[number];

/** Seats of each kind, area places included. */
export const generatedSeats: Readonly<Record<VenueKind, number>> = { theatre: 1_200, arena: 20_000, stadium: 100_000 };

const plans: Readonly<Record<VenueKind, (name: string) => ChartSourceInput>> = { theatre, arena, stadium };

/** A believable venue with an exact number of seats. The same kind, name and seed give the same chart. */
export function generateChart(kind: VenueKind, name: string, seed = 1): ChartSourceInput {
  return trimmed(plans[kind](name), generatedSeats[kind], seeded(seed));
}

/** The plans draw a few seats too many; rows that the seed picks lose one each. */
function trimmed(chart: ChartSourceInput, seats: number, below: (bound: number) => number): ChartSourceInput {
  const rows = chart.sections.flatMap(({ rows }) => rows);
  const places = chart.areas?.reduce((sum, { capacity }) => sum + capacity, 0) ?? 0;
  const drawn = rows.reduce((sum, row) => sum + (row.type === 'arc' ? row.count : row.seats.length), places);
  const plain = rows.filter((row): row is ArcRowInput => row.type === 'arc' && !row.overrides && row.count > 8);
  const excess = drawn - seats;
  if (excess < 0 || excess > plain.length) throw new RangeError(`the plan has ${drawn} seats, not ${seats} and a few`);
  const shorter = new Set<unknown>();
  for (let left = excess; left > 0; left--) {
    const [row] = plain.splice(below(plain.length), 1);
    shorter.add(row);
  }
  return {
    ...chart,
    sections: chart.sections.map((section) => ({
      ...section,
      rows: section.rows.map((row) =>
        row.type === 'arc' && shorter.has(row) ? { ...row, count: row.count - 1 } : row,
      ),
    })),
  };
}
