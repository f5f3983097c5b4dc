import { inPool } from '../accessible.js';
import { type Chart, type ChartRow, rowOf } from '../chart.js';
import type { Picture } from './pick.js';

/** Rows before and behind in which an alternative is looked for: a refusal in a rush must not cost a search of the house. */
const ROWS_AROUND = 12;

/**
 * The free seats side by side that are nearest to these: as many, of the same price categories, of the same section,
 * and leaving no single seat where `noSingles`. Undefined when there are none within a few rows.
 */
export function nearestRun(
  chart: Chart,
  { free }: Picture,
  seats: readonly number[],
  noSingles = false,
): number[] | undefined {
  const [first] = seats;
  if (first === undefined || seats.some((seat) => seat >= chart.seated)) return undefined;
  const at = chart.rows.indexOf(rowOf(chart, first));
  const home = chart.rows[at];
  const categories = new Set(seats.map((seat) => chart.category[seat]));
  const middle = centre(chart, seats);
  let best: { readonly seats: number[]; readonly away: number } | undefined;
  for (const row of chart.rows.slice(Math.max(0, at - ROWS_AROUND), at + ROWS_AROUND + 1)) {
    if (row.section !== home?.section) continue;
    // A rush asks for this often, so nothing is made for a place that is not better.
    let length = 0;
    for (let seat = row.start; seat < row.start + row.count; seat++) {
      if (isAisleBehind(row, seat - 1)) length = 0;
      length = categories.has(chart.category[seat]) && free(seat) ? length + 1 : 0;
      if (length < seats.length) continue;
      const start = seat - seats.length + 1;
      const away = Math.hypot(
        mean(chart.x, start, seats.length) - middle.x,
        mean(chart.y, start, seats.length) - middle.y,
      );
      if (best && best.away <= away) continue;
      const run = Array.from({ length: seats.length }, (_, i) => start + i);
      if (noSingles && singlesLeft(chart, { free }, run).length > 0) continue;
      best = { seats: run, away };
    }
  }
  return best?.seats;
}

/**
 * Free seats that would be alone between others, an aisle or the end of the row once these are taken, and are not now.
 * Seats of the accessible pool do not count: a wheelchair space is for one.
 */
export function singlesLeft(chart: Chart, { free }: Picture, seats: readonly number[]): number[] {
  const taken = new Set(seats);
  const stays = (seat: number) => free(seat) && !taken.has(seat);
  const singles = new Set<number>();
  for (const seat of seats) {
    if (seat >= chart.seated) continue;
    for (const side of [-1, 1]) {
      const neighbour = seat + side;
      if (!isBeside(chart, Math.min(seat, neighbour), Math.max(seat, neighbour))) continue;
      if (!stays(neighbour) || inPool(chart, neighbour)) continue;
      const beyond = neighbour + side;
      const isBetween = isBeside(chart, Math.min(neighbour, beyond), Math.max(neighbour, beyond));
      if (!isBetween || !stays(beyond)) singles.add(neighbour);
    }
  }
  return [...singles].sort((a, b) => a - b);
}

/** Whether seat b follows seat a in a row, with no aisle between. */
export function isBeside(chart: Chart, a: number, b: number): boolean {
  if (a < 0 || b >= chart.seated || b !== a + 1) return false;
  const row = rowOf(chart, a);
  return b < row.start + row.count && !isAisleBehind(row, a);
}

function isAisleBehind({ start, gaps }: ChartRow, seat: number): boolean {
  return gaps.includes(seat - start);
}

function mean(axis: Int16Array, start: number, count: number): number {
  let sum = 0;
  for (let seat = start; seat < start + count; seat++) sum += axis[seat] ?? 0;
  return sum / count;
}

function centre(chart: Chart, seats: readonly number[]): { x: number; y: number } {
  const middle = (axis: Int16Array) => seats.reduce((sum, seat) => sum + (axis[seat] ?? 0), 0) / seats.length;
  return { x: middle(chart.x), y: middle(chart.y) };
}
