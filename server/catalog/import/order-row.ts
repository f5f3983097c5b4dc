import type { DraftSeat, Point } from './draft.js';

/** Neighbours that lie this many times further apart than most have an aisle between them. */
const aisle = 1.6;

export interface OrderedRow {
  readonly seats: readonly DraftSeat[];
  /** After how many seats an aisle comes. */
  readonly gaps: readonly number[];
}

/**
 * A row whose seats have places: along its main direction, and of its two ways the one that the file takes. The order
 * of the file is kept when its path through the seats is shorter: then the row goes round a corner.
 */
export function orderRow(seats: readonly DraftSeat[]): OrderedRow {
  const sorted = alongAxis(seats);
  const ordered = pathLength(seats) < pathLength(sorted) * 0.99 ? seats : sorted;
  return { seats: ordered, gaps: gapsOf(ordered) };
}

function alongAxis(seats: readonly DraftSeat[]): DraftSeat[] {
  const points = seats.map(pointOf);
  const centre: Point = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const [alongX, alongY] = mainAxis(points, centre);
  const along = points.map(([x, y]) => (x - centre[0]) * alongX + (y - centre[1]) * alongY);
  const middle = (seats.length - 1) / 2;
  const way = along.reduce((sum, value, at) => sum + value * (at - middle), 0) < 0 ? -1 : 1;
  return seats
    .map((seat, at) => ({ seat, along: (along[at] ?? 0) * way }))
    .sort((a, b) => a.along - b.along)
    .map(({ seat }) => seat);
}

/** The direction in which the points spread most. */
function mainAxis(points: readonly Point[], [centreX, centreY]: Point): Point {
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of points) {
    xx += (x - centreX) ** 2;
    xy += (x - centreX) * (y - centreY);
    yy += (y - centreY) ** 2;
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  return [Math.cos(angle), Math.sin(angle)];
}

function gapsOf(seats: readonly DraftSeat[]): number[] {
  const steps = stepsOf(seats);
  const usual = median(steps);
  return steps.flatMap((step, at) => (step > usual * aisle ? [at + 1] : []));
}

function pathLength(seats: readonly DraftSeat[]): number {
  return stepsOf(seats).reduce((sum, step) => sum + step, 0);
}

/** Distances from seat to seat. */
export function stepsOf(seats: readonly Pick<DraftSeat, 'at'>[]): number[] {
  return seats.slice(1).map((seat, at) => {
    const [x, y] = pointOf(seat);
    const [fromX, fromY] = pointOf(seats[at] ?? seat);
    return Math.sqrt((x - fromX) ** 2 + (y - fromY) ** 2);
  });
}

/** Of an even number of values the lower one of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function pointOf({ at }: Pick<DraftSeat, 'at'>): Point {
  return at ?? [0, 0];
}
