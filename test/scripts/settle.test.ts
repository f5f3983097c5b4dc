import t from 'tap';
import { eventKeys } from '../../server/redis/keys.js';
import { block, claim, configure, expire, extend, hold, release, sell, unblock, unsell } from './operations.js';
import { audit, createWorld, rules, say } from './world.js';

const world = await createWorld();
t.teardown(() => world.close());
const { newEvent, grow, settle, store, advance, raw } = world;

async function held(more: Parameters<typeof newEvent>[0] = {}): Promise<string> {
  const event = await newEvent(more);
  await grow(event, hold('ann', 'h1', [1, 2, 3]));
  return event;
}

async function paying(): Promise<string> {
  const event = await held();
  await settle(event, claim('ann', 'h1', 'bkg1'));
  return event;
}

t.test('extend: as long as a new hold, up to the cap, then refused holdTime', async (t) => {
  const event = await held();
  const first = await store.hold(event, 'h1');
  await advance(event, 1_000);
  const { now, outcomes } = await grow(event, extend('ann', 'h1'));
  t.match(outcomes, [{ ok: true, hold: { expiresAt: now + rules.holdTtlMs, capAt: first?.capAt } }]);
  for (let i = 0; i < 3; i++) {
    await advance(event, rules.holdTtlMs - 1_000);
    t.same(say(await grow(event, extend('ann', 'h1'))), ['held h1 1 2 3']);
  }
  t.same(say(await grow(event, extend('ann', 'h1'))), ['holdTime']);
  t.equal((await store.hold(event, 'h1'))?.expiresAt, first?.capAt);
  await audit(world, event);
});

t.test('extend: never shortens, even under stricter rules', async (t) => {
  const event = await held();
  const first = await store.hold(event, 'h1');
  await settle(event, configure({ holdTtlMs: 1_000 }));
  await grow(event, extend('ann', 'h1'));
  t.equal((await store.hold(event, 'h1'))?.expiresAt, first?.expiresAt);
});

t.test('extend: gone for strangers, after the lapse and when unknown; paying', async (t) => {
  const event = await held();
  t.same(say(await grow(event, extend('bob', 'h1'), extend('ann', 'h9'))), ['gone', 'gone']);
  await advance(event, rules.holdTtlMs);
  t.same(say(await grow(event, extend('ann', 'h1'))), ['gone'], 'at the millisecond of its lapse');
  t.same(say(await grow(await paying(), extend('ann', 'h1'))), ['paying']);
  await audit(world, event);
});

t.test('paused refuses new holds only', async (t) => {
  const event = await held();
  await settle(event, configure({ paused: true }));
  t.same(say(await grow(event, hold('bob', 'h2', [9]), extend('ann', 'h1'))), ['paused', 'held h1 1 2 3']);
  t.same(say(await settle(event, release('ann', 'h1', [1]), claim('ann', 'h1', 'bkg1'))), [
    'held h1 2 3',
    'paying h1 2 3',
  ]);
});

t.test('release: all, or some', async (t) => {
  const event = await held();
  t.same(say(await settle(event, release('ann', 'h1', [2]))), ['held h1 1 3']);
  t.same((await audit(world, event)).slice(1, 4), [1, 0, 1]);
  t.same(say(await settle(event, release('ann', 'h1'))), ['done']);
  t.same((await audit(world, event)).slice(1, 4), [0, 0, 0]);
  t.same(say(await settle(event, release('ann', 'h1'))), ['gone']);
  t.equal(await store.hold(event, 'h1'), undefined);
});

t.test('release: naming every seat ends the hold', async (t) => {
  const event = await held();
  t.same(say(await settle(event, release('ann', 'h1', [3, 1, 2]))), ['done']);
  await audit(world, event);
});

t.test('release: notHeld names the seats that are not in the hold, and nothing happens', async (t) => {
  const event = await held();
  t.same(say(await settle(event, release('ann', 'h1', [1, 8]), release('ann', 'h1', [1, 1]))), [
    'notHeld 8',
    'notHeld 1',
  ]);
  t.same((await audit(world, event)).slice(1, 4), [1, 1, 1]);
});

t.test('release: gone for strangers, for bookings that have not claimed, after the lapse', async (t) => {
  const event = await held();
  t.same(say(await settle(event, release('bob', 'h1'), release({ bookingId: 'bkg1' }, 'h1'))), ['gone', 'gone']);
  await advance(event, rules.holdTtlMs);
  t.same(say(await settle(event, release('ann', 'h1'))), ['gone']);
  await audit(world, event);
});

