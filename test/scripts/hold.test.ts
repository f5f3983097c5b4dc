import t from 'tap';
import { eventKeys } from '../../server/redis/keys.js';
import { configure, hold, release } from './operations.js';
import { audit, createWorld, rules, say } from './world.js';

const world = await createWorld();
t.teardown(() => world.close());
const { newEvent, grow, settle, store, advance, raw } = world;
const far = 4_000_000_000_000;

t.test('takes all of the seats, and says until when', async (t) => {
  const event = await newEvent();
  const reply = await grow(event, hold('ann', 'h1', [3, 4, 200]));
  t.match(reply, { stale: false, seq: 1, nextDue: reply.now + rules.holdTtlMs });
  t.match(reply.outcomes, [
    {
      ok: true,
      hold: {
        id: 'h1',
        holder: 'ann',
        seats: [3, 4, 200],
        phase: 'held',
        expiresAt: reply.now + rules.holdTtlMs,
        capAt: reply.now + rules.holdCapMs,
        priceVersion: 7,
        bookingId: undefined,
      },
    },
  ]);
  const statuses = await audit(world, event);
  t.same([statuses[3], statuses[4], statuses[5], statuses[200]], [1, 1, 0, 1]);
});

t.test('takes the first candidate that is wholly free, all or nothing', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [10]));
  const two = {
    candidates: [
      [9, 10],
      [10, 11],
      [11, 12],
      [20, 21],
    ],
  };
  t.same(say(await grow(event, hold('bob', 'h2', [], two))), ['held h2 11 12']);
  const statuses = await audit(world, event);
  t.same(statuses.slice(9, 13), [0, 1, 1, 1]);
});

t.test('refused taken names the seats in the way of the last candidate', async (t) => {
  const event = await newEvent({}, { sold: [30], blocked: [31] });
  await grow(event, hold('ann', 'h1', [32]));
  t.same(say(await grow(event, hold('bob', 'h2', [29, 30, 31, 32]))), ['taken 30 31 32']);
  t.same(say(await grow(event, hold('bob', 'h2', [], { candidates: [[30], [29, 32]] }))), ['taken 32']);
  t.same(say(await grow(event, hold('ann', 'h3', [32]))), ['taken 32'], 'also when it is one’s own');
  t.equal((await audit(world, event))[29], 0);
});

t.test('operations of one call see each other, in order', async (t) => {
  const event = await newEvent();
  const reply = await grow(event, hold('ann', 'h1', [1, 2]), hold('bob', 'h2', [2, 3]), hold('cat', 'h3', [3]));
  t.same(say(reply), ['held h1 1 2', 'taken 2', 'held h3 3']);
  t.equal(reply.seq, 1, 'one position a call');
  await audit(world, event);
});

t.test('a call in which nothing changes has no position of its own', async (t) => {
  const event = await newEvent({}, { sold: [1] });
  t.equal((await grow(event, hold('ann', 'h1', [1]))).seq, 0);
  t.equal(await raw.xlen(eventKeys(event).journal), 0);
});

t.test('the sale window, by the time of Redis', async (t) => {
  const closed = await newEvent({ closesAt: 1 });
  t.same(say(await grow(closed, hold('ann', 'h1', [1]))), ['closed']);
  const notOpen = await newEvent({ opensAt: far });
  t.same(say(await grow(notOpen, hold('ann', 'h1', [1]))), ['notOpen']);
  await raw.hset(eventKeys(notOpen).meta, 'lastNow', far - 1);
  t.same(say(await grow(notOpen, hold('ann', 'h1', [1]))), ['notOpen'], 'a millisecond before');
  await raw.hset(eventKeys(notOpen).meta, 'lastNow', far);
  t.same(say(await grow(notOpen, hold('ann', 'h1', [1]))), ['held h1 1'], 'at the millisecond');
  await settle(notOpen, configure({ closesAt: far + 1 }));
  t.same(say(await grow(notOpen, hold('ann', 'h2', [2]))), ['held h2 2']);
  await raw.hset(eventKeys(notOpen).meta, 'lastNow', far + 1);
  t.same(say(await grow(notOpen, hold('ann', 'h3', [3]))), ['closed']);
});

t.test('paused', async (t) => {
  const event = await newEvent({ paused: true });
  t.same(say(await grow(event, hold('ann', 'h1', [1]))), ['paused']);
});

