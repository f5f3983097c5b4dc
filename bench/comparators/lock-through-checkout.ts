import type pg from 'pg';
import { unavailable } from '../../server/core/faults.js';
import { event } from '../socket/event.js';
import type { Comparator } from './engine.js';
import { openSeats } from './seats-table.js';

/**
 * The hold is the row lock itself: the transaction stays open, on its connection, until the buyer has paid or left.
 * Promises: no seat is held twice, and a crash frees everything. Does not: lapse; survive a restart; serve more buyers
 * than there are connections: the next one waits for a connection and is sent away, whatever seat they want.
 */
const waitMs = 2_000;

export async function createLockThroughCheckout(url: string): Promise<Comparator> {
  const pool = await openSeats(url, { waitMs });
  const checkouts = new Map<string, pg.PoolClient>();
  return {
    async hold({ holdId, seats }) {
      const client = await pool.connect().catch((error: unknown) => {
        throw unavailable('Too many people are buying.', 1_000, error);
      });
      await client.query('begin');
      const { rowCount } = await client.query({
        name: 'lock',
        text: 'select seat from seats where event = $1 and seat = any($2) order by seat for update skip locked',
        values: [event, seats],
      });
      if (rowCount === seats.length) {
        checkouts.set(holdId, client);
        return true;
      }
      await leave(client);
      return false;
    },
    async release(holdId) {
      const client = checkouts.get(holdId);
      checkouts.delete(holdId);
      if (client) await leave(client);
      return client !== undefined;
    },
    async stop() {
      await Promise.all([...checkouts.values()].map(leave));
      await pool.end();
    },
  };
}

async function leave(client: pg.PoolClient): Promise<void> {
  await client.query('rollback');
  client.release();
}
