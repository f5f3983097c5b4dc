import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { silentLog } from '../../server/core/log.js';
import { createRedis } from '../../server/redis/client.js';
import { diffChannel } from '../../server/redis/keys.js';
import { decodeSeatDiff } from '../../server/seatmap/messages.js';
import { createSeatStore } from '../../server/seatmap/redis-store.js';
import { startRedis } from '../helpers/redis.js';
import { claim, hold } from './operations.js';
import { hall, live, rules, say } from './world.js';

t.test('a Redis Cluster: every key and the channel of an event in one slot', async (t) => {
  const node = await startRedis(['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']);
  t.teardown(() => node.stop());
  const plain = createRedis({ urls: [node.url], log: silentLog });
  await plain.ready();
  await plain.commands.call('cluster', ['addslotsrange', 0, 16_383]);
  await plain.close();
  await clusterIsUp(node.url);

  const redis = createRedis({ urls: [node.url, node.url], log: silentLog });
  await redis.ready();
  t.teardown(() => redis.close());
  const store = createSeatStore({ redis, log: silentLog });
  const subscriber = redis.subscriber();
  t.teardown(() => subscriber.disconnect());
  const seen: number[] = [];
  subscriber.on('smessageBuffer', (_: Buffer, message: Buffer) => seen.push(decodeSeatDiff(message).seq));

  for (const event of ['evt_a', 'evt_b', 'evt_c']) {
    await subscriber.ssubscribe(diffChannel(event));
    await store.rebuild(event, { ...hall, generation: 1, sold: [], blocked: [], claims: [], rules });
    t.same(say(live(await store.grow(event, [hold('ann', 'h1', [1, 2])]))), ['held h1 1 2']);
    t.same(say(live(await store.settle(event, [claim('ann', 'h1', 'bkg1')]))), ['paying h1 1 2']);
    t.match(await store.snapshot(event), { epoch: 1, seq: 2 });
    t.equal((await store.readJournal(event, 10)).rows.length, 4);
  }
  for (let i = 0; i < 100 && seen.length < 9; i++) await systemClock.sleep(10);
  t.same(seen, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
});

async function clusterIsUp(url: string): Promise<void> {
  const redis = createRedis({ urls: [url], log: silentLog });
  await redis.ready();
  for (let i = 0; i < 200; i++) {
    const info = String(await redis.commands.call('cluster', ['info']));
    if (info.includes('cluster_state:ok')) break;
    await systemClock.sleep(50);
  }
  await redis.close();
}
