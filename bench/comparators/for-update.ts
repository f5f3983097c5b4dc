import { event } from '../socket/event.js';
import type { Comparator } from './engine.js';
import { openSeats } from './seats-table.js';

/**
 * The textbook: `SELECT … FOR UPDATE`, look, update, commit; four round trips in a short transaction.
 * Promises: no seat is held twice, all seats or none (locked in one order, so no deadlock), a lapsed hold is free for
 * whoever asks. Does not: tell anybody when a hold lapses; keep up, since each buyer costs a connection for four trips.
 */
export async function createForUpdate(url: string): Promise<Comparator> {
  const pool = await openSeats(url);
  return {
    async hold({ holdId, holder, seats, expiresAt }) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const { rowCount } = await client.query({
          name: 'lock',
          text: `select seat from seats where event = $1 and seat = any($2)
            and (status = 'available' or (status = 'held' and expires_at <= now())) order by seat for update`,
          values: [event, seats],
        });
        const free = rowCount === seats.length;
        if (free) {
          await client.query({
            name: 'take',
            text: `update seats set status = 'held', hold_id = $3, holder = $4, expires_at = to_timestamp($5 / 1000.0)
              where event = $1 and seat = any($2)`,
            values: [event, seats, holdId, holder, expiresAt],
          });
        }
        await client.query('commit');
        return free;
      } finally {
        client.release();
      }
    },
    async release(holdId, holder) {
      const { rowCount } = await pool.query({
        name: 'release',
        text: `update seats set status = 'available', hold_id = null, holder = null, expires_at = null
          where hold_id = $1 and holder = $2`,
        values: [holdId, holder],
      });
      return (rowCount ?? 0) > 0;
    },
    stop: () => pool.end(),
  };
}
