import t from 'tap';
import { eventKeys } from '../../server/redis/keys.js';
import { claim, expire, extend, hold, release, sell, swap } from './operations.js';
import { audit, createWorld, hall, type LiveReply, rules, say } from './world.js';

const world = await createWorld();
t.teardown(() => world.close());
const { newEvent, grow, settle, store, advance, raw } = world;

const holdBudgetMs = 100_000;
const short = { holdTtlMs: 60_000, holdCapMs: 80_000, holdBudgetMs };
const capOf = ({ outcomes: [outcome] }: LiveReply) => (outcome?.ok && outcome.hold ? outcome.hold.capAt : 0);
/** Allowance for the time that the calls of a test take themselves. */
const soon = 2_000;
const isNear = (value: number, wanted: number) => value <= wanted && value > wanted - soon;

t.test('[HOLD-8] the time of one hold after another adds up; then heldTooLong', async (t) => {
  const event = await newEvent(short);
  await grow(event, hold('ann', 'h1', [1]));
  await advance(event, 50_000);
  await settle(event, release('ann', 'h1'));
  await advance(event, 500_000);
  const second = await grow(event, hold('ann', 'h2', [1]));
  t.ok(isNear(capOf(second) - second.now, 50_000), 'half is left, and time without a hold costs nothing');
  await advance(event, 50_000);
  t.same(say(await grow(event, hold('ann', 'h3', [1]))), ['heldTooLong']);
  t.same(say(await grow(event, hold('bob', 'h4', [1]))), ['held h4 1'], 'it has lapsed at its cap');
  await audit(world, event);
});

t.test('[HOLD-8] holds side by side count once, and none outlasts the budget', async (t) => {
  const event = await newEvent(short);
  const first = await grow(event, hold('ann', 'h1', [1]));
  await advance(event, 40_000);
  const second = await grow(event, hold('ann', 'h2', [2]));
  t.equal(capOf(first), first.now + short.holdCapMs);
  t.ok(isNear(capOf(second), first.now + holdBudgetMs));
  await settle(event, release('ann', 'h1'));
  await advance(event, 59_000);
  t.same(say(await grow(event, hold('ann', 'h3', [3]))), ['held h3 3'], 'a second of it is left');
  await advance(event, 1_000);
  t.same(say(await grow(event, hold('ann', 'h4', [4]))), ['heldTooLong']);
  await audit(world, event);
});

t.test('[HOLD-8] a lapsed hold counts until its lapse, whenever that is seen', async (t) => {
  const event = await newEvent(short);
  await grow(event, hold('ann', 'h1', [1]));
  await advance(event, 1_000_000);
  const next = await grow(event, hold('ann', 'h2', [2]));
  t.ok(isNear(capOf(next) - next.now, holdBudgetMs - short.holdTtlMs));
});

t.test('[HOLD-8] joining, changing and extending give no new time; paying takes it, selling ends it', async (t) => {
  const event = await newEvent(short);
  const first = await grow(event, hold('ann', 'h1', [1]));
  await advance(event, 30_000);
  t.equal(capOf(await grow(event, hold('ann', '', [2], { joins: 'h1' }))), capOf(first));
  t.equal(capOf(await grow(event, swap('ann', 'h1', [2], [3]))), capOf(first));
  t.equal(capOf(await grow(event, extend('ann', 'h1'))), capOf(first));
  await settle(event, claim('ann', 'h1', 'bkg1'));
  await advance(event, 30_000);
  await settle(event, sell('bkg1', 'h1', [1, 3]));
  const next = await grow(event, hold('ann', 'h2', [4]));
  t.ok(isNear(capOf(next) - next.now, 40_000));
  await audit(world, event);
});

t.test('[HOLD-8] a recovery keeps what is known, and takes the rest from the caps of the holds', async (t) => {
  const event = await newEvent(short);
  const nothing = { ...hall, sold: [], blocked: [], claims: [], rules: { ...rules, ...short } };
  await grow(event, hold('ann', 'h1', [1]));
  await advance(event, 30_000);
  await store.rebuild(event, { ...nothing, generation: 50_000 });
  const second = await grow(event, hold('ann', 'h2', [2]));
  t.ok(isNear(capOf(second) - second.now, 70_000), 'the record has survived');
  await raw.del(eventKeys(event).holders);
  await store.rebuild(event, { ...nothing, generation: 50_001 });
  const third = await grow(event, hold('ann', 'h3', [3]));
  t.ok(isNear(capOf(third) - third.now, 70_000), 'h1 was made 30 s ago');
  await raw.del(eventKeys(event).holds, eventKeys(event).holders);
  await store.rebuild(event, { ...nothing, generation: 50_002 });
  const fresh = await grow(event, hold('ann', 'h4', [3]));
  t.ok(isNear(capOf(fresh) - fresh.now, 80_000));
});

t.test('a record of an older server has no clock', async (t) => {
  const event = await newEvent(short);
  await raw.hset(eventKeys(event).holders, 'ann', Buffer.from([0, 0, 0, 0]));
  t.same(say(await grow(event, hold('ann', 'h1', [1]))), ['held h1 1']);
  await settle(event, expire());
  await audit(world, event);
});
