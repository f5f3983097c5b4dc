import { type BestSeats, createBestSeats } from './best-seats.js';
import { createHoldSeats, type HoldSeats } from './hold-seats.js';

/** The two ways to seats, on the socket and over HTTP: by name, or the best that fit. */
export interface Taking {
  readonly holdSeats: HoldSeats;
  readonly bestSeats: BestSeats;
}

export function createTaking(ports: Parameters<typeof createHoldSeats>[0]): Taking {
  return { holdSeats: createHoldSeats(ports), bestSeats: createBestSeats(ports) };
}
