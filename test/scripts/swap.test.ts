import t from 'tap';
import { eventKeys } from '../../server/redis/keys.js';
import { claim, configure, hold, release, swap } from './operations.js';
import { audit, createWorld, live, say } from './world.js';

/** Every outcome of a swap, on real Redis. */

const world = await createWorld();
t.teardown(() => world.close());
const { newEvent, grow, settle, store, advance } = world;

t.test('seats go and others come; lapse, cap and prices stay', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1, 2, 3]));
  const before = await store.hold(event, 'h1');
  await advance(event, 60_000);
  await settle(event, configure({ priceVersion: 9 }));
  t.same(say(await grow(event, swap('ann', 'h1', [2], [7, 8]))), ['held h1 1 3 7 8']);
  t.same({ ...(await store.hold(event, 'h1')), seats: [] }, { ...before, seats: [] });
  t.same(say(await grow(event, hold('bob', 'h2', [2]), hold('bob', 'h3', [7]))), ['held h2 2', 'taken 7']);
  await audit(world, event);
});

t.test('all of a hold may be exchanged, for the first alternative that is free', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1, 2]), hold('bob', 'h2', [5]));
  t.same(
    say(
      await grow(
        event,
        swap(
          'ann',
          'h1',
          [1, 2],
          [
            [5, 6],
            [7, 8],
            [9, 10],
          ],
        ),
      ),
    ),
    ['held h1 7 8'],
  );
  await audit(world, event);
});

t.test('refused, and nothing has changed', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1, 2]), hold('bob', 'h2', [5]), hold('ann', 'h3', [20]));
  await settle(event, claim('ann', 'h3', 'bkg1'));
  const refusals = await grow(
    event,
    swap('ann', 'h1', [1], [5]),
    swap('ann', 'h1', [1], [2]),
    swap('ann', 'h1', [1, 9], [30]),
    swap('ann', 'h1', [1], [30, 31, 32, 33, 34]),
    swap('ann', 'h1', [1], [999]),
    swap('bob', 'h1', [1], [30]),
    swap('ann', 'none', [1], [30]),
    swap('ann', 'h3', [20], [30]),
  );
  const reasons = ['taken 5', 'taken 2', 'notHeld 9', 'limit', 'unknownSeat 999', 'gone', 'gone', 'gone'];
  t.same(say(refusals), reasons);
  t.equal(refusals.seq, 2, 'no position was used up');
  t.same((await store.hold(event, 'h1'))?.seats, [1, 2]);
  await settle(event, configure({ paused: true }));
  t.same(say(await grow(event, swap('ann', 'h1', [1], [30]))), ['paused']);
  await audit(world, event);
});

t.test('at the limit a swap of like numbers is allowed', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1, 2, 3, 4, 5, 6]));
  t.same(say(await grow(event, swap('ann', 'h1', [1, 2], [7, 8]))), ['held h1 3 4 5 6 7 8']);
  t.same(say(await grow(event, swap('ann', 'h1', [3], [9, 10]))), ['limit']);
});

t.test('sent again it gets its first answer, also when its seats have gone on', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1, 2]));
  const first = swap('ann', 'h1', [1], [7], 'op_swap_1');
  t.same(say(await grow(event, first)), ['held h1 2 7']);
  await settle(event, release('ann', 'h1', [2]));
  t.same(say(await grow(event, first)), ['held h1 2 7']);
  t.same((await store.hold(event, 'h1'))?.seats, [7]);
});

t.test('a lapsed hold cannot be swapped', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1]));
  await advance(event, 600_000);
  t.same(say(await grow(event, swap('ann', 'h1', [1], [2]))), ['gone']);
});

t.test('the journal, the diff and the holder are told what went and what came', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1, 200]));
  const { diffs, upTo, stop } = await world.listen(event);
  t.teardown(stop);
  const { seq } = live(await store.grow(event, [swap('ann', 'h1', [1, 200], [3, 240])]));
  await upTo(seq);
  const [diff] = diffs;
  t.same(
    diff?.changes.map(({ index, status }) => [index, status]),
    [
      [1, 0],
      [200, 0],
      [3, 1],
      [240, 1],
    ],
  );
  t.same(diff?.holds, [{ holder: 'ann', holdId: 'h1', change: 'swapped' }]);
  const { rows } = await store.readJournal(event, 10);
  t.same(
    rows.slice(2).map(({ kind, seat, status, holdId }) => [kind, seat, status, holdId]),
    [
      ['swap', 1, 0, 'h1'],
      ['swap', 200, 0, 'h1'],
      ['swap', 3, 1, 'h1'],
      ['swap', 240, 1, 'h1'],
    ],
  );
  t.equal(await world.raw.hget(eventKeys(event).seats, '3'), 'h1');
  await audit(world, event);
});
