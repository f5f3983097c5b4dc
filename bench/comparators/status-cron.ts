import { systemClock } from '../../server/core/clock.js';
import type { Comparator } from './engine.js';
import { openSeats } from './seats-table.js';
import { createStatusSeats } from './status-seats.js';

/**
 * A status, and a job that sweeps the holds that are over. Here it runs every five seconds; cron itself runs at most
 * once a minute, and keeps seats twelve times as long.
 * Promises: no seat is held twice. Does not: end a hold when it says it ends, but at the next sweep.
 */
export const sweepMs = 5_000;

export async function createStatusCron(url: string): Promise<Comparator> {
  const pool = await openSeats(url, { index: "create index on seats (expires_at) where status = 'held';" });
  const seats = createStatusSeats(pool, "status = 'available'");
  const sweep = systemClock.every(sweepMs, () => {
    pool
      .query(
        `update seats set status = 'available', hold_id = null, holder = null, expires_at = null
        where status = 'held' and expires_at <= now()`,
      )
      .catch((error: unknown) => console.error(error));
  });
  return {
    ...seats,
    async stop() {
      sweep.cancel();
      await seats.stop();
    },
  };
}
