import { createBookings } from './booking/create-bookings.js';
import { createCatalog } from './catalog/pg-catalog.js';
import { createSharedReads } from './changes/shared-reads.js';
import type { Settings } from './config.js';
import { systemClock } from './core/clock.js';
import { createLogger } from './core/log.js';
import { sharedAs } from './core/shared-reads.js';
import { createDatabase, type Database } from './db/pool.js';
import { createReplica } from './db/replica.js';
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
  // Searching, too.
  const searching = { log, max: 3, plansEach: true, applicationName: `cavea ${name} search` };
  const searchDb = createDatabase({ ...searching, url: settings.databaseUrl });
  const readUrl = settings.databaseReadUrl;
  const replicaOf = (primary: Database, options: { readonly max?: number; readonly plansEach?: boolean }) => {
    if (readUrl === undefined) return undefined;
    const replica = createDatabase({ ...options, url: readUrl, log, applicationName: `cavea ${name} reading` });
    return { ...createReplica({ primary, replica, isTold, clock, log }), close: replica.close };
  };
  const replicas = { views: replicaOf(db, {}), search: replicaOf(searchDb, searching) };
  const hear = () => {
    for (const replica of Object.values(replicas)) replica?.heard();
  };
  const shared = createSharedReads({ redis, isTold, onVersion: hear, clock, log });
  const catalog = createCatalog({ db, clock, log, isTold, shared });
  // Holds and bookings never read from a replica: views then have a catalogue of their own.
  const reads = replicas.views?.reads ?? db;
  const views = replicas.views
    ? createCatalog({ db: reads, clock, log, isTold, shared: sharedAs('view', shared) })
    : catalog;
  const search = await createSearch(settings, {
    db,
    read: replicas.search?.reads ?? searchDb,
    synonyms: settings.synonyms,
    clock,
    log,
  });
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
    const own = [db, webhookDb, searchDb, replicas.views, replicas.search];
    await Promise.all(own.map((database) => database?.close()));
  }

  /** Something has changed: what has one of these ids in it is forgotten; undefined: all. */
  function forget(tags: readonly string[] | undefined): void {
    hear();
    catalog.drop(tags);
    views.drop(tags);
  }
  const seats = { store, engine, rules, blocks, reshape };
  const read = { reads, shared, catalog, views, search, forget };
  return { settings, clock, log, db, redis, ...read, identity, ...seats, rooms, bookings, close };
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
