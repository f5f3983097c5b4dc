import { systemClock } from '../server/core/clock.js';
import { eventKeys } from '../server/redis/keys.js';
import { type Child, startChild } from './lib/child.js';
import { createLatencies } from './lib/latency.js';
import type { BenchRedis } from './lib/redis.js';
import type { Figures } from './lib/report.js';
import { event } from './socket/event.js';
import { type StartedWorker, startWorker } from './socket/start.js';
import type { CrowdCalls, Seen } from './viewers/crowd.js';
import type { Held, WriterCalls } from './viewers/writers.js';

/**
 * Ten thousand viewers of one event on two workers, each on a socket and with a session of its own, while ten buyers,
 * five on each worker, hold a seat each in the same moment, four times. Whoever views is in one of two processes, whoever
 * buys in a third.
 *
 * delivered: changes that arrived at a viewer, counted by what its frames say.
 * p50Ms, p99Ms, maxMs: from a hold's effect, whose time of Redis its answer carries, to the first frame at a viewer that
 * shows the seat as held. One machine, one clock, in whole milliseconds.
 * holdP99Ms: from the asking for a hold to its effect.
 * framesPerBurst: frames about the map that a viewer got, per burst.
 * Invariants: no change is missed, every viewer's map ends as that of Redis, no socket is lost.
 */
const WORKERS = 2;
const WRITERS_PER_WORKER = 5;
const BURSTS = 4;
const GRACE_MS = 10_000;

/** @param seconds between two bursts. */
export async function runViewers({
  redis,
  seconds = 1.3,
  viewers = 10_000,
}: {
  redis: BenchRedis;
  seconds: number | undefined;
  viewers?: number;
}): Promise<Figures> {
  const options = { side: 'cavea', url: redis.url, holdTtlMs: 600_000, unboundedRate: false } as const;
  const workers: StartedWorker[] = [];
  const crowds: Child<CrowdCalls>[] = [];
  const writers: Child<WriterCalls>[] = [];
  try {
    for (let i = 0; i < WORKERS; i++) {
      const started = await startWorker(options);
      workers.push(started);
      crowds.push(startChild<CrowdCalls>(new URL('./viewers/crowd.js', import.meta.url)));
    }
    const writer = startChild<WriterCalls>(new URL('./viewers/writers.js', import.meta.url));
    writers.push(writer);
    for (const [i, { worker, port }] of workers.entries()) {
      await crowds[i]?.call('connect', { port, tokens: await worker.call('tokens', viewers / WORKERS) });
      await writer.call('connect', { port, tokens: await worker.call('tokens', WRITERS_PER_WORKER) });
    }
    const cpuBefore = await cpuSeconds(workers);
    const held = await holdInBursts(writer, seconds);
    const seen = await seenByAll(crowds, held, viewers * held.length);
    const workerCpuSeconds = (await cpuSeconds(workers)) - cpuBefore;
    const lost = (await Promise.all(crowds.map((crowd) => crowd.call('standing')))).map(({ closed }) => closed);
    return {
      ...judge(seen, held, viewers),
      workerCpuSeconds,
      wrongMaps: await wrongMaps(redis, seen),
      lostSockets: lost.reduce((sum, count) => sum + count, 0),
    };
  } finally {
    await Promise.all([...workers.map(({ worker }) => worker), ...crowds, ...writers].map((child) => child.end()));
  }
}

async function cpuSeconds(workers: readonly StartedWorker[]): Promise<number> {
  const used = await Promise.all(workers.map(({ worker }) => worker.call('cpuSeconds')));
  return used.reduce((sum, seconds) => sum + seconds, 0);
}

async function holdInBursts(writer: Child<WriterCalls>, seconds: number): Promise<Held[]> {
  const held: Held[] = [];
  for (let burst = 0; burst < BURSTS; burst++) {
    await systemClock.sleep(seconds * 1_000);
    held.push(...(await writer.call('burst', held.length)));
  }
  return held;
}

/** What all crowds have seen, as soon as it is everything, or after a while. */
async function seenByAll(crowds: readonly Child<CrowdCalls>[], held: readonly Held[], all: number): Promise<Seen[]> {
  const until = systemClock.monotonic() + GRACE_MS;
  for (;;) {
    await systemClock.sleep(500);
    const seen = await Promise.all(crowds.map((crowd) => crowd.call('seen', held)));
    if (delivered(seen) >= all || systemClock.monotonic() > until) return seen;
  }
}

function delivered(seen: readonly Seen[]): number {
  return seen.reduce((sum, { delaysMs }) => sum + delaysMs.length, 0);
}

function judge(seen: readonly Seen[], held: readonly Held[], viewers: number): Figures {
  const delays = createLatencies();
  for (const { delaysMs } of seen) for (const ms of delaysMs) delays.add(ms);
  const answers = createLatencies();
  for (const { askedAt, at } of held) answers.add(at - askedAt);
  const framesEach = seen.reduce((sum, each) => sum + each.framesEach, 0) / seen.length;
  return {
    delivered: delivered(seen),
    p50Ms: delays.percentile(0.5),
    p99Ms: delays.percentile(0.99),
    maxMs: delays.percentile(1),
    holdP99Ms: answers.percentile(0.99),
    // The first frame was the map itself.
    framesPerBurst: (framesEach - 1) / BURSTS,
    undelivered: viewers * held.length - delivered(seen),
  };
}

async function wrongMaps({ client }: BenchRedis, seen: readonly Seen[]): Promise<number> {
  const { meta, status } = eventKeys(event);
  const truth = (await client.getBuffer(status)) ?? Buffer.alloc(0);
  const seq = Number(await client.hget(meta, 'seq'));
  // Redis keeps no bytes behind the last seat that ever changed.
  const isTruth = (packed: Uint8Array) => packed.every((byte, at) => byte === (truth[at] ?? 0));
  const wrong = seen.flatMap(({ maps }) => maps).filter((map) => map.seq !== seq || !isTruth(map.packed));
  return wrong.reduce((sum, map) => sum + map.viewers, 0);
}
