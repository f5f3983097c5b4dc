/** What a shop's page imports from `cavea-sdk`: the client, and the types of what it gives and takes. */
export type { Chart } from '../protocol/chart.js';
export { seatLabel } from '../protocol/chart.js';
export type { HoldView } from '../protocol/down.js';
export type { BookingReply, EventView } from '../protocol/http.js';
export { Status } from '../protocol/status.js';
export type { Bookings } from './bookings.js';
export { type Cavea, type CaveaOptions, createCavea } from './cavea.js';
export type { ConnectionState } from './connection.js';
export type { Holds, HoldsSnapshot } from './holds.js';
export type { Observable } from './observable.js';
export type { Queue, QueueState } from './queue.js';
export type { Refusal, Result } from './result.js';
export type { Search, SearchWish } from './search.js';
export type { Seats, SeatsSnapshot } from './seats.js';