t.test('release: what is being paid for is released by its booking alone', async (t) => {
  const event = await paying();
  const tries = [release('ann', 'h1'), release({ staff: 'stf' }, 'h1'), release({ bookingId: 'bkg2' }, 'h1')];
  t.same(say(await settle(event, ...tries)), ['paying', 'paying', 'gone']);
  t.same(say(await settle(event, release({ bookingId: 'bkg1' }, 'h1'))), ['done']);
  t.same((await audit(world, event)).slice(1, 4), [0, 0, 0]);
});

t.test('release: staff end a hold', async (t) => {
  const event = await held();
  const { diffs, upTo, stop } = await world.listen(event);
  t.teardown(stop);
  t.same(say(await settle(event, release({ staff: 'stf' }, 'h1'))), ['done']);
  await upTo(2);
  t.same(
    diffs[0]?.holds,
    [{ holder: 'ann', holdId: 'h1', change: 'forced' }],
    'and its holder is told that it was not theirs to end',
  );
  await audit(world, event);
});

t.test('claim: the pay window from now, and the hold lapses no more', async (t) => {
  const event = await held();
  const { now, nextDue, outcomes } = await settle(event, claim('ann', 'h1', 'bkg1'));
  t.equal(nextDue, undefined);
  t.match(outcomes, [{ ok: true, hold: { phase: 'paying', bookingId: 'bkg1', expiresAt: now + rules.payWindowMs } }]);
  await audit(world, event);
  await advance(event, 10 * rules.holdCapMs);
  t.same(say(await settle(event, expire())), ['done']);
  t.same((await audit(world, event)).slice(1, 4), [1, 1, 1]);
  t.match(await store.overduePayments(event, 10), [{ id: 'h1', bookingId: 'bkg1' }]);
});

t.test('claim: again by the same booking is the same; by another it is refused', async (t) => {
  const event = await paying();
  const before = await store.hold(event, 'h1');
  await advance(event, 1_000);
  t.same(say(await settle(event, claim('ann', 'h1', 'bkg1'), claim('ann', 'h1', 'bkg2'))), [
    'paying h1 1 2 3',
    'paying',
  ]);
  t.same(await store.hold(event, 'h1'), before);
});

t.test('claim: gone for strangers, after the lapse and when unknown', async (t) => {
  const event = await held();
  t.same(say(await settle(event, claim('bob', 'h1', 'bkg1'), claim('ann', 'h9', 'bkg1'))), ['gone', 'gone']);
  await advance(event, rules.holdTtlMs);
  t.same(say(await settle(event, claim('ann', 'h1', 'bkg1'))), ['gone']);
});

t.test('overdue payments: oldest first, only when overdue', async (t) => {
  const event = await paying();
  t.same(await store.overduePayments(event, 10), []);
  await advance(event, 1_000);
  await grow(event, hold('bob', 'h2', [9]));
  await settle(event, claim('bob', 'h2', 'bkg2'));
  await advance(event, rules.payWindowMs);
  t.same(
    (await store.overduePayments(event, 10)).map(({ id }) => id),
    ['h1', 'h2'],
  );
  t.same(
    (await store.overduePayments(event, 1)).map(({ id }) => id),
    ['h1'],
  );
});

t.test('sell: the hold ends, its seats are sold; again is the same', async (t) => {
  const event = await paying();
  t.same(say(await settle(event, sell('bkg1', 'h1', [1, 2, 3]))), ['done']);
  t.same((await audit(world, event)).slice(1, 4), [2, 2, 2]);
  const { seq, outcomes } = await settle(event, sell('bkg1', 'h1', [1, 2, 3]));
  t.equal(seq, 3, 'nothing changes');
  t.match(outcomes, [{ ok: true }]);
  t.same(say(await grow(event, hold('ann', 'h2', [10, 11, 12, 13, 14, 15]))), ['held h2 10 11 12 13 14 15']);
});

t.test('sell: seats of the hold that were not sold are free', async (t) => {
  const event = await paying();
  await settle(event, sell('bkg1', 'h1', [1, 2, 9]));
  const statuses = await audit(world, event);
  t.same([statuses[1], statuses[2], statuses[3], statuses[9]], [2, 2, 0, 2]);
});

