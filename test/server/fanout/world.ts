import { Redis } from 'ioredis';
import { getStatus, mapDigest } from '../../../protocol/status.js';
import { type Clock, systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { newId } from '../../../server/core/random.js';
import { createFanout } from '../../../server/fanout/create-fanout.js';
import type { WatchParts } from '../../../server/fanout/watch.js';
import { type Bus, createBus } from '../../../server/redis/bus.js';
import { createRedis } from '../../../server/redis/client.js';
import { eventKeys } from '../../../server/redis/keys.js';
import { newHoldId } from '../../../server/seatmap/hold-id.js';
import type { EventShape, SeatStore } from '../../../server/seatmap/operations.js';
import { createSeatStore } from '../../../server/seatmap/redis-store.js';
import { startRedis } from '../../helpers/redis.js';
import { rules } from './maps.js';
import { StrictViewer, Topics } from './viewers.js';

/** 1,000 seats and a standing area of 24 places. */
export const hall: EventShape = { seats: 1_024, seated: 1_000, areas: [{ start: 1_000, capacity: 24 }] };

/** A real Redis with the real store, and fan-outs on it: each with connections of its own, as in another process. */
export type World = Awaited<ReturnType<typeof startWorld>>;

export async function startWorld() {
  const server = await startRedis();
  const raw = new Redis(server.url, { retryStrategy: () => 20 });
  raw.on('error', () => {});
  const ends: (() => Promise<unknown>)[] = [];
  let generation = 0;

  async function connect() {
    const redis = createRedis({ urls: [server.url], log: silentLog, commandTimeoutMs: 500 });
    ends.push(() => redis.close());
    await redis.ready();
    return { redis, store: createSeatStore({ redis, log: silentLog }) };
  }
  const { store } = await connect();

  /** A new life of the event, as recovery makes it: nothing sold. */
  async function rebuild(event: string): Promise<void> {
    const { seats, seated, areas } = hall;
    await store.rebuild(event, {
      generation: ++generation,
      seats,
      seated,
      areas,
      sold: [],
      blocked: [],
      claims: [],
      rules: { ...rules, maxSeatsPerHolder: 64 },
    });
  }

  /** Stands for the engine's: recovers the event when Redis does not have it. */
  async function snapshot(event: string) {
    const read = await store.snapshot(event);
    if (!('stale' in read)) return read;
    await rebuild(event);
    const again = await store.snapshot(event);
    if ('stale' in again) throw new Error('stale after a rebuild');
    return again;
  }

  return {
    server,
    raw,
    store,
    rebuild,
    snapshot,
    async newEvent(): Promise<string> {
      const event = newId('evt');
      await rebuild(event);
      return event;
    },
    /** A fan-out, whose parts a test can replace. Time runs `speed` times as fast for it. */
    async fanout({ speed = 10, ...replaced }: Partial<WatchParts> & { speed?: number } = {}) {
      const { redis } = await connect();
      const bus = new LeakyBus(createBus({ redis, log: silentLog }));
      const topics = new Topics();
      const past = async () => undefined;
      const parts = { bus, store, snapshot, past, ports: topics, log: silentLog };
      const fanout = createFanout({ ...parts, clock: fastClock(speed), ...replaced });
      await fanout.start();
      ends.unshift(async () => {
        await fanout.stop();
        await bus.close();
      });
      return { fanout, topics, bus, viewer: (format?: 'binary' | 'json') => new StrictViewer(topics, hall, format) };
    },
    hold: (event: string, seats: readonly number[], holder = newId('ses')) => hold(store, event, seats, holder),
    release: (event: string, held: Held) =>
      store.settle(event, [
        { kind: 'release', opId: newId('op'), by: { holder: held.holder }, holdId: held.holdId, seats: undefined },
      ]),
    async end() {
      for (const end of ends) await end();
      raw.disconnect();
      await server.stop();
    },
  };
}

export interface Held {
  readonly holder: string;
  readonly holdId: string;
}

async function hold(store: SeatStore, event: string, seats: readonly number[], holder: string): Promise<Held> {
  const holdId = newHoldId(event);
  await store.grow(event, [{ kind: 'hold', opId: newId('op'), holder, holdId, candidates: [seats] }]);
  return { holder, holdId };
}

/** The state in Redis, decoded here and not by the code under test. */
export async function truth(raw: Redis, event: string) {
  const { meta, status } = eventKeys(event);
  const replies = await raw.multi().hget(meta, 'seq').getBuffer(status).exec();
  const seq = Number(replies?.[0]?.[1]);
  const bytes = replies?.[1]?.[1];
  const packed = Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0);
  const state = (index: number) => ((packed[index >> 2] ?? 0) >> ((index % 4) * 2)) & 3;
  const seats = Array.from({ length: hall.seated }, (_, index) => state(index));
  const free = hall.areas.map(({ start, capacity }) => {
    const places = Array.from({ length: capacity }, (_, place) => state(start + place));
    return places.filter((one) => one === 0).length;
  });
  return { seq, seats, free };
}

/** What a viewer believes, in the same form. */
export function belief(viewer: StrictViewer) {
  const seats = Array.from({ length: hall.seated }, (_, index) => Number(getStatus(viewer.packed, index)));
  return { seq: viewer.position?.seq, seats, free: viewer.free };
}

export function digestOf({ seats, free }: { seats: readonly number[]; free: readonly number[] }): number {
  const packed = new Uint8Array(Math.ceil(seats.length / 4));
  seats.forEach((status, index) => {
    packed[index >> 2] = (packed[index >> 2] ?? 0) | (status << ((index % 4) * 2));
  });
  const taken = hall.areas.map(({ capacity }, area) => capacity - (free[area] ?? 0));
  return mapDigest(packed, hall.seated, taken);
}

export async function eventually(condition: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  const until = systemClock.monotonic() + withinMs;
  while (!(await condition())) {
    if (systemClock.monotonic() > until) throw new Error(`not within ${withinMs} ms: ${condition}`);
    await systemClock.sleep(5);
  }
}

/** Real time, but `speed` times as fast: heartbeats need not be waited for. */
function fastClock(speed: number): Clock {
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * speed,
    after: (ms, run) => systemClock.after(ms / speed, run),
    soon: systemClock.soon,
    every: (ms, run) => systemClock.every(ms / speed, run),
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
  };
}

/** The real bus, able to lose messages as pub/sub may. */
class LeakyBus implements Bus {
  readonly #bus: Bus;
  /** Messages still to lose. */
  lose = 0;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  subscribe(channel: string, onMessage: (bytes: Uint8Array) => void, onReset: () => void) {
    const leaky = (bytes: Uint8Array) => {
      if (this.lose > 0) this.lose--;
      else onMessage(bytes);
    };
    return this.#bus.subscribe(channel, leaky, onReset);
  }

  close() {
    return this.#bus.close();
  }
}
