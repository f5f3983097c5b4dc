import { Redis } from 'ioredis';
import { systemClock } from '../../server/core/clock.js';
import { freePort } from '../../server/services/ports.js';
import { startRedis, type TestRedis } from './redis.js';

/** A real Redis Cluster: three masters with a replica each, nobody outside told of it. */
export interface TestCluster {
  /** Seeds, with commas. */
  readonly url: string;
  /** The master that serves a key. */
  masterOf(key: string): Promise<TestRedis>;
  /** Moves the slot of a key, with all that is in it, to another master while everything goes on. */
  moveSlotOf(key: string): Promise<void>;
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const MASTERS = 3;
const NODE_TIMEOUT_MS = 1_000;

export async function startCluster(): Promise<TestCluster> {
  const nodes = await Promise.all(Array.from({ length: 2 * MASTERS }, startNode));
  const clients = nodes.map(({ url }) => new Redis(url, { retryStrategy: () => 200, maxRetriesPerRequest: 0 }));
  for (const client of clients) client.on('error', () => {});
  const at = (index: number) => clients[index] ?? fail(`no node ${index}`);
  const idOf = async (index: number) => String(await at(index).call('CLUSTER', 'MYID'));

  for (let index = 0; index < MASTERS; index++) {
    const [from, to] = [index, index + 1].map((part) => Math.ceil((SLOTS * part) / MASTERS));
    await at(index).call('CLUSTER', 'ADDSLOTSRANGE', from ?? 0, (to ?? 0) - 1);
  }
  for (const { port, busPort } of nodes.slice(1)) await at(0).call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  await until(async () => (await Promise.all(clients.map(knownNodes))).every((known) => known === nodes.length));
  for (let index = 0; index < MASTERS; index++) {
    await at(index + MASTERS).call('CLUSTER', 'REPLICATE', await idOf(index));
  }
  await until(async () => (await Promise.all(clients.map(isUp))).every(Boolean));

  /** The number of the node that serves the key, as a node that lives says. */
  async function servingNode(key: string): Promise<number> {
    const living = await alive();
    const slot = Number(await living.call('CLUSTER', 'KEYSLOT', key));
    const slots = (await living.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
    const port = slots.find(([first, last]) => slot >= first && slot <= last)?.[2][1];
    return nodes.findIndex((node) => node.port === port);
  }

  async function alive(): Promise<Redis> {
    for (const client of clients) if (client.status === 'ready' && (await isUp(client))) return client;
    return fail('no node lives');
  }

  return {
    url: nodes.map(({ url }) => url).join(','),
    async masterOf(key) {
      return nodes[await servingNode(key)] ?? fail(`nobody serves ${key}`);
    },
    async moveSlotOf(key) {
      const from = await servingNode(key);
      const to = (from + 1) % MASTERS;
      const [source, target] = [at(from), at(to)];
      const [sourceId, targetId] = [await idOf(from), await idOf(to)];
      const slot = Number(await source.call('CLUSTER', 'KEYSLOT', key));
      await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId);
      await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId);
      for (;;) {
        const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 3)) as string[];
        if (keys.length === 0) break;
        await source.call('MIGRATE', '127.0.0.1', nodes[to]?.port ?? 0, '', 0, 5_000, 'KEYS', ...keys);
        await systemClock.sleep(30);
      }
      for (const client of [target, source]) await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', targetId);
    },
    async stop() {
      for (const client of clients) client.disconnect();
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function startNode(): Promise<TestRedis & { readonly busPort: number }> {
  const busPort = await freePort();
  const node = await startRedis([
    ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
    ...['--cluster-node-timeout', String(NODE_TIMEOUT_MS), '--cluster-port', String(busPort)],
    // A shard without a master is no reason for the others to stop.
    ...['--cluster-require-full-coverage', 'no', '--repl-diskless-sync-delay', '0'],
  ]);
  return { ...node, busPort };
}

async function knownNodes(client: Redis): Promise<number> {
  return String(await client.call('CLUSTER', 'NODES'))
    .trim()
    .split('\n').length;
}

async function isUp(client: Redis): Promise<boolean> {
  return String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok');
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await condition()) return;
    await systemClock.sleep(50);
  }
  throw new Error('the cluster does not come up');
}

function fail(why: string): never {
  throw new Error(why);
}
