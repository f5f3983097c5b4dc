import type { SeatStore } from '../seatmap/operations.js';
import type { LiveMap } from './live-map.js';
import type { Ring } from './ring.js';

/**
 * confirmed: the copy is, or was at that seq, what Redis has. unknown: too far back to tell.
 * behind: Redis has changes that the bus did not bring. lost: Redis no longer knows the event.
 */
export type Verdict = 'confirmed' | 'unknown' | 'behind' | 'epoch' | 'digest' | 'lost';

/** What a position read from Redis says about the copy. */
export function judge(reply: Awaited<ReturnType<SeatStore['position']>>, map: LiveMap, ring: Ring): Verdict {
  if ('stale' in reply) return 'lost';
  if (reply.epoch !== map.epoch) return 'epoch';
  if (reply.seq > map.seq) return 'behind';
  const digest = ring.digestAt(reply.seq);
  if (digest === undefined) return 'unknown';
  const intact = digest === reply.digest && map.digestOfBytes() === map.digest;
  return intact ? 'confirmed' : 'digest';
}
