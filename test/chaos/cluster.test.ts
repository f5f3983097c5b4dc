import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { diceOf } from '../../server/core/dice.js';
import { connectBuyer, held } from '../helpers/client.js';
import { startCluster } from '../helpers/redis-cluster.js';
import { readTruth } from '../helpers/redis-truth.js';
import { buy } from '../helpers/shop.js';
import { openArena } from './arena.js';
import { seedOfRun } from './seed.js';
import { laySiege, report } from './siege.js';

/**
 * The whole server on a Redis Cluster of three masters and three replicas, under load: an event's slot moves to another
 * master, then a master dies and its replica takes over. No sale is lost, nobody looks at an old map for long.
 */
const seed = seedOfRun();
const dice = diceOf(seed);
t.comment(`CAVEA_TEST_SEED=${seed}`);

const cluster = await startCluster();
const first = await cluster.masterOf('any');
const arena = await openArena(dice, {
  // No hold lapses: a state that a dying master told nobody but the workers could not be known.
  rules: { holdTtlMs: 60_000, holdCapMs: 60_000 },
  redis: { ...first, url: cluster.url, through: cluster.url, stop: cluster.stop },
});
const { server, event, tokens } = arena;
const meta = `{e:${event.id}}:meta`;
const siege = await laySiege(arena, dice, { clients: 30 });
const buyer = await connectBuyer({ url: server.url, token: tokens[9] ?? '' });
const sold: number[] = [];
t.teardown(async () => {
  await buyer.close();
  await arena.stop();
});

async function sell(seat: number): Promise<void> {
  const { id: holdId } = held(await buyer.hold(event.id, [seat]));
  await buy({ url: server.url, token: buyer.token }, holdId);
  sold.push(seat);
}

async function soldInRedis(): Promise<number[]> {
  const { taken } = await readTruth(cluster.url, event.id);
  return sold.filter((seat) => taken.get(seat) === 'sold');
}

async function strike(what: string, inject: () => Promise<void>, lost: boolean): Promise<void> {
  const { epoch = 0 } = siege.truth.last ?? {};
  const { failed } = siege.writers;
  const began = systemClock.monotonic();
  await inject();
  const injectedMs = systemClock.monotonic() - began;
  await siege.recovered(epoch + Number(lost));
  const afterMs = systemClock.monotonic() - began;
  report(t, what, {
    'injected for ms': injectedMs,
    'all right after ms': afterMs,
    'writers told': siege.writers.failed - failed,
  });
}

t.test('a sale on a cluster', async (t) => {
  await sell(230);
  await systemClock.sleep(1_000);
  await siege.recovered();
  t.same(await soldInRedis(), sold);
});

t.test('the slot of the event moves to another master', async (t) => {
  const before = await cluster.masterOf(meta);
  await strike('a slot with all its keys moved', () => cluster.moveSlotOf(meta), true);
  t.not((await cluster.masterOf(meta)).port, before.port);
  t.same(await soldInRedis(), sold);
  await sell(231);
});

t.test('the master of the event dies, its replica takes over', async (t) => {
  const master = await cluster.masterOf(meta);
  await siege.writers.pause();
  await systemClock.sleep(300);
  await strike('SIGKILL of a master', () => master.kill(), true);
  t.not((await cluster.masterOf(meta)).port, master.port);
  t.same(await soldInRedis(), sold);
  await sell(232);
  t.same(await soldInRedis(), sold);
});

t.test('nothing stale was shown as live', async (t) => {
  await siege.stop();
  report(t, 'seen', {
    samples: siege.judge.samples,
    states: siege.truth.states,
    'longest lag ms': siege.judge.longestLagMs,
  });
  t.ok(siege.truth.states > 100);
  t.same(siege.truth.conflicts, []);
  t.same(siege.judge.faults.slice(0, 5), [], `seed ${seed}`);
});
