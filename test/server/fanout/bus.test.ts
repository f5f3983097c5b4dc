import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { type Bus, createBus } from '../../../server/redis/bus.js';
import { createRedis } from '../../../server/redis/client.js';
import { diffChannel } from '../../../server/redis/keys.js';
import { startRedis } from '../../helpers/redis.js';
import { moveSlot, startCluster } from './cluster.js';

/** Messages, and above all: whatever may lose one is told. On real Redis, single and Cluster. */

const channel = diffChannel('evt_a');

/** Subscribes until it works, as a watch does. */
async function subscribed(bus: Bus, name = channel) {
  const messages: string[] = [];
  const state = { messages, resets: 0 };
  await eventually(async () => {
    await bus.subscribe(
      name,
      (bytes) => messages.push(Buffer.from(bytes).toString()),
      () => state.resets++,
    );
    return true;
  });
  return state;
}

async function eventually(condition: () => Promise<boolean> | boolean, withinMs = 5_000): Promise<void> {
  const until = systemClock.monotonic() + withinMs;
  for (;;) {
    if (
      await Promise.resolve()
        .then(condition)
        .catch(() => false)
    )
      return;
    if (systemClock.monotonic() > until) throw new Error(`not within ${withinMs} ms: ${condition}`);
    await systemClock.sleep(20);
  }
}

t.test('single Redis', async (t) => {
  const server = await startRedis();
  const raw = new Redis(server.url);
  const redis = createRedis({ urls: [server.url], log: silentLog, commandTimeoutMs: 300 });
  const bus = createBus({ redis, log: silentLog });
  t.teardown(async () => {
    await bus.close();
    await redis.close();
    raw.disconnect();
    await server.stop();
  });

  t.test('brings messages of the channel until it is unsubscribed', async (t) => {
    const messages: string[] = [];
    const end = await bus.subscribe(
      channel,
      (bytes) => messages.push(Buffer.from(bytes).toString()),
      () => t.fail(),
    );
    await raw.spublish(channel, 'one');
    await raw.spublish(diffChannel('evt_b'), 'not mine');
    await eventually(() => messages.length === 1);
    end();
    await eventually(async () => (await raw.spublish(channel, 'two')) === 0);
    t.same(messages, ['one']);
  });

  t.test('a killed connection ends every subscription, once, and both can be had again', async (t) => {
    const [a, b] = [await subscribed(bus), await subscribed(bus, diffChannel('evt_b'))];
    await raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await eventually(() => a.resets === 1 && b.resets === 1);
    const again = await subscribed(bus);
    t.equal(await raw.spublish(channel, 'three'), 1);
    await eventually(() => again.messages.length === 1);
    t.same(a.messages, [], 'nothing follows a reset');
    t.same([a.resets, b.resets], [1, 1]);
    t.equal(await raw.spublish(diffChannel('evt_b'), 'four'), 0, 'the bus does not subscribe again by itself');
    await raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await eventually(() => again.resets === 1);
  });

  t.test('a Redis that is killed and comes back', async (t) => {
    const before = await subscribed(bus);
    await server.kill();
    await eventually(() => before.resets === 1);
    await t.rejects(
      bus.subscribe(
        channel,
        () => t.fail(),
        () => t.fail(),
      ),
      { code: 'unavailable' },
    );
    await server.start();
    const after = await subscribed(bus);
    await eventually(async () => (await raw.spublish(channel, 'five')) === 1);
    await eventually(() => after.messages.length === 1);
  });
});

t.test('a link that swallows everything is given up', async (t) => {
  const server = await startRedis();
  const link = await startLink(server.port);
  const redis = createRedis({ urls: [link.url], log: silentLog, commandTimeoutMs: 200 });
  const bus = createBus({ redis, log: silentLog });
  t.teardown(async () => {
    await bus.close();
    await redis.close();
    await link.stop();
    await server.stop();
  });
  const before = await subscribed(bus);
  link.swallow(true);
  await t.rejects(
    bus.subscribe(
      diffChannel('evt_b'),
      () => t.fail(),
      () => t.fail(),
    ),
    { code: 'unavailable' },
  );
  await eventually(() => before.resets === 1);
  link.swallow(false);
  await subscribed(bus);
});

t.test('Redis Cluster', async (t) => {
  const cluster = await startCluster();
  const redis = createRedis({ urls: cluster.urls, log: silentLog, commandTimeoutMs: 500 });
  const bus = createBus({ redis, log: silentLog });
  t.teardown(async () => {
    await bus.close();
    await redis.close();
    await cluster.stop();
  });
  const first = cluster.masters[0];
  const slot = Number(await first?.cluster('KEYSLOT', channel));
  const home = cluster.masterOf(slot);
  const away = (home + 1) % cluster.masters.length;

  t.test('brings messages from the shard of the channel', async (t) => {
    const at = await subscribed(bus);
    t.equal(await cluster.masters[home]?.spublish(channel, 'one'), 1);
    await eventually(() => at.messages.length === 1);
  });

  t.test('a killed shard connection is a reset, and messages come again after it', async (t) => {
    const other = diffChannel('evt_killed');
    const owner = cluster.masterOf(Number(await first?.cluster('KEYSLOT', other)));
    const before = await subscribed(bus, other);
    await cluster.masters[owner]?.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await eventually(() => before.resets === 1);
    const after = await subscribed(bus, other);
    await eventually(async () => {
      await cluster.masters[owner]?.spublish(other, 'two');
      return after.messages.length > 0;
    });
    t.same(before.messages, []);
  });

  t.test('a moved slot is a reset, and messages come from its new home', async (t) => {
    const moved = `{e:evt_a}:moved`;
    const before = await subscribed(bus, moved);
    await moveSlot(cluster, slot, away);
    await eventually(() => before.resets === 1);
    await eventually(async () => {
      const after = await subscribed(bus, moved);
      await cluster.masters[away]?.spublish(moved, 'three');
      await systemClock.sleep(100);
      return after.messages.length > 0;
    }, 8_000);
    t.same(before.messages, []);
  });
});

/** A TCP link to Redis that can swallow everything while it stays connected. */
async function startLink(port: number) {
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((near) => {
    const far = createConnection({ port, host: '127.0.0.1' });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      // A connection made while the link swallows stays dead.
      const dead = () => swallowing;
      from.on('data', (bytes) => dead() || to.write(bytes));
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `redis://127.0.0.1:${address.port}`,
    swallow: (on: boolean) => {
      swallowing = on;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
