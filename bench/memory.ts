import { systemClock } from '../server/core/clock.js';
import { type Child, startChild } from './lib/child.js';
import type { BenchRedis } from './lib/redis.js';
import type { Figures } from './lib/report.js';
import { type StartedWorker, startWorker } from './socket/start.js';
import type { CrowdCalls } from './viewers/crowd.js';

/**
 * What a viewer costs a worker: thirty thousand of them, fifteen thousand on each of two workers (a process here may open
 * twenty thousand files), each on a socket and with a session of its own, watch an event through a minute of heartbeats.
 *
 * bytesPerViewer: what the kernel counts for the workers (VmRSS) then, less what it counted before the viewers came,
 * per viewer. Before: after some others had come and gone, and the garbage had been collected. Then: as it is.
 * collectedBytesPerViewer, heapBytesPerViewer: once the garbage has been collected: of everything, and of the heap of
 * JavaScript alone.
 * Invariants: no socket is lost, every viewer has had its heartbeats.
 */
const WORKERS = 2;
const HEARTBEAT_SECONDS = 2;
/** That a busy machine may owe a viewer. */
const LATE_HEARTBEATS = 2;
/** Per worker. Once they have gone everything that is made once has been made. */
const WARM_UP_VIEWERS = 2_000;
/** One collection leaves memory that the next one gives back. */
const COLLECTIONS = 3;
const SETTLE_MS = 1_000;

interface Memory {
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** @param seconds of heartbeats. */
export async function runMemory({
  redis,
  seconds = 60,
  viewers = 30_000,
}: {
  redis: BenchRedis;
  seconds: number | undefined;
  viewers?: number;
}): Promise<Figures> {
  const options = { side: 'cavea', url: redis.url, holdTtlMs: 600_000, unboundedRate: false } as const;
  const workers: StartedWorker[] = [];
  const crowds: Child<CrowdCalls>[] = [];
  try {
    for (let i = 0; i < WORKERS; i++) workers.push(await startWorker(options, ['--expose-gc']));
    await Promise.all(workers.map((worker) => warmUp(worker, Math.min(WARM_UP_VIEWERS, viewers / WORKERS))));
    const before = await collected(workers);
    crowds.push(...(await Promise.all(workers.map((worker) => crowdOf(worker, viewers / WORKERS)))));
    await systemClock.sleep(seconds * 1_000);
    const then = await memory(workers);
    const standing = await Promise.all(crowds.map((crowd) => crowd.call('standing')));
    const after = await collected(workers);
    const due = seconds / HEARTBEAT_SECONDS - LATE_HEARTBEATS;
    return {
      bytesPerViewer: (then.residentBytes - before.residentBytes) / viewers,
      collectedBytesPerViewer: (after.residentBytes - before.residentBytes) / viewers,
      heapBytesPerViewer: (after.heapBytes - before.heapBytes) / viewers,
      megabytesBefore: before.residentBytes / WORKERS / 2 ** 20,
      viewers,
      lostSockets: standing.reduce((sum, { closed }) => sum + closed, 0),
      silentCrowds: standing.filter(({ heartbeats }) => heartbeats < due).length,
    };
  } finally {
    await Promise.all([...workers.map(({ worker }) => worker), ...crowds].map((child) => child.end()));
  }
}

async function crowdOf({ worker, port }: StartedWorker, viewers: number): Promise<Child<CrowdCalls>> {
  const crowd = startChild<CrowdCalls>(new URL('./viewers/crowd.js', import.meta.url));
  await crowd.call('connect', { port, tokens: await worker.call('tokens', viewers) });
  return crowd;
}

async function warmUp(worker: StartedWorker, viewers: number): Promise<void> {
  await (await crowdOf(worker, viewers)).end();
}

async function collected(workers: readonly StartedWorker[]): Promise<Memory> {
  for (let i = 0; i < COLLECTIONS; i++) {
    await systemClock.sleep(SETTLE_MS);
    for (const { worker } of workers) await worker.call('collectGarbage');
  }
  return memory(workers);
}

/** Of all workers together. */
async function memory(workers: readonly StartedWorker[]): Promise<Memory> {
  const each = await Promise.all(workers.map(({ worker }) => worker.call('memory')));
  return {
    residentBytes: each.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    heapBytes: each.reduce((sum, { heapBytes }) => sum + heapBytes, 0),
  };
}
