import type { LapseCalls, Lapses } from './expiry/lapses.js';
import { startChild } from './lib/child.js';
import { startBenchPostgres } from './lib/postgres.js';
import { type BenchRedis, dropJournals } from './lib/redis.js';
import type { Figures } from './lib/report.js';
import { lagOfSweep } from './socket/beside.js';
import { startWorker } from './socket/start.js';

/**
 * Ten thousand holds, made at an even pace within a second, lapse within a second, before ten viewers. Beside it: for
 * how long a seat stays unavailable whose hold ends by a cron job's sweep, to somebody who asks again and again.
 *
 * p99Ms: from a hold's `expiresAt`, which is Redis' time, to the frame that shows its seat free at a viewer.
 * spanMs: the time in which the holds really ended.
 * Invariants: no seat is shown free early, every one is shown free to every viewer, no hold is refused.
 */
const HOLDS = 10_000;
const BUYERS = 1_000;
const VIEWERS = 10;
const ROUNDS = 3;

/** @param seconds of a hold. */
export async function runExpiry({
  redis,
  seconds = 3,
}: {
  redis: BenchRedis;
  seconds: number | undefined;
}): Promise<Figures> {
  const { worker, port } = await startWorker({
    side: 'cavea',
    url: redis.url,
    holdTtlMs: seconds * 1_000,
    unboundedRate: true,
  });
  const lapses = startChild<LapseCalls>(new URL('./expiry/lapses.js', import.meta.url));
  const rounds: Lapses[] = [];
  try {
    await lapses.call('connect', { port, tokens: await worker.call('tokens', BUYERS), viewers: VIEWERS });
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push(await lapses.call('run', HOLDS));
      await dropJournals(redis);
    }
  } finally {
    await Promise.all([worker.end(), lapses.end()]);
  }
  const worst = (of: keyof Lapses) => Math.max(...rounds.map((round) => round[of]));
  return {
    p50Ms: worst('p50Ms'),
    p99Ms: worst('p99Ms'),
    maxMs: worst('maxMs'),
    spanMs: worst('spanMs'),
    early: worst('early'),
    unseen: worst('unseen'),
    refused: worst('refused'),
    ...(await sweep()),
  };
}

async function sweep(): Promise<Figures> {
  const postgres = await startBenchPostgres();
  try {
    return await lagOfSweep(postgres.url);
  } finally {
    await postgres.stop();
  }
}
