import type { SeatState } from './seat-oracle.js';

/**
 * The map and its digest as protocol/README.md states them (MAP-1, DIG-1 to DIG-3), in whole numbers of any size and
 * with no product code.
 */
const codes: readonly SeatState[] = ['available', 'held', 'sold', 'blocked'];

/** The state that a status code stands for. */
export function stateOf(code: number): SeatState {
  const state = codes[code];
  if (state === undefined) throw new Error(`there is no status ${code}`);
  return state;
}

/** The state of each seat of a packed map. */
export function readMap(packed: Uint8Array, seats: number): SeatState[] {
  return Array.from({ length: seats }, (_, seat) => {
    const byte = packed[Math.floor(seat / 4)] ?? 0;
    return stateOf(Math.floor(byte / 4 ** (seat % 4)) % 4);
  });
}

export interface HallShape {
  readonly seats: number;
  /** Indexes below are seats, the others places of areas. */
  readonly seated: number;
  readonly areas: readonly { readonly start: number; readonly capacity: number }[];
}

export function digestOf(states: readonly SeatState[], { seated, areas }: HallShape): number {
  let digest = 0n;
  states.slice(0, seated).forEach((state, seat) => {
    if (state !== 'available') digest ^= mix(BigInt(seat * 4 + codes.indexOf(state)));
  });
  areas.forEach(({ start, capacity }, area) => {
    const taken = states.slice(start, start + capacity).filter((state) => state !== 'available').length;
    if (taken > 0) digest ^= mix(2n ** 20n + BigInt(area * 16_384 + (taken % 16_384)));
  });
  return Number(digest);
}

function mix(key: bigint): bigint {
  const word = 2n ** 32n;
  let x = (key * 0x9e3779b1n) % word;
  x ^= x >> 15n;
  x = (x * 0x85ebca77n) % word;
  return x ^ (x >> 13n);
}
