import { Redis } from 'ioredis';
import { systemClock } from '../server/core/clock.js';
import { eventKeys } from '../server/redis/keys.js';
import type { RawCalls } from './comparators/raw-publish.js';
import type { SocketIoCalls } from './comparators/socket-io.js';
import { arena, event } from './fanout/event.js';
import type { Kind, ViewerCalls } from './fanout/viewers.js';
import type { WorkerCalls } from './fanout/worker.js';
import type { Emit, WriterCalls } from './fanout/writer.js';
import { type Child, startChild } from './lib/child.js';

/**
 * One event, a thousand viewers, 2,000 changes a second: what a change costs and when it is seen.
 *
 * Four servers take turns under the same generators, each in processes of its own: ours; uWebSockets.js that
 * publishes the same bytes with nothing around it; Socket.IO with its Redis adapter, one emit a change; the same
 * with changes collected over 10 ms. Who cannot keep up is measured by what arrived, and changes that had not
 * arrived count with the age that they had at the end.
 *
 * framesToRaw: frames that reached viewers in a second, ours to bare uWebSockets.js.
 * cpuToSocketIo, p99ToSocketIo: CPU of the serving process per change seen by a viewer, and the 99th percentile from
 * asking for a change to seeing it, ours to Socket.IO with one emit a change (and `…Merged`: with the window).
 *
 * Invariant: every viewer of ours ends with the map of Redis, seat by seat.
 */
const VIEWERS = 1_000;
const CHANGES_PER_SECOND = 2_000;
const ROUNDS = 2;

interface Turn {
  /** Frames that reached a viewer, per second. */
  readonly framesPerSecond: number;
  readonly bytesPerFrame: number;
  /** Microseconds of the serving process per change and viewer. */
  readonly cpuPerChangeUs: number;
  readonly p99Ms: number;
  readonly seenShare: number;
}

export async function runFanout({ redisUrl, seconds = 5 }: { redisUrl: string; seconds?: number }) {
  const bench = await FanoutBench.start(redisUrl, seconds);
  try {
    const turns = { ours: [], naive: [], merged: [] } as Record<'ours' | 'naive' | 'merged', Turn[]>;
    const raw: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const ours = await bench.ours();
      turns.ours.push(ours);
      raw.push(await bench.raw(Math.round(ours.bytesPerFrame)));
      turns.naive.push(await bench.socketIo('naive'));
      turns.merged.push(await bench.socketIo('merged'));
    }
    const mean = (list: readonly Turn[], of: keyof Turn) => list.reduce((sum, turn) => sum + turn[of], 0) / list.length;
    const ratio = (of: keyof Turn, to: 'naive' | 'merged') => mean(turns.ours, of) / mean(turns[to], of);
    const rawFrames = raw.reduce((sum, one) => sum + one, 0) / raw.length;
    return {
      framesToRaw: mean(turns.ours, 'framesPerSecond') / rawFrames,
      cpuToSocketIo: ratio('cpuPerChangeUs', 'naive'),
      p99ToSocketIo: ratio('p99Ms', 'naive'),
      cpuToSocketIoMerged: ratio('cpuPerChangeUs', 'merged'),
      p99ToSocketIoMerged: ratio('p99Ms', 'merged'),
      framesPerSecond: mean(turns.ours, 'framesPerSecond'),
      rawFramesPerSecond: rawFrames,
      cpuPerChangeUs: mean(turns.ours, 'cpuPerChangeUs'),
      p99Ms: mean(turns.ours, 'p99Ms'),
      socketIoP99Ms: mean(turns.naive, 'p99Ms'),
      socketIoMergedP99Ms: mean(turns.merged, 'p99Ms'),
      socketIoSeenShare: mean(turns.naive, 'seenShare'),
      wrongMaps: bench.wrongMaps,
    };
  } finally {
    await bench.end();
  }
}

class FanoutBench {
  readonly #redisUrl: string;
  readonly #seconds: number;
  readonly #writer: Child<WriterCalls>;
  readonly #redis: Redis;
  /** Viewers of ours whose map was not that of Redis. */
  wrongMaps = 0;

  private constructor(redisUrl: string, seconds: number) {
    this.#redisUrl = redisUrl;
    this.#seconds = seconds;
    this.#writer = startChild<WriterCalls>(new URL('./fanout/writer.js', import.meta.url));
    this.#redis = new Redis(redisUrl);
  }

  static async start(redisUrl: string, seconds: number): Promise<FanoutBench> {
    const bench = new FanoutBench(redisUrl, seconds);
    await bench.#writer.call('connect', redisUrl);
    return bench;
  }

  async end(): Promise<void> {
    this.#redis.disconnect();
    await this.#writer.end();
  }

