import { Redis } from 'ioredis';
import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { diceOf } from '../../server/core/dice.js';
import { connectBuyer, held } from '../helpers/client.js';
import { startRedis } from '../helpers/redis.js';
import { buy } from '../helpers/shop.js';
import { openArena } from './arena.js';
import { startProxy } from './proxy.js';
import { seedOfRun } from './seed.js';
import { laySiege, report } from './siege.js';

/**
 * F8: a replica that is two seconds behind becomes the master, while the old master lives on and still takes writes.
 * What was acknowledged in between is gone, and positions are used again. Nothing that was sold may be sold twice, and
 * nobody may look at the old map for long.
 */
const seed = seedOfRun();
const dice = diceOf(seed);
t.comment(`CAVEA_TEST_SEED=${seed}`);

t.test('F8 a lagging replica is promoted, the old master stays alive', async (t) => {
  const master = await startRedis();
  const toMaster = await startProxy(master.port, dice);
  const replica = await startRedis(['--replicaof', '127.0.0.1', String(toMaster.port)]);
  const spectator = await startProxy(master.port, dice);
  const stopBoth = async () => {
    await Promise.all([master.stop(), replica.stop()]);
  };
  const redis = { ...master, url: `redis://127.0.0.1:${spectator.port}`, stop: stopBoth };
  const arena = await openArena(dice, { redis });
  const { server, event, tokens } = arena;
  const siege = await laySiege(arena, dice, { clients: 20 });
  const buyer = await connectBuyer({ url: server.url, token: tokens[9] ?? '' });
  async function sell(seat: number): Promise<void> {
    const { id: holdId } = held(await buyer.hold(event.id, [seat]));
    await buy({ url: server.url, token: buyer.token }, holdId);
  }
  await sell(230);
  await systemClock.sleep(500);

  for (const link of toMaster.links()) link.pause();
  await systemClock.sleep(1_000);
  // Sold on the master, and never told to the replica.
  await sell(231);
  await systemClock.sleep(1_000);
  const { epoch = 0, seq = 0 } = siege.truth.last ?? {};
  await siege.writers.pause();
  const promoted = new Redis(replica.url);
  await promoted.call('REPLICAOF', 'NO', 'ONE');
  const behind = Number(await promoted.hget(`{e:${event.id}}:meta`, 'seq'));
  t.ok(behind < seq, `the replica is behind: ${behind} of ${seq}`);
  const began = systemClock.monotonic();
  for (const proxy of [arena.proxy, spectator]) {
    proxy.retarget(replica.port);
    for (const link of proxy.links()) link.cut();
  }
  await siege.recovered(epoch + 1);
  report(t, 'F8', { 'changes lost': seq - behind, 'all right after ms': systemClock.monotonic() - began });

  const stranger = await connectBuyer({ url: server.url, token: tokens[10] ?? '' });
  for (const seat of [230, 231]) t.match(await stranger.hold(event.id, [seat]), { ok: false, reason: 'taken' });
  const old = new Redis(master.url);
  await old.call('HSET', `{e:${event.id}}:meta`, 'seq', 1);
  await sell(232);
  t.same(siege.truth.conflicts, [], 'no position has had two maps');
  old.disconnect();
  promoted.disconnect();
  await siege.stop();
  t.same(siege.judge.faults.slice(0, 5), [], `seed ${seed}`);
  for (const one of [buyer, stranger]) await one.close();
  await arena.stop();
  await spectator.close();
  await toMaster.close();
});
