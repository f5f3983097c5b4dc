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
 * One event, a thousand viewers: what a frame costs, what a change costs and when it is seen.
 *
 * Servers take turns under the same generators, each in processes of its own: ours; uWebSockets.js that publishes the
 * same bytes with nothing around it; Socket.IO with its Redis adapter, one emit a change; the same with changes
 * collected over as long as ours rests at most. Who cannot keep up is measured by what arrived, and changes that had
 * not arrived count with the age that they had at the end.
 *
 * framesToRaw: frames to a viewer per second of the serving process's CPU, ours to bare uWebSockets.js, at a pace where
 * every change is a frame of its own. By CPU, because with generators on the same two cores bare uWebSockets.js at full
 * tilt is as fast as they can read.
 * cpuToSocketIo, p99ToSocketIo: at 2,000 changes a second, CPU of the serving process per change seen by a viewer, and
 * the 99th percentile from asking for a change to seeing it, ours to Socket.IO with one emit a change (and `…Merged`:
 * with the window).
 *
 * Invariant: every viewer of ours ends with the map of Redis, seat by seat.
 */
const VIEWERS = 1_000;
const CHANGES_PER_SECOND = 2_000;
const FRAMES_PER_SECOND = 20;
const ROUNDS = 2;

export interface Turn {
  /** Frames that reached a viewer, per second and per second of the serving process's CPU. */
  readonly framesPerSecond: number;
  readonly framesPerCpuSecond: number;
  /** Of the serving process. */
  readonly cores: number;
  readonly bytesPerFrame: number;
  /** Microseconds of the serving process per change and viewer. */
  readonly cpuPerChangeUs: number;
  readonly p99Ms: number;
  readonly seenShare: number;
}
type Side = 'ours' | 'naive' | 'merged' | 'single' | 'raw';

export async function runFanout({ redisUrl, seconds = 5 }: { redisUrl: string; seconds?: number }) {
  const bench = await FanoutBench.start(redisUrl, seconds);
  try {
    const turns: Record<Side, Turn[]> = { ours: [], naive: [], merged: [], single: [], raw: [] };
    for (let round = 0; round < ROUNDS; round++) {
      turns.ours.push(await bench.ours(CHANGES_PER_SECOND));
      turns.naive.push(await bench.socketIo('naive'));
      turns.merged.push(await bench.socketIo('merged'));
      const single = await bench.ours(FRAMES_PER_SECOND);
      turns.single.push(single);
      turns.raw.push(await bench.raw(Math.round(single.bytesPerFrame)));
    }
    return compare(turns, bench.wrongMaps);
  } finally {
    await bench.end();
  }
}

function compare(turns: Readonly<Record<Side, readonly Turn[]>>, wrongMaps: number) {
  const mean = (side: Side, of: keyof Turn) =>
    turns[side].reduce((sum, turn) => sum + turn[of], 0) / turns[side].length;
  const ratio = (of: keyof Turn, to: Side) => mean('ours', of) / mean(to, of);
  return {
    framesToRaw: mean('single', 'framesPerCpuSecond') / mean('raw', 'framesPerCpuSecond'),
    cpuToSocketIo: ratio('cpuPerChangeUs', 'naive'),
    p99ToSocketIo: ratio('p99Ms', 'naive'),
    cpuToSocketIoMerged: ratio('cpuPerChangeUs', 'merged'),
    p99ToSocketIoMerged: ratio('p99Ms', 'merged'),
    framesPerCpuSecond: mean('single', 'framesPerCpuSecond'),
    rawFramesPerCpuSecond: mean('raw', 'framesPerCpuSecond'),
    framesPerSecond: mean('ours', 'framesPerSecond'),
    cpuPerChangeUs: mean('ours', 'cpuPerChangeUs'),
    p99Ms: mean('ours', 'p99Ms'),
    socketIoP99Ms: mean('naive', 'p99Ms'),
    socketIoMergedP99Ms: mean('merged', 'p99Ms'),
    socketIoSeenShare: mean('naive', 'seenShare'),
    wrongMaps,
  };
}

type Server = Child<WorkerCalls> | Child<SocketIoCalls> | Child<RawCalls>;

interface Serving {
  readonly server: Server;
  readonly kind: Kind;
  readonly port: number;
  readonly viewers: number;
}

export class FanoutBench {
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

  /** @param perSecond changes; 0: everybody only looks. */
  async ours(perSecond: number, viewers = VIEWERS): Promise<Turn> {
    await this.#writer.call('reset');
    const worker = startChild<WorkerCalls>(new URL('./fanout/worker.js', import.meta.url));
    const port = await worker.call('listen', this.#redisUrl);
    return await this.#turn(worker, { kind: 'cavea', port, viewers, emit: 'none', perSecond });
  }

  async socketIo(emit: Emit): Promise<Turn> {
    await this.#writer.call('reset');
    const server = startChild<SocketIoCalls>(new URL('./comparators/socket-io.js', import.meta.url));
    const port = await server.call('listen', this.#redisUrl);
    return await this.#turn(server, { kind: 'socketIo', port, viewers: VIEWERS, emit, perSecond: CHANGES_PER_SECOND });
  }

  async raw(bytes: number): Promise<Turn> {
    const server = startChild<RawCalls>(new URL('./comparators/raw-publish.js', import.meta.url));
    const port = await server.call('listen');
    return await this.#during({ server, kind: 'raw', port, viewers: VIEWERS }, async () => {
      await server.call('publish', { bytes, perSecond: FRAMES_PER_SECOND, seconds: this.#seconds });
      return new Float64Array();
    });
  }

  #turn(
    server: Child<WorkerCalls> | Child<SocketIoCalls>,
    { emit, perSecond, ...to }: Omit<Serving, 'server'> & { emit: Emit; perSecond: number },
  ): Promise<Turn> {
    return this.#during({ server, ...to }, async () => {
      if (perSecond > 0) return this.#writer.call('write', { perSecond, seconds: this.#seconds, emit });
      await systemClock.sleep(this.#seconds * 1_000);
      return new Float64Array();
    });
  }

  /** The viewers watch `act`, which returns when each change was asked for. Ends the server. */
  async #during({ server, kind, port, viewers: count }: Serving, act: () => Promise<Float64Array>): Promise<Turn> {
    const viewers = startChild<ViewerCalls>(new URL('./fanout/viewers.js', import.meta.url));
    try {
      await viewers.call('connect', { kind, port, count });
      while (kind !== 'raw' && !(await viewers.call('ready'))) await systemClock.sleep(50);
      const before = await viewers.call('counts');
      const cpuBefore = await cpuOf(server);
      const sentAt = await act();
      const cpuSeconds = (await cpuOf(server)) - cpuBefore;
      const after = await viewers.call('counts');
      const { p99Ms, seen } = latencies(sentAt, await viewers.call('arrivals'), systemClock.now());
      if (kind === 'cavea') await this.#compareMaps(viewers, sentAt.length);
      const received = after.received - before.received;
      return {
        framesPerSecond: received / this.#seconds,
        framesPerCpuSecond: received / cpuSeconds,
        cores: cpuSeconds / this.#seconds,
        bytesPerFrame: (after.bytes - before.bytes) / received,
        cpuPerChangeUs: (cpuSeconds * 1e6) / (seen * sentAt.length * count),
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

/** Every kind of server answers this call; TypeScript cannot call a union of generics. */
function cpuOf(server: Server): Promise<number> {
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