  async ours(): Promise<Turn> {
    await this.#writer.call('reset');
    const worker = startChild<WorkerCalls>(new URL('./fanout/worker.js', import.meta.url));
    const port = await worker.call('listen', this.#redisUrl);
    return await this.#turn(worker, { kind: 'cavea', port, emit: 'none' });
  }

  async socketIo(emit: Emit): Promise<Turn> {
    await this.#writer.call('reset');
    const server = startChild<SocketIoCalls>(new URL('./comparators/socket-io.js', import.meta.url));
    const port = await server.call('listen', this.#redisUrl);
    return await this.#turn(server, { kind: 'socketIo', port, emit });
  }

  /** @returns frames that reached a viewer, per second. */
  async raw(bytesPerFrame: number): Promise<number> {
    const server = startChild<RawCalls>(new URL('./comparators/raw-publish.js', import.meta.url));
    const viewers = startChild<ViewerCalls>(new URL('./fanout/viewers.js', import.meta.url));
    try {
      const port = await server.call('listen');
      await viewers.call('connect', { kind: 'raw', port, count: VIEWERS });
      await server.call('publish', bytesPerFrame, this.#seconds);
      const { received } = await viewers.call('counts');
      return received / this.#seconds;
    } finally {
      await Promise.all([server.end(), viewers.end()]);
    }
  }

  async #turn(
    server: Child<WorkerCalls> | Child<SocketIoCalls>,
    how: { kind: Kind; port: number; emit: Emit },
  ): Promise<Turn> {
    const viewers = startChild<ViewerCalls>(new URL('./fanout/viewers.js', import.meta.url));
    try {
      await viewers.call('connect', { kind: how.kind, port: how.port, count: VIEWERS });
      while (!(await viewers.call('ready'))) await systemClock.sleep(50);
      const before = await viewers.call('counts');
      const cpuBefore = await cpuOf(server);
      const sentAt = await this.#writer.call('write', {
        perSecond: CHANGES_PER_SECOND,
        seconds: this.#seconds,
        emit: how.emit,
      });
      const after = await viewers.call('counts');
      const cpuSeconds = (await cpuOf(server)) - cpuBefore;
      const endedAt = systemClock.now();
      const { p99Ms, seen } = latencies(sentAt, await viewers.call('arrivals'), endedAt);
      if (how.kind === 'cavea') await this.#compareMaps(viewers, sentAt.length);
      const received = after.received - before.received;
      return {
        framesPerSecond: received / this.#seconds,
        bytesPerFrame: (after.bytes - before.bytes) / received,
        cpuPerChangeUs: (cpuSeconds * 1e6) / (seen * sentAt.length * VIEWERS),
        p99Ms,
        seenShare: seen,
      };
    } finally {
      await Promise.all([server.end(), viewers.end()]);
    }
  }

  async #compareMaps(viewers: Child<ViewerCalls>, lastSeq: number): Promise<void> {
    await systemClock.sleep(500);
    const { meta, status } = eventKeys(event);
    const truth = await this.#redis.getBuffer(status);
    const seq = Number(await this.#redis.hget(meta, 'seq'));
    for (const map of await viewers.call('finalMaps')) {
      if (map.seq !== lastSeq || seq !== lastSeq || !sameSeats(map.packed, truth)) this.wrongMaps += map.viewers;
    }
  }
}

/** The two kinds of server answer the same call; TypeScript cannot call a union of generics. */
function cpuOf(server: Child<WorkerCalls> | Child<SocketIoCalls>): Promise<number> {
  return (server as Child<Pick<WorkerCalls, 'cpuSeconds'>>).call('cpuSeconds');
}

function sameSeats(packed: Uint8Array, truth: Uint8Array | null): boolean {
  const state = (bytes: Uint8Array, seat: number) => ((bytes[seat >> 2] ?? 0) >> ((seat % 4) * 2)) & 3;
  for (let seat = 0; seat < arena.seated; seat++) {
    if (state(packed, seat) !== state(truth ?? new Uint8Array(), seat)) return false;
  }
  return true;
}

/** From the asking for each change to its arrival at each timed viewer. */
function latencies(
  sentAt: Float64Array,
  arrivals: readonly (readonly { fromSeq: number; toSeq: number; at: number }[])[],
  endedAt: number,
): { p99Ms: number; seen: number } {
  const all: number[] = [];
  let seen = 0;
  for (const viewer of arrivals) {
    let next = 1;
    for (const { toSeq, at } of viewer) {
      for (; next <= toSeq; next++) all.push(at - (sentAt[next - 1] ?? at));
    }
    seen += next - 1;
    for (; next <= sentAt.length; next++) all.push(endedAt - (sentAt[next - 1] ?? endedAt));
  }
  all.sort((a, b) => a - b);
  return { p99Ms: all[Math.floor(all.length * 0.99)] ?? 0, seen: seen / (arrivals.length * sentAt.length) };
}
