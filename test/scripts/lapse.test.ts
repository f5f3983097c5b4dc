import t from 'tap';
import { eventKeys } from '../../server/redis/keys.js';
import type { HoldOperation } from '../../server/seatmap/operations.js';
import { block, claim, configure, expire, hold, release, sell, unblock } from './operations.js';
import { audit, createWorld, rules, say } from './world.js';

const world = await createWorld();
t.teardown(() => world.close());
const { newEvent, grow, settle, store, advance, raw } = world;

t.test('a hold ends at its millisecond, not before', async (t) => {
  const event = await newEvent();
  const { nextDue } = await grow(event, hold('ann', 'h1', [1]));
  await raw.hset(eventKeys(event).meta, 'lastNow', Number(nextDue) - 1);
  t.equal((await settle(event, expire())).seq, 1);
  t.equal((await store.hold(event, 'h1'))?.id, 'h1');
  await raw.hset(eventKeys(event).meta, 'lastNow', Number(nextDue));
  t.equal(await store.hold(event, 'h1'), undefined, 'a reader does not see it any more');
  t.same(await store.holdsOf(event, 'ann'), []);
  const reply = await settle(event, expire());
  t.same([reply.seq, reply.nextDue], [2, undefined]);
  t.equal((await audit(world, event))[1], 0);
});

t.test('every call ends due holds first, whole and with their totals, and tells', async (t) => {
  const calls = [
    (event: string) => grow(event, hold('bob', 'h2', [1])),
    (event: string) => settle(event, block('stf', [1])),
    (event: string) => settle(event, sell('bkg1', undefined, [2])),
    (event: string) => settle(event, configure({ paused: true })),
    (event: string) => settle(event, release('bob', 'h9')),
  ];
  for (const call of calls) {
    const event = await newEvent();
    await grow(event, hold('ann', 'h1', [1, 2, 3]));
    await advance(event, rules.holdTtlMs);
    const { diffs, upTo, stop } = await world.listen(event);
    await call(event);
    await upTo(2);
    t.equal((await audit(world, event))[3], 0);
    stop();
    t.match(diffs[0]?.holds, [{ holder: 'ann', holdId: 'h1', change: 'expired' }]);
    const rows = (await store.readJournal(event, 10)).rows.filter(({ kind }) => kind === 'expire');
    t.match(
      rows,
      [1, 2, 3].map((seat) => ({ seat, status: 0, actor: 'clock', holdId: 'h1' })),
    );
  }
});

t.test('the earliest of the remaining holds is the next due', async (t) => {
  const event = await newEvent();
  const first = await grow(event, hold('ann', 'h1', [1]));
  await advance(event, 1_000);
  const second = await grow(event, hold('bob', 'h2', [2]));
  t.equal(second.nextDue, first.now + rules.holdTtlMs);
  const third = await settle(event, release('ann', 'h1'));
  t.equal(third.nextDue, second.now + rules.holdTtlMs);
  const fourth = await settle(event, claim('bob', 'h2', 'bkg1'));
  t.equal(fourth.nextDue, undefined);
});

t.test('more than 500 due: 500 a call, but whoever asks for the rest gets it at once', async (t) => {
  const event = await newEvent({}, { seats: 5_000, seated: 5_000, areas: [] });
  const all = Array.from({ length: 620 }, (_, i): HoldOperation => hold(`b${i}`, `h${i}`, [i]));
  for (let from = 0; from < all.length; from += 62) await grow(event, ...all.slice(from, from + 62));
  await advance(event, rules.holdTtlMs);
  // They lapse in the order of their ids within one millisecond, so look for the ones left over.
  const reply = await settle(event, expire());
  t.ok(Number(reply.nextDue) <= reply.now, 'the caller is told to come again');
  const left = await raw.zrange(eventKeys(event).expiries, '0', '-1');
  t.equal(left.length, 120);
  for (let from = 0; from < all.length; from += 62) await grow(event, ...all.slice(from, from + 62));
  t.equal(await raw.zcount(eventKeys(event).expiries, '-inf', String(reply.now)), 0);
  await audit(world, event);
});

t.test('within one call beyond the 500th: seats, totals and holds of the lapsed are free', async (t) => {
  const event = await newEvent({ maxSeatsPerHolder: 1 }, { seats: 5_000, seated: 5_000, areas: [] });
  const all = Array.from({ length: 600 }, (_, i): HoldOperation => hold(`b${i}`, `h${i}`, [i]));
  for (let from = 0; from < all.length; from += 60) await grow(event, ...all.slice(from, from + 60));
  await advance(event, rules.holdTtlMs);
  const last = (await raw.zrange(eventKeys(event).expiries, '0', '-1')).slice(-4).map((id) => Number(id.slice(1)));
  const [a = 0, b = 0, c = 0, d = 0] = last;
  const reply = await grow(event, hold('new', 'n1', [a]), hold(`b${b}`, 'n2', [4_000]));
  t.same(say(reply), [`held n1 ${a}`, 'held n2 4000']);
  t.same(say(await settle(event, release(`b${c}`, `h${c}`), claim(`b${d}`, `h${d}`, 'bkg'))), ['gone', 'gone']);
  await audit(world, event);
});

t.test('a clock that is set back prolongs nothing', async (t) => {
  const event = await newEvent();
  const before = await grow(event, hold('ann', 'h0', [0]));
  t.equal(Number(await raw.hget(eventKeys(event).meta, 'lastNow')), before.now);
  await advance(event, 3_600_000);
  const first = await grow(event, hold('ann', 'h1', [1]));
  const second = await grow(event, hold('bob', 'h2', [2]));
  t.ok(second.now >= first.now);
  t.ok(second.now - first.now < 1_000, 'time stands still until the clock has caught up');
});

t.test('ids in the sets without a hold go without a word', async (t) => {
  const event = await newEvent();
  await raw.zadd(eventKeys(event).expiries, 1, 'ghost');
  t.match(await settle(event, unblock('staff', [5])), { seq: 0, nextDue: undefined });
  await raw.zadd(eventKeys(event).expiries, 1, 'ghost');
  await grow(event, hold('ann', 'h1', [1]));
  t.equal((await audit(world, event))[1], 1);
});
