import type { SeatsSnapshot } from '../../client-sdk/seats.js';
import { digestOf, type HallShape, stateOf } from '../model/map-digest.js';

/** Digests of one seat in one state, or of an area with so many places taken: reckoned once by the text's arithmetic. */
const parts = new Map<string, number>();

/**
 * The digest of what a page shows, from `status` and `free` alone: nothing that the SDK reckons itself is believed.
 * The digest is an exclusive or, so that of the whole is that of its parts.
 */
export function shownDigest(snapshot: Pick<SeatsSnapshot, 'status' | 'free'>, shape: HallShape): number {
  let digest = 0;
  for (let seat = 0; seat < shape.seated; seat++) {
    const status = snapshot.status(seat);
    if (status !== 0) digest ^= part(`${seat} ${status}`, () => ofSeat(seat, status));
  }
  shape.areas.forEach(({ capacity }, area) => {
    const taken = capacity - snapshot.free(area);
    if (taken > 0) digest ^= part(`area ${area} ${taken}`, () => ofArea(area, taken, shape));
  });
  return digest >>> 0;
}

function part(key: string, reckon: () => number): number {
  let known = parts.get(key);
  if (known === undefined) {
    known = reckon();
    parts.set(key, known);
  }
  return known;
}

function ofSeat(seat: number, status: number): number {
  const states = Array.from({ length: seat + 1 }, (_, at) => stateOf(at === seat ? status : 0));
  return digestOf(states, { seats: seat + 1, seated: seat + 1, areas: [] });
}

function ofArea(area: number, taken: number, { seats, areas }: HallShape): number {
  const { start } = areas[area] ?? { start: 0 };
  const states = Array.from({ length: seats }, (_, at) => stateOf(at >= start && at < start + taken ? 1 : 0));
  return digestOf(states, { seats, seated: 0, areas });
}
