import { createBookings } from './booking/create-bookings.js';
import { createCatalog } from './catalog/pg-catalog.js';
import { createSharedReads } from './changes/shared-reads.js';
import type { Settings } from './config.js';
import { systemClock } from './core/clock.js';
import { createLogger } from './core/log.js';
import { createDatabase } from './db/pool.js';
import type { LiveView } from './fanout/fanout.js';
import { createIdentity } from './identity/create-identity.js';
import { createRedis } from './redis/client.js';
import { createSearch } from './search/create-search.js';
import { createBlocks } from './seatmap/blocks.js';
import { createLedger } from './seatmap/ledger.js';
import { createSeatStore } from './seatmap/redis-store.js';
import { createReshape } from './seatmap/reshape.js';
import { createRules } from './seatmap/rules.js';
import { createSeatEngine } from './seatmap/seat-engine.js';
import { createWaitingRoom } from './waiting-room/redis-room.js';

export type Parts = Awaited<ReturnType<typeof compose>>;

export interface OwnCopies {
  /** The process's own copy of an event's map, when it keeps one. */
  readonly live: (event: string) => LiveView | undefined;
  /** Whether this process would hear of a change of the catalogue. */
  readonly isTold: () => boolean;
}

/** The parts that every process of the server has, wired once: connections at the bottom, domains on top. */
export async function compose(settings: Settings, { live, isTold }: OwnCopies) {
  const clock = systemClock;
  const name = settings.processName;
  const log = createLogger(settings.logLevel, { process: name });
  const db = createDatabase({ url: settings.databaseUrl, log, applicationName: `cavea ${name}` });
  // Webhooks have connections of their own: a crowd of buyers must not keep a payment from being recorded.
  const webhookDb = createDatabase({
    url: settings.databaseUrl,
    log,
    max: 4,
    applicationName: `cavea ${name} webhook`,
  });
  const redis = createRedis({ urls: settings.redisUrls, log });
  const shared = createSharedReads({ redis, isTold, clock, log });
  const catalog = createCatalog({ db, clock, log, isTold, shared });
  // Searching, too: and it may be done on a replica, because only ids come from it.
  const searchDb = createDatabase({
    url: settings.databaseReadUrl,
    log,
    max: 3,
    plansEach: true,
    applicationName: `cavea ${name} search`,
  });
  const search = await createSearch(settings, { db, read: searchDb, clock, log });
  const identity = createIdentity({ db, secret: settings.secret, clock, log });
  const store = createSeatStore({ redis, log });
  const ledger = createLedger({ db, shape: async (hash) => (await catalog.chart(hash))?.chart });
  const engine = createSeatEngine({ store, ledger, clock, log, live });
  const rules = createRules({ db, engine, log });
  const blocks = createBlocks({ db, engine });
  const reshape = createReshape({ db, store, engine, log });
  const rooms = createWaitingRoom({ redis, db, secret: settings.secret, clock, log });
  const { stripe } = settings;
  const bookings = createBookings({
    db,
    webhookDb,
    engine,
    catalog,
    stripe,
    ticketSecret: settings.secret,
    clock,
    log,
  });

  async function close(): Promise<void> {
    // What follows a webhook runs on after its answer.
    await bookings.idle();
    await engine.stop();
    await redis.close();
    await Promise.all([db.close(), webhookDb.close(), searchDb.close()]);
  }
  const seats = { store, engine, rules, blocks, reshape };
  return { settings, clock, log, db, redis, shared, catalog, search, identity, ...seats, rooms, bookings, close };
}

const redisWaitMs = 3_000;

/**
 * Resolves when Redis can be used, or after a moment: views and webhooks are served without it, and a lost payment is
 * asked after. A Redis that would drop seats ends the process, whenever that is found out.
 */
export async function awaitRedis({ redis, clock, log }: Pick<Parts, 'redis' | 'clock' | 'log'>): Promise<void> {
  const usable = redis.ready().catch((error: unknown) => {
    log.fatal({ err: error }, 'this Redis cannot be used');
    process.exit(1);
  });
  await Promise.race([usable, clock.sleep(redisWaitMs)]);
}
