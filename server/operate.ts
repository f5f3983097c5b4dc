import { createCatalog } from './catalog/pg-catalog.js';
import { systemClock } from './core/clock.js';
import type { Logger } from './core/log.js';
import { within } from './core/within.js';
import type { Database } from './db/pool.js';
import { createRedis } from './redis/client.js';
import { archiveEvent } from './seatmap/archive.js';
import { createLedger } from './seatmap/ledger.js';
import { createSeatStore } from './seatmap/redis-store.js';
import { createSeatEngine } from './seatmap/seat-engine.js';

/**
 * What an operator does to the seats of one event by hand, while the servers run. Both go through the same locks and
 * scripts as the servers' own recovery, so neither can lose a sale or a hold.
 */
export interface Operations {
  /**
   * Writes the event into Redis anew: sold, blocked and claimed seats as Postgres has them, the holds that Redis has.
   * Every viewer gets a new map. Resolves with its new epoch and the numbers of seats.
   * @throws Fault `notFound` `unavailable`
   */
  rebuild(event: string): Promise<{ epoch: number; sold: number; blocked: number; claimed: number }>;
  /** Takes the event out of Redis. False when it is not over, or something of it is still to be written down or paid. */
  archive(event: string): Promise<boolean>;
}

const redisWaitMs = 5_000;

export async function operate<T>(
  { db, redisUrls, log }: { readonly db: Database; readonly redisUrls: readonly string[]; readonly log: Logger },
  work: (operations: Operations) => Promise<T>,
): Promise<T> {
  const redis = createRedis({ urls: redisUrls, log });
  const catalog = createCatalog({ db, clock: systemClock, log });
  const ledger = createLedger({ db, shape: async (hash) => (await catalog.chart(hash))?.chart });
  const store = createSeatStore({ redis, log });
  const engine = createSeatEngine({ store, ledger, clock: systemClock, log });
  try {
    await within(systemClock, redisWaitMs, 'Redis', redis.ready());
    return await work({
      rebuild: (event) =>
        ledger.exclusively(event, async (page) => {
          const input = await page.rebuildInput();
          const { epoch } = await store.rebuild(event, input);
          const claimed = input.claims.reduce((sum, { seats }) => sum + seats.length, 0);
          return { epoch, sold: input.sold.length, blocked: input.blocked.length, claimed };
        }),
      archive: (event) => archiveEvent({ store, engine, db }, event),
    });
  } finally {
    await engine.stop();
    await redis.close();
  }
}
