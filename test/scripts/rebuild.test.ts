import t from 'tap';
import { eventKeys } from '../../server/redis/keys.js';
import type { RebuildInput } from '../../server/seatmap/operations.js';
import { claim, expire, hold, release } from './operations.js';
import { audit, createWorld, hall, live, rules, say } from './world.js';

const world = await createWorld();
t.teardown(() => world.close());
const { newEvent, grow, settle, store, advance, raw } = world;

let generation = 10_000;
const input = (more: Partial<RebuildInput> = {}): RebuildInput => {
  generation += 1;
  return { ...hall, generation, sold: [], blocked: [], claims: [], rules, ...more };
};
const claimOf = (holdId: string, seats: number[]) => ({
  holdId,
  holder: 'ann',
  bookingId: 'bkg1',
  seats,
  payBy: 5_000_000_000_000,
  capAt: 5_000_000_000_001,
  priceVersion: 3,
});

t.test('an event that Redis does not have is stale for every call', async (t) => {
  const stale = { stale: true };
  t.same(await store.grow('evt_no', [hold('ann', 'h1', [1])]), stale);
  t.same(await store.settle('evt_no', [expire()]), stale);
  t.same(await store.snapshot('evt_no'), stale);
  t.same(await store.position('evt_no'), stale);
  t.equal(await store.hold('evt_no', 'h1'), undefined);
  t.same(await store.holdsOf('evt_no', 'ann'), { stale: true });
  t.same(await store.overduePayments('evt_no', 5), []);
  t.same(await raw.keys('*evt_no*'), [], 'and asking leaves nothing behind');
});

t.test('data of another process of Redis is stale', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1]));
  await raw.hset(eventKeys(event).meta, 'runId', 'f'.repeat(40));
  t.same(await store.grow(event, [hold('bob', 'h2', [2])]), { stale: true });
  t.same(await store.position(event), { stale: true });
  t.same(await store.snapshot(event), { stale: true });
});

t.test('fresh: sold, blocked and claims as Postgres says', async (t) => {
  const event = 'evt_fresh';
  const wanted = input({ sold: [0, 1, 200], blocked: [5, 245], claims: [claimOf('h1', [7, 8])] });
  t.same(await store.rebuild(event, wanted), { epoch: wanted.generation, seq: 0, nextDue: undefined });
  const statuses = await audit(world, event);
  t.same(
    [0, 1, 200, 5, 245, 7, 8, 9].map((seat) => statuses[seat]),
    [2, 2, 2, 3, 3, 1, 1, 0],
  );
  t.same(await store.hold(event, 'h1'), {
    id: 'h1',
    holder: 'ann',
    seats: [7, 8],
    phase: 'paying',
    expiresAt: 5_000_000_000_000,
    capAt: 5_000_000_000_001,
    priceVersion: 3,
    bookingId: 'bkg1',
  });
  const { seq } = live(await store.settle(event, [release({ bookingId: 'bkg1' }, 'h1')]));
  t.equal(seq, 1);
});

t.test('holds that do not collide survive; the others end; totals follow', async (t) => {
  const event = await newEvent();
  await grow(
    event,
    hold('ann', 'h1', [1, 2]),
    hold('ann', 'h2', [3]),
    hold('bob', 'h3', [10, 11]),
    hold('cat', 'h4', [20]),
  );
  await settle(event, claim('cat', 'h4', 'bkg4'));
  const before = await store.hold(event, 'h1');
  const reply = await store.rebuild(event, input({ sold: [11], blocked: [3] }));
  t.equal(reply.nextDue, before?.expiresAt);
  const statuses = await audit(world, event);
  t.same(
    [1, 2, 3, 10, 11, 20].map((seat) => statuses[seat]),
    [1, 1, 3, 0, 2, 1],
  );
  t.same(await store.hold(event, 'h1'), before);
  t.match(await store.hold(event, 'h4'), { phase: 'paying', bookingId: 'bkg4' });
  const ofAnn = await store.holdsOf(event, 'ann');
  t.same('stale' in ofAnn ? ofAnn : ofAnn.map(({ id }) => id), ['h1']);
  t.same(await store.holdsOf(event, 'bob'), []);
});

