import type { Chart } from '../chart.js';
import { pickPlaces } from './places.js';
import { isWheelchair, type SeatIndex, type Stretch } from './seats.js';

/**
 * Best available: the n seats that a thoughtful person at the box office would give. docs/best-available.md says how
 * seats are judged, and why. One function for every caller; it looks at one picture of the map and changes nothing.
 */

/** Numbers are those of the chart. */
export interface BestWish {
  readonly count: number;
  /** Only in these sections or price categories; all when undefined. */
  readonly sections?: readonly number[] | undefined;
  readonly categories?: readonly number[] | undefined;
  /** A wheelchair space and the seats beside it. */
  readonly accessible?: boolean | undefined;
  /** Two runs in neighbouring rows will do, when there is no single one. */
  readonly split?: boolean | undefined;
}

/** One picture of the map. */
export interface Picture {
  /** Whether this seat can be had by this wish: available, and not kept for others. */
  free(seat: number): boolean;
}

export const pickReasons = ['together', 'nearest', 'leavesNoSingle', 'split', 'accessible', 'area'] as const;
export type PickReason = (typeof pickReasons)[number];

export interface SeatPick {
  readonly seats: readonly number[];
  /** What it costs to sit there, in cm: the lower the better. */
  readonly cost: number;
  readonly reasons: readonly PickReason[];
}

/** A seat that is left alone between others costs as much as sitting this much farther away: about four rows. */
const SINGLE_COST = 360;
/**
 * Up to `most` picks that share no seat, the best first; none when there are none. Where not even `count` seats are left
 * that fit, places of an area.
 * @param jitter added to each cost, so that servers that look at the same picture do not all choose the same seats.
 */
export function pickBest(
  index: SeatIndex,
  picture: Picture,
  wish: BestWish,
  most: number,
  jitter: () => number = () => 0,
): SeatPick[] {
  // Windows that overlap are one pick: of each, as many as it has seats may be the cheapest.
  const runs = findRuns(index, picture, wish, wish.count, most * wish.count, jitter);
  const found =
    runs.length > 0 || !wish.split || wish.count < 2 ? runs.map((run) => [run]) : findPairs(index, picture, wish);
  if (found.length === 0 && !hasSeatsLeft(index, picture, wish)) {
    return pickPlaces(index.chart, picture, wish, most, jitter);
  }
  return apart(found, most).map((parts) => asPick(parts, wish));
}

/** Whether as many seats as wished are left that fit, wherever they are. */
export function hasSeatsLeft(
  { chart, stretches }: SeatIndex,
  { free }: Picture,
  { count, sections, categories }: BestWish,
): boolean {
  let left = 0;
  for (const { section, start, end } of stretches) {
    if (sections && !sections.includes(section)) continue;
    for (let seat = start; seat < end; seat++) {
      if ((categories?.includes(chart.category[seat] ?? -1) ?? true) && free(seat) && ++left === count) return true;
    }
  }
  return false;
}

/** How many runs come together before the list is sorted again and cut. */
const SORT_EVERY = 64;

/** `count` seats side by side. */
interface Run {
  readonly stretch: Stretch;
  readonly start: number;
  readonly count: number;
  readonly cost: number;
  /** Seats that it leaves alone. */
  readonly singles: number;
}

/** The cheapest runs of free seats; stops where no farther stretch can have cheaper ones than the `enough` found. */
function findRuns(
  { chart, stretches, distance }: SeatIndex,
  { free }: Picture,
  { sections, categories, accessible }: BestWish,
  count: number,
  enough: number,
  jitter: () => number,
): Run[] {
  const inWish = (seat: number) =>
    (categories === undefined || categories.includes(chart.category[seat] ?? -1)) && free(seat);
  const found: Run[] = [];
  let limit = Infinity;
  let full = enough;
  for (const stretch of stretches) {
    if (stretch.nearest > limit) break;
    if (sections && !sections.includes(stretch.section)) continue;
    for (let from = stretch.start; from < stretch.end; from++) {
      let to = from;
      while (to < stretch.end && inWish(to)) to++;
      if (to - from >= count) {
        for (const { start, cost, singles } of windowsOf(from, to, count, distance)) {
          if (accessible && !hasWheelchair(chart, start, count)) continue;
          const shaken = cost + jitter();
          if (shaken < limit) found.push({ stretch, start, count, cost: shaken, singles });
        }
      }
      from = to;
    }
    if (found.length >= full) {
      found.sort(byCost);
      found.length = enough;
      limit = found[enough - 1]?.cost ?? limit;
      full = enough + SORT_EVERY;
    }
  }
  found.sort(byCost);
  return found.slice(0, enough);
}

