import { Redis } from 'ioredis';
import { systemClock } from '../../../server/core/clock.js';
import { freePort } from '../../../server/services/ports.js';
import { startRedis } from '../../helpers/redis.js';

/** A real Redis Cluster of three masters. */
export interface TestCluster {
  readonly urls: readonly string[];
  /** One plain connection to each master, in the order of `urls`. */
  readonly masters: readonly Redis[];
  /** The master that has this slot at the start. */
  masterOf(slot: number): number;
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const MASTERS = 3;

export async function startCluster(): Promise<TestCluster> {
  const busPorts = await Promise.all(Array.from({ length: MASTERS }, freePort));
  const servers = await Promise.all(
    busPorts.map((port) => startRedis(['--cluster-enabled', 'yes', '--cluster-port', String(port)])),
  );
  const masters = servers.map(({ url }) => new Redis(url));
  const firstSlot = (index: number) => Math.ceil((index * SLOTS) / MASTERS);
  await Promise.all(
    masters.map((master, index) => master.cluster('ADDSLOTSRANGE', firstSlot(index), firstSlot(index + 1) - 1)),
  );
  for (const [index, { port }] of servers.entries()) {
    await masters[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port, busPorts[index] ?? 0);
  }
  for (const master of masters) {
    while (!String(await master.cluster('INFO')).includes('cluster_state:ok')) await systemClock.sleep(50);
    while (!String(await master.cluster('INFO')).includes(`cluster_known_nodes:${MASTERS}`))
      await systemClock.sleep(50);
  }
  return {
    urls: servers.map(({ url }) => url),
    masters,
    masterOf: (slot) => masters.findIndex((_, index) => slot < firstSlot(index + 1)),
    async stop() {
      for (const master of masters) master.disconnect();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** Moves a slot without keys, as a resharding does. */
export async function moveSlot(cluster: TestCluster, slot: number, to: number): Promise<void> {
  const target = cluster.masters[to];
  const id = String(await target?.cluster('MYID'));
  // The new owner first: then nobody is told a state without an owner.
  await target?.cluster('SETSLOT', slot, 'NODE', id);
  for (const master of cluster.masters) {
    if (master !== target) await master.cluster('SETSLOT', slot, 'NODE', id);
  }
}
