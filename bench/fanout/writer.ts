import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { systemClock } from '../../server/core/clock.js';
import { silentLog } from '../../server/core/log.js';
import { createRedis } from '../../server/redis/client.js';
import { eventKeys } from '../../server/redis/keys.js';
import { newHoldId } from '../../server/seatmap/hold-id.js';
import type { SeatStore } from '../../server/seatmap/operations.js';
import { createSeatStore } from '../../server/seatmap/redis-store.js';
import { answer } from '../lib/child.js';
import { pace } from '../lib/pace.js';
import { arena, event, openEvent } from './event.js';

/**
 * Changes seats through the real store, one hold or release a call, at a fixed rate. For Socket.IO it also emits each
 * change through the Redis adapter, as a node that has handled the buyer's request would: at once, or collected
 * over a merge window.
 */
let store: SeatStore | undefined;
let emitter: Server | undefined;
let raw: Redis | undefined;

export type Emit = 'none' | 'naive' | 'merged';
/** As long as an audience of ours rests at most (server/fanout/audience.ts). */
const MERGE_MS = 25;

const calls = {
  async connect(redisUrl: string): Promise<void> {
    const redis = createRedis({ urls: [redisUrl], log: silentLog, commandTimeoutMs: 30_000 });
    await redis.ready();
    store = createSeatStore({ redis, log: silentLog });
    raw = new Redis(redisUrl);
    emitter = new Server();
    emitter.adapter(createAdapter(raw, raw.duplicate()));
  },

  /** A new life of the event; nothing held. */
  async reset(): Promise<void> {
    await raw?.del(...Object.values(eventKeys(event)));
    if (store) await openEvent(store);
  },

  /** @returns when each change was asked for, by seq − 1, in milliseconds since 1970. */
  async write(options: { perSecond: number; seconds: number; emit: Emit }): Promise<Float64Array> {
    if (!store) throw new Error('not connected');
    const { perSecond, seconds, emit } = options;
    const writing = new Writing(store, emit);
    await pace(perSecond * seconds, perSecond, () => writing.change());
    writing.tell();
    return Float64Array.from(writing.sentAt);
  },
};
export type WriterCalls = typeof calls;
answer(calls);

class Writing {
  readonly sentAt: number[] = [];
  readonly #store: SeatStore;
  readonly #emit: Emit;
  readonly #held: { seat: number; holder: string; holdId: string }[] = [];
  #collected: [index: number, status: number, seq: number][] = [];
  #next = 0;
  #asked = 0;

  constructor(store: SeatStore, emit: Emit) {
    this.#store = store;
    this.#emit = emit;
  }

  /** Alternately holds a free seat and releases the oldest hold, once half of the arena is held. */
  async change(): Promise<void> {
    const sentAt = systemClock.now();
    this.#asked++;
    const opId = `op_${String(this.#asked).padStart(12, '0')}`;
    const oldest = this.#held.length > arena.seated / 2 ? this.#held.shift() : undefined;
    if (oldest) {
      const { holder, holdId, seat } = oldest;
      const reply = await this.#store.settle(event, [
        { kind: 'release', opId, by: { holder }, holdId, seats: undefined },
      ]);
      this.#done(reply, seat, 0, sentAt);
      return;
    }
    const seat = this.#next++ % arena.seated;
    const [holder, holdId] = [`ses_${this.#asked}`, newHoldId(event)];
    const reply = await this.#store.grow(event, [{ kind: 'hold', opId, holder, holdId, candidates: [[seat]] }]);
    this.#held.push({ seat, holder, holdId });
    this.#done(reply, seat, 1, sentAt);
  }

  #done(reply: Awaited<ReturnType<SeatStore['grow']>>, seat: number, status: number, sentAt: number): void {
    if (reply.stale || !reply.outcomes[0]?.ok) throw new Error(`a change was refused: ${JSON.stringify(reply)}`);
    this.sentAt[reply.seq - 1] = sentAt;
    if (this.#emit === 'none') return;
    this.#collected.push([seat, status, reply.seq]);
    if (this.#emit === 'naive') this.tell();
    else if (this.#collected.length === 1) systemClock.after(MERGE_MS, () => this.tell());
  }

  /** What has been collected. */
  tell(): void {
    if (this.#collected.length > 0) emitter?.to(event).emit('changes', this.#collected);
    this.#collected = [];
  }
}
