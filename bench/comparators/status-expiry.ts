import type { Comparator } from './engine.js';
import { openSeats } from './seats-table.js';
import { createStatusSeats } from './status-seats.js';

/**
 * Status and expiry decided in one update: a seat can be had when it is available or its hold is over. Its compound
 * index is the one by which the map's free seats are listed; each change has to keep it.
 * Promises: no seat is held twice; a lapsed hold is free for whoever asks, at once. Does not: tell anybody that it is
 * (the status still says held), nor take several seats all at once or not at all.
 */
export async function createStatusExpiry(url: string): Promise<Comparator> {
  const pool = await openSeats(url, { index: 'create index on seats (event, status, expires_at);' });
  return createStatusSeats(pool, "(status = 'available' or (status = 'held' and expires_at <= now()))");
}
