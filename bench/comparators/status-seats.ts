import type pg from 'pg';
import { event } from '../socket/event.js';
import type { Comparator } from './engine.js';

/**
 * Holds by one update a call, the decision in its WHERE. When only some of the seats could be had they are given back,
 * so somebody else may meanwhile have been refused for nothing.
 * @param free the condition under which a seat can be had.
 */
export function createStatusSeats(pool: pg.Pool, free: string): Comparator {
  async function release(holdId: string, holder: string): Promise<boolean> {
    const { rowCount } = await pool.query({
      name: 'release',
      text: `update seats set status = 'available', hold_id = null, holder = null, expires_at = null
        where hold_id = $1 and holder = $2 and status = 'held'`,
      values: [holdId, holder],
    });
    return (rowCount ?? 0) > 0;
  }

  return {
    async hold({ holdId, holder, seats, expiresAt }) {
      const { rowCount } = await pool.query({
        name: 'hold',
        text: `update seats set status = 'held', hold_id = $3, holder = $4, expires_at = to_timestamp($5 / 1000.0)
          where event = $1 and seat = any($2) and ${free}`,
        values: [event, seats, holdId, holder, expiresAt],
      });
      if (rowCount === seats.length) return true;
      if (rowCount) await release(holdId, holder);
      return false;
    },
    release,
    stop: () => pool.end(),
  };
}