t.test('sell: takes seats from whoever holds them, and tells them', async (t) => {
  const event = await held();
  await grow(event, hold('bob', 'h2', [5]));
  const { diffs, upTo, stop } = await world.listen(event);
  t.teardown(stop);
  t.same(say(await settle(event, sell('bkg9', undefined, [3, 4, 5]))), ['done']);
  t.same((await audit(world, event)).slice(1, 6), [1, 1, 2, 2, 2]);
  t.same((await store.hold(event, 'h1'))?.seats, [1, 2], 'the rest of the hold stays');
  t.equal(await store.hold(event, 'h2'), undefined);
  await upTo(3);
  const told = diffs.flatMap(({ holds }) => holds).map(({ holder, holdId, change }) => `${holder} ${holdId} ${change}`);
  t.same(told.sort(), ['ann h1 forced', 'bob h2 forced']);
});

t.test('sell: blocked seats too, unknown ones not', async (t) => {
  const event = await newEvent({}, { blocked: [1] });
  t.same(say(await settle(event, sell('bkg1', undefined, [0, 260]), sell('bkg1', 'h7', [1]))), [
    'unknownSeat 260',
    'done',
  ]);
  t.same((await audit(world, event)).slice(0, 2), [0, 2]);
});

t.test('unsell: sold seats become available, others are left alone', async (t) => {
  const event = await newEvent({}, { sold: [1, 2], blocked: [3] });
  t.same(say(await settle(event, unsell('bkg1', [1, 3, 4]), unsell('bkg1', [999]))), ['done', 'unknownSeat 999']);
  t.same((await audit(world, event)).slice(0, 5), [0, 0, 2, 3, 0]);
});

t.test('unsell: a repeat does not free what was sold again since', async (t) => {
  const event = await newEvent({}, { sold: [1] });
  await settle(event, unsell('bkg1', [1], 'op_unsell'));
  await settle(event, sell('bkg2', undefined, [1]));
  t.same(say(await settle(event, unsell('bkg1', [1], 'op_unsell'))), ['done']);
  t.equal((await audit(world, event))[1], 2);
});

t.test('block: all or none; blocked ones may be among them', async (t) => {
  const event = await newEvent({}, { sold: [1], blocked: [2] });
  await grow(event, hold('ann', 'h1', [3]));
  t.same(say(await settle(event, block('stf', [0, 1, 2, 3]))), ['taken 1 3']);
  t.same(say(await settle(event, block('stf', [2, 4]), block('stf', [260]))), ['done', 'unknownSeat 260']);
  t.same((await audit(world, event)).slice(0, 5), [0, 2, 3, 1, 3]);
  t.equal(await raw.hget(eventKeys(event).seats, '4'), 'stf');
  await advance(event, rules.holdTtlMs);
  t.same(say(await settle(event, block('stf', [3]))), ['done'], 'a lapsed hold is no hindrance');
});

t.test('unblock: blocked seats become available, others are left alone', async (t) => {
  const event = await newEvent({}, { sold: [1], blocked: [2] });
  t.same(say(await settle(event, unblock('stf', [0, 1, 2]), unblock('stf', [-1]))), ['done', 'unknownSeat -1']);
  t.same((await audit(world, event)).slice(0, 3), [0, 2, 0]);
});

t.test('places of areas count towards their area', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [200, 201, 245]));
  await settle(event, block('stf', [239]), claim('ann', 'h1', 'bkg1'), sell('bkg1', 'h1', [200, 201, 245]));
  await settle(event, unsell('bkg1', [201]), unblock('stf', [239]));
  const statuses = await audit(world, event);
  t.same([statuses[200], statuses[201], statuses[239], statuses[245]], [2, 0, 0, 2]);
});

t.test('configure: the whole of the rules, from that call on, told to the workers', async (t) => {
  const event = await newEvent();
  const { diffs, upTo, stop } = await world.listen(event);
  t.teardown(stop);
  t.equal((await settle(event, configure({}))).seq, 0, 'the same rules change nothing');
  const next = { ...rules, maxSeatsPerHolder: 2, roomOn: true, opensAt: 1_700_000_000_123 };
  t.equal((await settle(event, configure(next))).seq, 1);
  t.match(await store.snapshot(event), { rules: next });
  await upTo(1);
  t.same(
    diffs.map((diff) => diff.rules),
    [next],
  );
});
