import { Redis } from 'ioredis';
import { systemClock } from '../../server/core/clock.js';
import { Fault } from '../../server/core/faults.js';
import { silentLog } from '../../server/core/log.js';
import { type CommandClient, createRedis } from '../../server/redis/client.js';
import { diffChannel, eventKeys } from '../../server/redis/keys.js';
import type { SeatEngine } from '../../server/seatmap/engine.js';
import type { Ledger } from '../../server/seatmap/ledger.js';
import { decodeSeatDiff } from '../../server/seatmap/messages.js';
import type { RebuildInput, SeatDiff, SeatStore } from '../../server/seatmap/operations.js';
import { createSeatStore } from '../../server/seatmap/redis-store.js';
import { createSeatEngine } from '../../server/seatmap/seat-engine.js';
import { startRedis } from '../helpers/redis.js';

/** A real Redis, and two workers on it: seat engines with connections of their own, as in two processes. */
export interface ModelWorld {
  readonly workers: readonly [Worker, Worker];
  /** To lose data and to let holders in. */
  readonly raw: Redis;
  /** What the books say of an event whose seats Redis does not have. Undefined: there is no such event. */
  readonly books: Map<string, () => Omit<RebuildInput, 'generation'>>;
  listen(event: string): Promise<Listener>;
  /** Removes all that Redis has of an event. */
  forget(event: string): Promise<void>;
  close(): Promise<void>;
}

export interface Worker {
  readonly engine: SeatEngine;
  readonly store: SeatStore;
}

/** Whoever only listens. */
export interface Listener {
  readonly diffs: readonly SeatDiff[];
  /** Resolves when this position has been heard. */
  heard(epoch: number, seq: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ModelWorldSettings {
  /** Puts something between a worker and Redis. */
  readonly around?: (commands: CommandClient) => CommandClient;
  /** Puts something before a worker's engine. */
  readonly before?: (engine: SeatEngine) => SeatEngine;
}

export async function createModelWorld(settings: ModelWorldSettings = {}): Promise<ModelWorld> {
  const { around = (commands: CommandClient) => commands, before = (engine: SeatEngine) => engine } = settings;
  const server = await startRedis(['--appendonly', 'no']);
  const books: ModelWorld['books'] = new Map();
  // A Redis that goes does not come back here: whoever waits for it is told.
  const options = { retryStrategy: () => null, lazyConnect: true };
  const [raw, ears] = [new Redis(server.url, options), new Redis(server.url, options)];
  await Promise.all([raw.connect(), ears.connect()]);
  const ends: (() => Promise<void>)[] = [];
  const ledger = ledgerOf(books);

  async function startWorker(): Promise<Worker> {
    const connections = createRedis({ urls: [server.url], log: silentLog, commandTimeoutMs: 10_000 });
    await connections.ready();
    const store = createSeatStore({ redis: { commands: around(connections.commands) }, log: silentLog });
    const engine = createSeatEngine({ store, ledger, clock: systemClock, log: silentLog });
    ends.push(async () => {
      await engine.stop();
      await connections.close();
    });
    return { engine: before(engine), store };
  }

  return {
    workers: [await startWorker(), await startWorker()],
    raw,
    books,
    listen: (event) => listen(ears, event),
    async forget(event) {
      books.delete(event);
      await raw.unlink(...Object.values(eventKeys(event)));
    },
    async close() {
      await Promise.all(ends.map((end) => end()));
      raw.disconnect();
      ears.disconnect();
      await server.stop();
    },
  };
}

/** One at a time for each event, as the lock in Postgres has it. */
function ledgerOf(books: ModelWorld['books']): Ledger {
  const last = new Map<string, Promise<unknown>>();
  let generation = 0;
  return {
    exclusively(event, work) {
      const turn = (last.get(event) ?? Promise.resolve()).then(() => {
        const page = books.get(event);
        if (!page) throw new Fault('notFound', 'There is no such event.');
        return work({
          rules: async () => page().rules,
          rebuildInput: async () => ({ ...page(), generation: ++generation }),
        });
      });
      last.set(
        event,
        turn.catch(() => undefined),
      );
      return turn;
    },
  };
}

async function listen(ears: Redis, event: string): Promise<Listener> {
  const channel = diffChannel(event);
  const diffs: SeatDiff[] = [];
  const hear = (name: Buffer, message: Buffer) => {
    if (name.toString() === channel) diffs.push(decodeSeatDiff(message));
  };
  ears.setMaxListeners(0);
  ears.on('smessageBuffer', hear);
  await ears.ssubscribe(channel);
  return {
    diffs,
    async heard(epoch, seq) {
      for (let waitedMs = 0; waitedMs < 2_000; waitedMs++) {
        const last = diffs.at(-1);
        if (seq === 0 || (last && last.epoch === epoch && last.seq >= seq)) return;
        await systemClock.sleep(1);
      }
      throw new Error(`position ${epoch}:${seq} was not published`);
    },
    async stop() {
      ears.off('smessageBuffer', hear);
      await ears.sunsubscribe(channel);
    },
  };
}
