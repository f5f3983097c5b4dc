import t from 'tap';
import { runBestAvailable } from '../../bench/best-available.js';
import { startBenchRedis } from '../../bench/lib/redis.js';
import { runMemory } from '../../bench/memory.js';
import { runRebuild } from '../../bench/rebuild.js';
import { runSnapshotJoin } from '../../bench/snapshot-join.js';
import { runViewers } from '../../bench/viewers.js';

/** The benches with real sockets, at a size at which they say nothing about speed: what they count is right. */
t.test('viewers: every viewer sees every change', async (t) => {
  const redis = await startBenchRedis();
  t.teardown(() => redis.stop());
  const figures = await runViewers({ redis, seconds: 0.2, viewers: 40 });
  t.match(figures, { delivered: 40 * 40, undelivered: 0, wrongMaps: 0, lostSockets: 0 });
});

t.test('memory: what is live in the heap is a fraction of what a viewer may cost', async (t) => {
  const redis = await startBenchRedis();
  t.teardown(() => redis.stop());
  const figures = await runMemory({ redis, seconds: 7, viewers: 1_000 });
  t.match(figures, { lostSockets: 0, silentCrowds: 0 });
  t.ok(Number(figures.heapBytesPerViewer) > 0);
  t.ok(Number(figures.heapBytesPerViewer) < 3_000, `${figures.heapBytesPerViewer} bytes of heap`);
});

t.test('snapshot-join: sizes do not depend on the machine, and every map has the right digest', async (t) => {
  const redis = await startBenchRedis();
  t.teardown(() => redis.stop());
  const figures = await runSnapshotJoin({ redis, seconds: 0.3, sockets: 50 });
  t.match(figures, { wrongDigests: 0, refused: 0, lost: 0 });
  t.ok(Number(figures.snapshotBytes) >= 25_000 && Number(figures.snapshotBytes) <= 26_000);
  t.ok(Number(figures.withGeometryBytes) <= 61_440);
  t.ok(Number(figures.snapshotsPerSecond) > 0 && Number(figures.fullJoinsPerSecond) > 0);
});

t.test('best-available: nobody apart, nobody refused who could sit', async (t) => {
  const redis = await startBenchRedis();
  t.teardown(() => redis.stop());
  const figures = await runBestAvailable({ redis, parties: 20 });
  t.match(figures, { servedShare: 1, heldTwice: 0, apart: 0 });
});

t.test('rebuild: what was sold is sold again, and nothing else', async (t) => {
  const redis = await startBenchRedis();
  t.teardown(() => redis.stop());
  t.match(await runRebuild({ redis, seats: 1_000 }), { wrongMaps: 0, soldTwice: 0 });
});
