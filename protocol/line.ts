/**
 * A waiting line at one moment, small enough to be sent to everybody in it: each client finds its own place from it.
 * Places are numbers from 1 in the order of joining; all up to `serving` have been called.
 */
export interface Line {
  readonly serving: number;
  /** The last place that was given. */
  readonly joined: number;
  /** One bit for each of the places `serving + 1 …`, lowest bit first: set when its owner has left. */
  readonly front: Uint8Array;
  /** Farther away: place, number of owners of places in `serving + 1 … place` who have left, place, number, … */
  readonly farther: readonly number[];
}

/** Places in front of the line whose leavers are told one by one. */
export const FRONT = 1_000;

/**
 * Who has to be called until it is this place's turn, itself included: 1 is the next. 0 when it has been called.
 * Exact among the first 1,000; beyond that leavers are taken to lie evenly between the places that are told of.
 */
export function aheadOf(place: number, line: Line): number {
  const distance = place - line.serving;
  return distance <= 0 ? 0 : Math.max(1, distance - Math.round(leaversBefore(distance, line)));
}

/** Of the places in front of the one that is `distance` away. */
function leaversBefore(distance: number, { serving, front, farther }: Line): number {
  const near = Math.min(distance - 1, FRONT);
  let leavers = 0;
  for (let at = 0; at < near; at++) if (((front[at >> 3] ?? 0) >> (at & 7)) & 1) leavers++;
  let from = near;
  for (let at = 0; at + 1 < farther.length && from < distance - 1; at += 2) {
    const [to, known] = [(farther[at] ?? 0) - serving, farther[at + 1] ?? 0];
    if (to <= from) continue;
    const share = Math.min(1, (distance - 1 - from) / (to - from));
    leavers += (known - leavers) * share;
    from = to;
  }
  return leavers;
}
