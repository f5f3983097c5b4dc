import { Redis } from 'ioredis';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { newId } from '../../../server/core/random.js';
import { migrate } from '../../../server/db/migrate.js';
import { createDatabase, type Database } from '../../../server/db/pool.js';
import { createRedis } from '../../../server/redis/client.js';
import type { SeatEngine } from '../../../server/seatmap/engine.js';
import type { LiveSeats } from '../../../server/seatmap/fast-refusal.js';
import { newHoldId } from '../../../server/seatmap/hold-id.js';
import { createLedger } from '../../../server/seatmap/ledger.js';
import type { ClaimOperation, HoldOperation, SeatStore } from '../../../server/seatmap/operations.js';
import { createSeatStore } from '../../../server/seatmap/redis-store.js';
import { createSeatEngine } from '../../../server/seatmap/seat-engine.js';
import { createDatabase as createTestDatabase } from '../../helpers/postgres.js';
import { startRedis, type TestRedis } from '../../helpers/redis.js';
import { hall } from './event.js';

/** A real Redis and a real Postgres, and engines on them: each with connections of its own, as in another process. */
export interface World {
  readonly redis: TestRedis;
  readonly db: Database;
  /** To look at Redis and to break it. */
  readonly raw: Redis;
  engine(options?: EngineOptions): Promise<{ engine: SeatEngine; store: SeatStore }>;
  /** Script calls that Redis has run so far. */
  scriptCalls(): Promise<number>;
  end(): Promise<void>;
}

export interface EngineOptions {
  readonly live?: (event: string) => LiveSeats | undefined;
  /** Puts something between the engine and its store. */
  readonly around?: (store: SeatStore) => SeatStore;
}

export async function startWorld(): Promise<World> {
  const [redis, postgres] = await Promise.all([startRedis(), createTestDatabase()]);
  await migrate({ url: postgres.url, log: silentLog });
  const db = createDatabase({ url: postgres.url, log: silentLog });
  const raw = new Redis(redis.url, { retryStrategy: () => 20 });
  raw.on('error', () => {});
  const ends: (() => Promise<void>)[] = [];
  return {
    redis,
    db,
    raw,
    async engine({ live, around = (store: SeatStore) => store } = {}) {
      const connections = createRedis({ urls: [redis.url], log: silentLog });
      await connections.ready();
      const store = around(createSeatStore({ redis: connections, log: silentLog }));
      const ledger = createLedger({ db, shape: async () => hall });
      const engine = createSeatEngine({ store, ledger, clock: systemClock, log: silentLog, ...(live && { live }) });
      ends.push(async () => {
        await engine.stop();
        await connections.close();
      });
      return { engine, store };
    },
    async scriptCalls() {
      const stats = await raw.info('commandstats');
      const counts = [...stats.matchAll(/cmdstat_fcall:calls=(\d+)/g)];
      return counts.reduce((sum, [, calls]) => sum + Number(calls), 0);
    },
    async end() {
      await Promise.all(ends.map((end) => end()));
      raw.disconnect();
      await Promise.all([redis.stop(), db.close()]);
      await postgres.drop();
    },
  };
}

export function hold(event: string, holder: string, ...seats: readonly number[]): HoldOperation {
  return {
    kind: 'hold',
    opId: newId('op'),
    holder,
    holdId: newHoldId(event),
    candidates: [seats],
  };
}

export function claim(held: HoldOperation, bookingId: string): ClaimOperation {
  return { kind: 'claim', opId: newId('op'), holder: held.holder, holdId: held.holdId, bookingId };
}