t.test('with the room on only the admitted, until their admission ends', async (t) => {
  const event = await newEvent({ roomOn: true });
  const { admitted } = eventKeys(event);
  t.same(say(await grow(event, hold('ann', 'h1', [1]))), ['notAdmitted']);
  await raw.hset(admitted, 'ann', far, 'bob', 1);
  t.same(say(await grow(event, hold('ann', 'h1', [1]), hold('bob', 'h2', [2]))), ['held h1 1', 'notAdmitted']);
  await raw.hset(eventKeys(event).meta, 'lastNow', far);
  t.same(say(await grow(event, hold('ann', 'h3', [3]))), ['notAdmitted'], 'it ends at its millisecond');
});

t.test('indexes that are not seats, or named twice, or none', async (t) => {
  const event = await newEvent();
  for (const seats of [[260], [-1], [1.5], [2 ** 31], [4, 4]]) {
    t.same(say(await grow(event, hold('ann', 'h1', [0, ...seats]))), [`unknownSeat ${seats.at(-1)}`]);
  }
  t.same(say(await grow(event, hold('ann', 'h1', []))), ['unknownSeat']);
  t.same(say(await grow(event, hold('ann', 'h1', [], { candidates: [] }))), ['unknownSeat']);
  t.same(say(await grow(event, hold('ann', 'h1', [], { candidates: [[1], [999]] }))), ['unknownSeat 999']);
  t.same(say(await grow(event, hold('ann', 'h1', [0, 259]))), ['held h1 0 259']);
  await audit(world, event);
});

t.test('the cap counts all seats of the holder in this event', async (t) => {
  const event = await newEvent();
  t.same(say(await grow(event, hold('ann', 'h1', [1, 2, 3]), hold('ann', 'h2', [4, 5, 6]))), [
    'held h1 1 2 3',
    'held h2 4 5 6',
  ]);
  t.same(say(await grow(event, hold('ann', 'h3', [7]))), ['limit']);
  t.same(say(await grow(event, hold('bob', 'h4', [7, 8, 9, 10, 11, 12, 13]))), ['limit']);
  await settle(event, release('ann', 'h1', [1]));
  t.same(say(await grow(event, hold('ann', 'h3', [7]))), ['held h3 7']);
  await audit(world, event);
});

t.test('a total that is too high after a loss refuses nobody', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1, 2, 3]), hold('ann', 'h2', [4, 5, 6]));
  await raw.hdel(eventKeys(event).holds, 'h1');
  t.same(say(await grow(event, hold('ann', 'h3', [7, 8, 9]))), ['held h3 7 8 9']);
  t.same(say(await grow(event, hold('ann', 'h4', [10]))), ['limit']);
  t.same(say(await grow(event, hold('bob', 'h5', [1]))), ['held h5 1'], 'and the seats without a hold are free');
});

t.test('joins a hold of the same holder: same lapse, cap and prices', async (t) => {
  const event = await newEvent();
  const first = await grow(event, hold('ann', 'h1', [1]));
  await advance(event, 1_000);
  await settle(event, configure({ priceVersion: 8 }));
  const joined = await grow(event, hold('ann', 'h2', [2], { joins: 'h1' }));
  t.same(say(joined), ['held h1 1 2']);
  const [before, after] = [first, joined].map(({ outcomes: [outcome] }) => (outcome?.ok ? outcome.hold : undefined));
  t.same({ ...after, seats: [1] }, before);
  t.same(await store.holdsOf(event, 'ann'), [after]);
  await audit(world, event);
});

t.test('joins nothing that is not there', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1]));
  t.same(say(await grow(event, hold('bob', 'h2', [2], { joins: 'h1' }))), ['gone'], 'another holder');
  t.same(say(await grow(event, hold('ann', 'h2', [2], { joins: 'h9' }))), ['gone']);
  t.same(say(await grow(event, hold('ann', 'h2', [1], { joins: 'h1' }))), ['taken 1']);
  t.same(say(await grow(event, hold('ann', 'h2', [2, 3, 4, 5, 6, 7], { joins: 'h1' }))), ['limit']);
  await advance(event, rules.holdTtlMs);
  t.same(say(await grow(event, hold('ann', 'h2', [2], { joins: 'h1' }))), ['gone'], 'lapsed');
  await audit(world, event);
});

t.test('an id that another holder has is not taken over', async (t) => {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1]));
  t.same(say(await grow(event, hold('bob', 'h1', [2]))), ['taken']);
  await audit(world, event);
});

t.test('holds in every part of a large map', async (t) => {
  const seats = 100_000;
  const event = await newEvent({ maxSeatsPerHolder: 64 }, { seats, seated: seats, areas: [] });
  const far = Array.from({ length: 64 }, (_, i) => (i * 7919 + 99_999) % seats);
  await grow(event, hold('ann', 'h1', far));
  const statuses = await audit(world, event);
  t.same(
    far.map((seat) => statuses[seat]),
    far.map(() => 1),
  );
});
