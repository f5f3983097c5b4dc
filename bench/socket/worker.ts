import { readFileSync } from 'node:fs';
import { limits } from '../../protocol/limits.js';
import { compileChart } from '../../server/catalog/compile-chart.js';
import { generateChart } from '../../server/catalog/generate-chart.js';
import { openChart } from '../../server/catalog/stored-chart.js';
import { systemClock } from '../../server/core/clock.js';
import { silentLog } from '../../server/core/log.js';
import { newSecret } from '../../server/core/random.js';
import { createDatabase } from '../../server/db/pool.js';
import { createFanout } from '../../server/fanout/create-fanout.js';
import type { Fanout } from '../../server/fanout/fanout.js';
import { encodeDown } from '../../server/gateway/encode.js';
import { createJoinLine } from '../../server/gateway/join-line.js';
import { type Live, mountLive } from '../../server/gateway/live/live.js';
import { createLiveParts } from '../../server/gateway/live/live-parts.js';
import { createNetworks } from '../../server/gateway/network.js';
import { createTaking } from '../../server/gateway/taking.js';
import { createTransport } from '../../server/gateway/transport.js';
import { createSessions } from '../../server/identity/sessions.js';
import { createBus } from '../../server/redis/bus.js';
import { createRedis } from '../../server/redis/client.js';
import type { SeatEngine } from '../../server/seatmap/engine.js';
import { createSeatStore } from '../../server/seatmap/redis-store.js';
import { createSeatEngine } from '../../server/seatmap/seat-engine.js';
import { createWaitingRoom } from '../../server/waiting-room/redis-room.js';
import type { WaitingRoom } from '../../server/waiting-room/waiting-room.js';
import { type Comparator, engineOf } from '../comparators/engine.js';
import { createForUpdate } from '../comparators/for-update.js';
import { createLockThroughCheckout } from '../comparators/lock-through-checkout.js';
import { createSetNx } from '../comparators/set-nx.js';
import { createStatusCron } from '../comparators/status-cron.js';
import { createStatusExpiry } from '../comparators/status-expiry.js';
import { answer, cpuSeconds } from '../lib/child.js';
import { event, record, rulesOf, SEATS } from './event.js';

/**
 * A worker with the server's socket and, behind it, the seat engine or a comparator. The socket's code, its sessions
 * and its frames are the same for all.
 */
const comparators = {
  forUpdate: createForUpdate,
  lockThroughCheckout: createLockThroughCheckout,
  statusCron: createStatusCron,
  statusExpiry: createStatusExpiry,
  setNx: createSetNx,
} satisfies Record<string, (url: string) => Promise<Comparator>>;

export type Side = 'cavea' | keyof typeof comparators;

export interface Listening {
  readonly side: Side;
  /** Of the Redis or Postgres that the side works on. */
  readonly url: string;
  readonly holdTtlMs: number;
  /** Of the event, and those that are sold: none unless said. Who comes second finds the event as it is. */
  readonly seats?: number;
  readonly sold?: readonly number[];
  /** Whether one socket may ask as often as it likes. */
  readonly unboundedRate: boolean;
  /** The event has a waiting room, which is in this Postgres too. */
  readonly roomAt?: string;
}

const unbounded = { perSecond: Number.MAX_SAFE_INTEGER, burst: Number.MAX_SAFE_INTEGER };
const asLive = { perSecond: limits.requestsPerSecond, burst: limits.requestBurst };

const clock = systemClock;
const log = silentLog;
const transport = createTransport({ log });
const sessions = createSessions({ secret: newSecret(32), clock });
let live: Live | undefined;
/** Refusals name what is free beside the wanted seats, so they look at it. */
const compiled = compileChart(generateChart('arena', 'Bench'));
const chart = openChart(compiled.pack, compiled.chart.hash);

/** The benches' events have no waiting room. */
const noRooms = {
  showCode: async () => 'shown' as const,
  join: () => Promise.reject(new Error('there is no waiting room')),
  leave: async () => {},
  isAdmitted: async () => true,
};