/** Every place for `count` seats in the free seats `from..to - 1`. It costs its mean distance, and its singles. */
function* windowsOf(from: number, to: number, count: number, distance: Float32Array) {
  let sum = 0;
  for (let seat = from; seat < to; seat++) {
    sum += distance[seat] ?? 0;
    if (seat - from >= count) sum -= distance[seat - count] ?? 0;
    if (seat - from < count - 1) continue;
    const start = seat - count + 1;
    const singles = Number(start - from === 1) + Number(to - 1 - seat === 1);
    yield { start, cost: sum / count + singles * SINGLE_COST, singles };
  }
}

/** Two runs one behind the other, as even as can be; one person alone only where a party of two or three has no choice. */
function findPairs(index: SeatIndex, picture: Picture, wish: BestWish): (readonly Run[])[] {
  const smallest = wish.count <= 3 ? 1 : 2;
  const all = (count: number) => findRuns(index, picture, { ...wish, accessible: false }, count, Infinity, () => 0);
  for (let larger = Math.ceil(wish.count / 2); wish.count - larger >= smallest; larger++) {
    const byRow = new Map<number, Run[]>();
    for (const run of all(wish.count - larger)) {
      byRow.set(run.stretch.row, [...(byRow.get(run.stretch.row) ?? []), run]);
    }
    const pairs = all(larger).flatMap((one) => nearestBeside(index, one, byRow, wish) ?? []);
    if (pairs.length > 0) return pairs.sort((a, b) => a.cost - b.cost).map(({ parts }) => parts);
  }
  return [];
}

/** With the run in the row before or behind that is nearest to this one. */
function nearestBeside(
  { chart }: SeatIndex,
  one: Run,
  byRow: ReadonlyMap<number, readonly Run[]>,
  { accessible }: BestWish,
): { parts: readonly Run[]; cost: number } | undefined {
  let best: { parts: readonly Run[]; cost: number } | undefined;
  const { row, section } = one.stretch;
  for (const other of [...(byRow.get(row - 1) ?? []), ...(byRow.get(row + 1) ?? [])]) {
    if (other.stretch.section !== section) continue;
    const cost = (one.cost + other.cost) / 2 + between(chart, one, other);
    if (best && best.cost <= cost) continue;
    const parts = [one, other];
    if (accessible && !parts.some(({ start, count }) => hasWheelchair(chart, start, count))) continue;
    best = { parts, cost };
  }
  return best;
}

function between(chart: Chart, one: Run, other: Run): number {
  const [a, b] = [one, other].map(({ start, count }) => start + (count >> 1));
  const along = (axis: Int16Array) => (axis[a ?? 0] ?? 0) - (axis[b ?? 0] ?? 0);
  return Math.hypot(along(chart.x), along(chart.y));
}

function hasWheelchair(chart: Chart, start: number, count: number): boolean {
  for (let seat = start; seat < start + count; seat++) if (isWheelchair(chart, seat)) return true;
  return false;
}

/** The first ones that share no seat. */
function apart(sorted: readonly (readonly Run[])[], most: number): (readonly Run[])[] {
  const used = new Set<number>();
  const chosen: (readonly Run[])[] = [];
  for (const parts of sorted) {
    if (chosen.length === most) break;
    const seats = parts.flatMap(seatsOf);
    if (seats.some((seat) => used.has(seat))) continue;
    for (const seat of seats) used.add(seat);
    chosen.push(parts);
  }
  return chosen;
}

function seatsOf({ start, count }: Run): number[] {
  return Array.from({ length: count }, (_, at) => start + at);
}

function asPick(parts: readonly Run[], wish: BestWish): SeatPick {
  const reasons: PickReason[] = [];
  if (parts.length > 1) reasons.push('split');
  else if (wish.count > 1) reasons.push('together');
  reasons.push('nearest');
  if (parts.every(({ singles }) => singles === 0)) reasons.push('leavesNoSingle');
  if (wish.accessible) reasons.push('accessible');
  const cost = parts.reduce((sum, run) => sum + run.cost, 0) / parts.length;
  return { seats: parts.flatMap(seatsOf), cost, reasons };
}

function byCost(a: { readonly cost: number }, b: { readonly cost: number }): number {
  return a.cost - b.cost;
}
