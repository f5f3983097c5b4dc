import { compileChart } from '../server/catalog/compile-chart.js';
import { generateChart } from '../server/catalog/generate-chart.js';
import { zip } from '../server/gateway/http/zipped.js';
import { startChild } from './lib/child.js';
import type { BenchRedis } from './lib/redis.js';
import type { Figures } from './lib/report.js';
import type { JoinerCalls, Taken } from './snapshot-join/joiners.js';
import { startWorker } from './socket/start.js';

/**
 * The map of 100,000 seats, every third of them sold, for whoever comes: how large it is and how many can have it.
 *
 * snapshotBytes: of the frame. withGeometryBytes: with the chart's pack, zipped as it is sent, of a generated stadium.
 * snapshotsPerSecond: from one worker to 4,000 open sockets, each of which subscribes as often as a client may.
 * fullJoinsPerSecond: connections that were opened, upgraded, welcomed, and had the map; each leaves then.
 * …Us: CPU of the worker per snapshot, per join.
 * Invariants: the digest of every snapshot is right, everybody gets one, no socket is lost.
 */
const SEATS = 100_000;
const TOKENS = 4_000;
const ROUNDS = 3;
const WARM_UP_SECONDS = 1;

/** @param seconds of each kind, in each round. */
export async function runSnapshotJoin({
  redis,
  seconds = 4,
  sockets = 4_000,
}: {
  redis: BenchRedis;
  seconds: number | undefined;
  sockets?: number;
}): Promise<Figures> {
  const sold = Array.from({ length: Math.ceil(SEATS / 3) }, (_, i) => 3 * i);
  const house = { seats: SEATS, sold, holdTtlMs: 600_000 };
  const { worker, port } = await startWorker({ side: 'cavea', url: redis.url, ...house, unboundedRate: false });
  const joiners = startChild<JoinerCalls>(new URL('./snapshot-join/joiners.js', import.meta.url));
  const used = { snapshots: 0, joins: 0 };
  const snapshots: Taken[] = [];
  const joins: Taken[] = [];
  const measured = async (kind: keyof typeof used, take: () => Promise<Taken>, into: Taken[]) => {
    const before = await worker.call('cpuSeconds');
    into.push(await take());
    used[kind] += (await worker.call('cpuSeconds')) - before;
  };
  try {
    await joiners.call('connect', { port, tokens: await worker.call('tokens', TOKENS), seats: SEATS, sockets });
    await joiners.call('takeSnapshots', WARM_UP_SECONDS);
    await joiners.call('join', { port, seconds: WARM_UP_SECONDS });
    for (let round = 0; round < ROUNDS; round++) {
      await measured('snapshots', () => joiners.call('takeSnapshots', seconds), snapshots);
      await measured('joins', () => joiners.call('join', { port, seconds }), joins);
    }
    const { snapshotBytes, ...broken } = await joiners.call('standing');
    const { pack } = compileChart(generateChart('stadium', 'Stadium'));
    const packBytes = zip(pack)?.length ?? pack.length;
    return {
      snapshotBytes,
      withGeometryBytes: snapshotBytes + packBytes,
      snapshotsPerSecond: sum(snapshots, 'count') / sum(snapshots, 'seconds'),
      fullJoinsPerSecond: sum(joins, 'count') / sum(joins, 'seconds'),
      snapshotUs: (used.snapshots * 1e6) / sum(snapshots, 'count'),
      joinUs: (used.joins * 1e6) / sum(joins, 'count'),
      generatorUsPerSnapshot: (sum(snapshots, 'cpuSeconds') * 1e6) / sum(snapshots, 'count'),
      generatorUsPerJoin: (sum(joins, 'cpuSeconds') * 1e6) / sum(joins, 'count'),
      ...broken,
    };
  } finally {
    await Promise.all([worker.end(), joiners.end()]);
  }
}

function sum(turns: readonly Taken[], of: keyof Taken): number {
  return turns.reduce((total, turn) => total + turn[of], 0);
}