const calls = {
  async listen({ side, url, holdTtlMs, seats = SEATS, sold = [], unboundedRate, roomAt }: Listening): Promise<number> {
    const { engine, fanout } =
      side === 'cavea'
        ? await ours(url, { seats, sold, holdTtlMs })
        : { engine: engineOf(await comparators[side](url), holdTtlMs), fanout: nobodyIsTold };
    const here = { ...record, roomOn: roomAt !== undefined };
    const catalog = { event: async () => here, chart: async () => chart };
    const rooms = roomAt === undefined ? noRooms : await roomOn(url, roomAt);
    const services = {
      ...{ engine, fanout, catalog, identity: sessions, rooms },
      // Nobody waits in a line here.
      bus: { subscribe: async () => () => {} },
      settings: { workerName: 'bench' },
    };
    const taking = createTaking({ engine, fanout, catalog, clock });
    live = mountLive({
      transport,
      services,
      parts: createLiveParts({
        services,
        taking,
        joinLine: createJoinLine({ catalog, rooms, clock, placesPerMinute: Number.MAX_SAFE_INTEGER }),
        transport,
        clock,
        log,
      }),
      origins: { allows: () => true, isOwn: () => true },
      networks: createNetworks([]),
      perNetwork: Number.POSITIVE_INFINITY,
      rate: unboundedRate ? unbounded : asLive,
      clock,
      log,
    });
    return transport.listenLoopback();
  },
  /** Of so many guests. */
  tokens: (count: number) =>
    Promise.all(Array.from({ length: count }, async () => (await sessions.createSession(undefined)).token)),
  cpuSeconds,
  /** Memory of this process: what the kernel counts for it, and what lives in the heap of its JavaScript. */
  memory: () => ({ residentBytes: residentBytes(), heapBytes: process.memoryUsage().heapUsed }),
  /** For a worker that was started with --expose-gc. */
  collectGarbage: () => globalThis.gc?.(),
};
export type WorkerCalls = typeof calls;
answer(calls);

async function roomOn(redisUrl: string, databaseUrl: string): Promise<WaitingRoom> {
  const redis = createRedis({ urls: [redisUrl], log });
  await redis.ready();
  return createWaitingRoom({ redis, db: createDatabase({ url: databaseUrl, log }), secret: newSecret(32), clock, log });
}

async function ours(
  redisUrl: string,
  { seats, sold, holdTtlMs }: Required<Pick<Listening, 'seats' | 'sold' | 'holdTtlMs'>>,
): Promise<{ engine: SeatEngine; fanout: Fanout }> {
  const redis = createRedis({ urls: [redisUrl], log });
  await redis.ready();
  const store = createSeatStore({ redis, log });
  if ('stale' in (await store.position(event))) {
    const shape = { seats, seated: seats, areas: [] };
    await store.rebuild(event, { generation: 1, ...shape, sold, blocked: [], claims: [], rules: rulesOf(holdTtlMs) });
  }
  const ledger = { exclusively: () => Promise.reject(new Error('nothing is lost here')) };
  const engine = createSeatEngine({ store, ledger, clock, log, live: (of) => fanout.live(of) });
  const fanout = createFanout({
    bus: createBus({ redis, log }),
    store,
    snapshot: engine.snapshot,
    past: async () => undefined,
    ports: {
      publish: transport.publish,
      encode: encodeDown,
      onHoldChange: (of, change) => live?.holderChanged(of, change),
      onResume: (of) => live?.resumed(of),
    },
    clock,
    log,
  });
  return { engine, fanout };
}

function residentBytes(): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}

/** Comparators tell no viewers. */
const nobodyIsTold: Fanout = {
  attach: async () => {},
  detach: () => {},
  live: () => undefined,
  watch: () => Promise.reject(new Error('there is no live map')),
  snapshotFrame: () => Promise.reject(new Error('there is no live map')),
  start: async () => {},
  stop: async () => {},
};