t.test('a claim that survived in Redis is written as Postgres has it', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [7, 8]));
  await store.rebuild(event, input({ claims: [claimOf('h1', [7, 8])] }));
  t.match(await store.hold(event, 'h1'), { phase: 'paying', priceVersion: 3 });
  await audit(world, event);
});

t.test('seats beyond the chart and claims on sold seats do no harm', async (t) => {
  const event = 'evt_odd';
  await store.rebuild(
    event,
    input({ sold: [7, 999], blocked: [-1, 7], claims: [claimOf('h1', [7, 8]), claimOf('h2', [7])] }),
  );
  const statuses = await audit(world, event);
  t.same([statuses[7], statuses[8]], [2, 1]);
  t.equal(await store.hold(event, 'h2'), undefined);
});

t.test('a survivor that is due is there until the first call, which ends it', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1]));
  await advance(event, rules.holdTtlMs);
  const { nextDue } = await store.rebuild(event, input());
  t.type(nextDue, 'number');
  const { diffs, upTo, stop } = await world.listen(event);
  t.teardown(stop);
  await settle(event, expire());
  await upTo(1);
  t.match(diffs, [{ seq: 1, holds: [{ change: 'expired' }] }]);
  await audit(world, event);
});

t.test('while it lasts the event is stale; workers are told of the new epoch', async (t) => {
  const event = await newEvent();
  const { diffs, upTo, stop } = await world.listen(event);
  t.teardown(stop);
  const wanted = input();
  const done = store.rebuild(event, wanted);
  const meanwhile = await store.grow(event, [hold('ann', 'h1', [1])]);
  await done;
  t.same(meanwhile, { stale: true });
  await upTo(0);
  t.match(diffs, [{ epoch: wanted.generation, seq: 0, changes: [], holds: [], rules }]);
});

t.test('an older generation does not overwrite a newer one; of two at once the newer wins', async (t) => {
  const event = 'evt_race';
  const [older, newer] = [input({ sold: [1] }), input({ sold: [2] })];
  const results = await Promise.allSettled([store.rebuild(event, older), store.rebuild(event, newer)]);
  t.match(results[1], { status: 'fulfilled', value: { epoch: newer.generation } });
  await t.rejects(store.rebuild(event, older), { code: 'unavailable' });
  const statuses = await audit(world, event);
  t.same([statuses[1], statuses[2]], [0, 2]);
});

t.test('time does not go back with it', async (t) => {
  const event = await newEvent();
  await advance(event, 3_600_000);
  const { now } = await grow(event, hold('ann', 'h1', [1]));
  await store.rebuild(event, input());
  t.ok((await settle(event, expire())).now >= now);
});

t.test('SIGKILL and a cut tail: stale, although all keys are there', async (t) => {
  const own = await createWorld();
  t.teardown(() => own.close());
  const event = await own.newEvent();
  await own.grow(event, hold('ann', 'h1', [1]));
  const before = await own.store.position(event);
  await own.server.kill();
  await own.server.start();
  await own.connections.ready();
  t.same(await own.store.position(event), { stale: true });
  await own.store.rebuild(event, input({ generation: 2 }));
  t.match(await own.store.position(event), { epoch: 2, seq: 0 });
  t.match(before, { epoch: 1, seq: 1 });
  t.same(say(await own.grow(event, hold('bob', 'h2', [1]))), ['taken 1']);
});

t.test('100,000 seats, half of them sold, and 5,000 surviving holds', async (t) => {
  const event = 'evt_large';
  const large = { seats: 100_000, seated: 100_000, areas: [] };
  await store.rebuild(event, input(large));
  const ids = Array.from({ length: 5_000 }, (_, i) => i);
  for (let from = 0; from < ids.length; from += 500) {
    await Promise.all(
      Array.from({ length: 10 }, (_, j) =>
        grow(event, ...ids.slice(from + j * 50, from + j * 50 + 50).map((i) => hold(`b${i}`, `h${i}`, [i * 2]))),
      ),
    );
  }
  await store.rebuild(event, input({ ...large, sold: Array.from({ length: 50_000 }, (_, i) => 50_000 + i) }));
  const statuses = await audit(world, event);
  t.equal(statuses.filter((status) => status === 1).length, 5_000);
  t.equal(statuses.filter((status) => status === 2).length, 50_000);
});
