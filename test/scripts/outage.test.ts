import t from 'tap';
import { diceOf } from '../../server/core/dice.js';
import { silentLog } from '../../server/core/log.js';
import { createRedis } from '../../server/redis/client.js';
import { eventKeys } from '../../server/redis/keys.js';
import { createSeatStore } from '../../server/seatmap/redis-store.js';
import { startProxy } from '../chaos/proxy.js';
import { startRedis } from '../helpers/redis.js';
import { expire, extend, hold, release } from './operations.js';
import { audit, createWorld, say } from './world.js';

t.test('a full Redis lets go but takes nothing, whole calls only', async (t) => {
  const world = await createWorld({ redis: ['--maxmemory-policy', 'noeviction'] });
  t.teardown(() => world.close());
  const { newEvent, grow, settle, store, raw } = world;
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1, 2]), hold('ann', 'h2', [3]));
  await raw.config('SET', 'maxmemory', '1');
  await t.rejects(store.grow(event, [hold('bob', 'h3', [9]), extend('ann', 'h1')]), { code: 'unavailable' });
  t.same(say(await settle(event, release('ann', 'h1', [1]), release('ann', 'h2'))), ['held h1 2', 'done']);
  t.match(await store.snapshot(event), { seq: 2 });
  await raw.config('SET', 'maxmemory', '0');
  t.same(say(await grow(event, hold('bob', 'h3', [9]))), ['held h3 9']);
  await audit(world, event);
});

t.test('FUNCTION FLUSH at any time is not noticed', async (t) => {
  const world = await createWorld();
  t.teardown(() => world.close());
  const event = await world.newEvent();
  for (let i = 0; i < 20; i++) {
    await world.raw.function('FLUSH');
    t.same(say(await world.grow(event, hold(`b${i}`, `h${i}`, [i]))), [`held h${i} ${i}`]);
  }
  await world.raw.function('FLUSH');
  await Promise.all([world.store.position(event), world.store.snapshot(event), world.settle(event, expire())]);
  t.equal((await world.settle(event, expire())).seq, 20);
});

t.test('a full journal refuses holds, not releases', async (t) => {
  const world = await createWorld({ journalBound: 3 });
  t.teardown(() => world.close());
  const { newEvent, grow, settle, store } = world;
  const event = await newEvent();
  for (const i of [1, 2, 3]) await grow(event, hold('ann', `h${i}`, [i]));
  await t.rejects(store.grow(event, [hold('ann', 'h4', [4])]), { code: 'unavailable' });
  t.same(say(await settle(event, release('ann', 'h1'))), ['done']);
  const { rows, upTo, filled } = await store.readJournal(event, 2);
  t.equal(filled, 1);
  t.same(
    rows.map(({ seq }) => seq),
    [1, 2],
  );
  await store.trimJournal(event, String(upTo));
  t.same(
    (await store.readJournal(event, 9)).rows.map(({ seq }) => seq),
    [3, 4],
  );
  t.same(say(await grow(event, hold('ann', 'h4', [4]))), ['held h4 4']);
});

t.test('no Redis: unavailable at once, and well again after', async (t) => {
  const world = await createWorld();
  t.teardown(() => world.close());
  const event = await world.newEvent();
  await world.server.kill();
  await t.rejects(world.store.grow(event, [hold('ann', 'h1', [1])]), { code: 'unavailable' });
  await t.rejects(world.store.snapshot(event), { code: 'unavailable' });
  await world.server.start();
  await world.connections.ready();
  t.same(await world.store.position(event), { stale: true });
});

t.test('a Redis that is busy for too long: unavailable', async (t) => {
  const world = await createWorld({ commandTimeoutMs: 100 });
  t.teardown(() => world.close());
  const event = await world.newEvent();
  await world.raw.call('CLIENT', 'PAUSE', '300', 'ALL');
  await t.rejects(world.store.grow(event, [hold('ann', 'h1', [1])]), { code: 'unavailable' });
});

t.test('a bug in a script is not an outage, and its error names no buyer', async (t) => {
  const world = await createWorld();
  t.teardown(() => world.close());
  const event = await world.newEvent();
  await world.raw.set(eventKeys(event).holds, 'not a hash');
  const error = await world.store.grow(event, [hold('ann', 'h1', [1])]).catch((thrown: unknown) => thrown);
  t.match(error, { name: 'Error', message: /WRONGTYPE/ });
  t.notMatch(JSON.stringify(error), /ann/);
});

t.test('a Redis that evicts seat data is refused', async (t) => {
  const server = await startRedis(['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru']);
  t.teardown(() => server.stop());
  const redis = createRedis({ urls: [server.url], log: silentLog });
  await t.rejects(redis.ready(), /allkeys-lru/);
  await redis.close();
});

t.test('a reply that is lost: one run of the script, never sent again; the opId finds the answer', async (t) => {
  const world = await createWorld();
  t.teardown(() => world.close());
  const event = await world.newEvent();
  await world.grow(event, hold('ann', 'h0', [0]));
  const proxy = await startProxy(world.server.port, diceOf(1));
  t.teardown(() => proxy.close());
  const redis = createRedis({ urls: [`redis://127.0.0.1:${proxy.port}`], log: silentLog });
  await redis.ready();
  const store = createSeatStore({ redis, log: silentLog });
  await world.raw.config('RESETSTAT');

  for (const link of proxy.links()) link.cutAfter('down', 0);
  const operation = hold('ann', 'h1', [1], { opId: 'op_lost' });
  await t.rejects(store.grow(event, [operation]), { code: 'unavailable' });
  await redis.ready();
  t.ok(await store.position(event), 'the connection is back');
  const stats = await world.raw.info('commandstats');
  t.match(stats, /cmdstat_fcall:calls=2,/, 'one grow, one position');
  t.match(await store.snapshot(event), { seq: 2 });
  t.same(say(await world.grow(event, { ...operation, holdId: 'h2' })), ['held h1 1']);
  await redis.close();
});
