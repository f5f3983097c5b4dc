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

/** Whom to expect to be called. */
export interface Outflow {
  /** So many at once; others when somebody inside leaves. */
  readonly room: number;
  readonly stepMs: number;
  /** How many will have been called after so many steps (`OUTFLOW_STEPS`): as likely as not, and nearly surely (9 of 10 times). */
  readonly likely: readonly number[];
  readonly surely: readonly number[];
}

export const OUTFLOW_STEPS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64] as const;

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

/**
 * How long it may be until so many have been called: [likely, nearly surely], in ms; undefined when nothing can be said.
 * People leave as they like: of n who are expected in a time, √n more or fewer do, so nearly surely waits for a few more.
 */
export function waitOf(ahead: number, { room, stepMs, likely, surely }: Outflow): [number, number] | undefined {
  const more = NINE_OF_TEN * Math.sqrt(Math.max(0, ahead - room));
  const [least, most] = [stepsUntil(ahead, likely), stepsUntil(ahead + more, surely)];
  return most < Number.POSITIVE_INFINITY ? [Math.round(least * stepMs), Math.round(most * stepMs)] : undefined;
}

/** Nine of ten outcomes lie below so many standard deviations above the mean. */
export const NINE_OF_TEN = 1.28;

/** Between the points, and beyond the last two, the line moves evenly. */
function stepsUntil(people: number, called: readonly number[]): number {
  let [from, before] = [0, 0];
  for (const [at, to] of OUTFLOW_STEPS.entries()) {
    const known = called[at] ?? before;
    const perStep = (known - before) / (to - from);
    if (known >= people || at === OUTFLOW_STEPS.length - 1) return from + Math.max(0, people - before) / perStep;
    [from, before] = [to, known];
  }
  return Number.POSITIVE_INFINITY;
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
