import t from 'tap';
import { eventKeys } from '../../server/redis/keys.js';
import { block, claim, extend, hold, release, unblock } from './operations.js';
import { audit, createWorld, rules, say } from './world.js';

const world = await createWorld();
t.teardown(() => world.close());
const { newEvent, grow, settle, store, advance, raw } = world;

t.test('a repeated opId gets the first answer and has no effect', async (t) => {
  const event = await newEvent();
  const first = await grow(event, hold('ann', 'h1', [1, 2], { opId: 'op_1' }));
  await advance(event, 1_000);
  const again = await grow(event, hold('ann', 'h2', [1, 2], { opId: 'op_1' }));
  t.same(again.outcomes, first.outcomes, 'to the last field');
  t.equal(again.seq, first.seq);
  await settle(event, release('ann', 'h1', undefined, 'op_2'));
  t.same(
    (await grow(event, hold('ann', 'h3', [1], { opId: 'op_1' }))).outcomes,
    first.outcomes,
    'even when it is over',
  );
  t.same(say(await settle(event, release('ann', 'h1', undefined, 'op_2'))), ['done']);
  await audit(world, event);
});

t.test('within one call too', async (t) => {
  const event = await newEvent();
  const twice = hold('ann', 'h1', [1], { opId: 'op_1' });
  t.same(say(await grow(event, twice, { ...twice, holdId: 'h2' })), ['held h1 1', 'held h1 1']);
});

t.test('every kind of operation answers a repeat', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1, 2]));
  const extended = await grow(event, extend('ann', 'h1', 'op_e'));
  const claimed = await settle(event, claim('ann', 'h1', 'bkg1', 'op_c'));
  const released = await settle(event, release({ bookingId: 'bkg1' }, 'h1', undefined, 'op_r'));
  t.same((await grow(event, extend('ann', 'h1', 'op_e'))).outcomes, extended.outcomes);
  t.same((await settle(event, claim('ann', 'h1', 'bkg1', 'op_c'))).outcomes, claimed.outcomes);
  t.same((await settle(event, release({ bookingId: 'bkg1' }, 'h1', undefined, 'op_r'))).outcomes, released.outcomes);
  await settle(event, block('stf', [5], 'op_b'), unblock('stf', [5], 'op_u'));
  t.same(say(await settle(event, block('stf', [5], 'op_b'))), ['done']);
  t.equal((await audit(world, event))[5], 0);
});

t.test('a refusal is not kept: it may go well the next time', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1]));
  t.same(say(await grow(event, hold('bob', 'h2', [1], { opId: 'op_1' }))), ['taken 1']);
  await settle(event, release('ann', 'h1'));
  t.same(say(await grow(event, hold('bob', 'h2', [1], { opId: 'op_1' }))), ['held h2 1']);
});

t.test('opIds belong to their holder', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1], { opId: 'op_1' }));
  t.same(say(await grow(event, hold('bob', 'h2', [2], { opId: 'op_1' }))), ['held h2 2']);
});

t.test(
  'the answers of one holder are not the record of another, whatever characters an account name has',
  async (t) => {
    const event = await newEvent();
    const names = [
      'account:bob',
      'account:bob#0',
      'account:bob#1',
      'account:bob:1',
      'account:bob|1',
      'account:bob\\n1',
    ];
    for (const [i, name] of names.entries()) await grow(event, hold(name, `a${i}`, [i]));
    for (const [i, name] of names.entries()) await grow(event, hold(name, `b${i}`, [100 + i]));
    for (const [i, name] of names.entries()) {
      const holds = await store.holdsOf(event, name);
      t.same('stale' in holds ? holds : holds.map(({ id }) => id).sort(), [`a${i}`, `b${i}`], name);
    }
    await audit(world, event);
  },
);

t.test('opIds of any length that end alike are told apart', async (t) => {
  const event = await newEvent({ maxSeatsPerHolder: 20 });
  const ids = ['', 'a', 'aa', 'aaa', 'aaaa', 'aaaaa', 'x-aaaa', 'y-aaaa', '\0aaa', 'aaaa-aaaa'];
  for (const [i, opId] of ids.entries()) await grow(event, hold('ann', `h${i}`, [i], { opId }));
  for (const [i, opId] of ids.entries()) {
    t.same(say(await grow(event, hold('ann', 'h99', [99], { opId }))), [`held h${i} ${i}`], JSON.stringify(opId));
  }
});

t.test('the last 32 answers are kept, in constant space', async (t) => {
  const event = await newEvent();
  for (let i = 0; i < 80; i++) {
    await grow(event, hold('ann', `h${i}`, [i], { opId: `op_${i}` }));
    await settle(event, release('ann', `h${i}`, undefined, `op_r${i}`));
  }
  t.same(say(await grow(event, hold('ann', 'h99', [99], { opId: 'op_64' }))), ['held h64 64'], 'the 32nd last');
  t.same(
    say(await grow(event, hold('ann', 'h99', [99], { opId: 'op_63' }))),
    ['held h99 99'],
    'the 34th last: forgotten',
  );
  t.equal(await raw.hlen(eventKeys(event).holders), 33);
});

t.test('a hold that is forgotten as an answer is still known by its id', async (t) => {
  const event = await newEvent({ maxSeatsPerHolder: 50 });
  await grow(event, hold('ann', 'h0', [0], { opId: 'op_0' }));
  for (let i = 1; i < 40; i++) await grow(event, hold('ann', `h${i}`, [i]));
  const { seq, ...reply } = await grow(event, hold('ann', 'h0', [0], { opId: 'op_0' }));
  t.same(say({ seq, ...reply }), ['held h0 0']);
  t.equal(seq, 40);
});

t.test('answers survive a rebuild', async (t) => {
  const event = await newEvent();
  const first = await grow(event, hold('ann', 'h1', [1], { opId: 'op_1' }));
  await store.rebuild(event, {
    ...{ generation: 1_000, seats: 260, seated: 260, areas: [], sold: [], blocked: [], claims: [] },
    rules,
  });
  const again = await grow(event, hold('ann', 'h2', [2], { opId: 'op_1' }));
  t.same(again.outcomes, first.outcomes);
  t.equal(again.epoch, 1_000);
});
