import t from 'tap';
import { getStatus, Status } from '../../../protocol/status.js';
import { systemClock } from '../../../server/core/clock.js';
import { newId } from '../../../server/core/random.js';
import type { SeatEngine } from '../../../server/seatmap/engine.js';
import type { SeatStore } from '../../../server/seatmap/operations.js';
import { insertBlock, insertBooking, insertEvent } from './event.js';
import { claim, hold, startWorld } from './world.js';

const world = await startWorld();
t.teardown(() => world.end());

const generations = async (event: string) =>
  (await world.db.query('select number from generations where event_id = $1', [event])).length;

/** Seats 1, 2 sold, 3 blocked, 10 and 11 being paid for, 20 held by bob: all as in a running sale. */
async function runningSale(engine: SeatEngine) {
  const event = await insertEvent(world.db);
  const expiresAt = new Date(systemClock.now() + 300_000);
  await insertBooking(world.db, event, { seats: [1, 2], holder: 'eve', holdId: 'hld_e', expiresAt, sold: true });
  await insertBlock(world.db, event, [3]);
  const paying = hold(event, 'ada', 10, 11);
  await engine.apply(event, paying);
  const bookingId = await insertBooking(world.db, event, {
    seats: [10, 11],
    holder: 'ada',
    holdId: paying.holdId,
    expiresAt,
    sold: false,
  });
  await engine.apply(event, claim(paying, bookingId));
  const held = hold(event, 'bob', 20);
  await engine.apply(event, held);
  return { event, paying, bookingId, held, epoch: (await engine.snapshot(event)).epoch };
}

const statuses = (packed: Uint8Array) => [1, 2, 3, 10, 11, 20].map((seat) => getStatus(packed, seat));
const { available, held: isHeld, sold, blocked } = Status;

t.test('after FLUSHALL: sold, blocked and claimed seats come back from Postgres under a new epoch', async (t) => {
  const { engine } = await world.engine();
  const { event, paying, bookingId, epoch } = await runningSale(engine);
  await world.raw.flushall();
  const snapshot = await engine.snapshot(event);
  t.ok(snapshot.epoch > epoch);
  t.same(statuses(snapshot.status), [sold, sold, blocked, isHeld, isHeld, available]);
  t.match(await engine.hold(event, paying.holdId), { phase: 'paying', holder: 'ada', seats: [10, 11], bookingId });
  t.equal(await engine.hold(event, 'hld_gone'), undefined);
});

t.test('after FLUSHALL the first question may be for one hold, or the holds of one buyer', async (t) => {
  const { engine } = await world.engine();
  const { event, paying } = await runningSale(engine);
  await world.raw.flushall();
  t.match(await engine.hold(event, paying.holdId), { phase: 'paying' });
  await world.raw.flushall();
  t.match(await engine.holdsOf(event, 'ada'), [{ id: paying.holdId }]);
});

t.test('after the loss of meta alone: holds that survived are kept', async (t) => {
  const { engine } = await world.engine();
  const { event, held, epoch } = await runningSale(engine);
  await world.raw.del(`{e:${event}}:meta`);
  const { outcome } = await engine.apply(event, hold(event, 'carl', 30));
  t.ok(outcome.ok, 'the call that found it lost is done after the recovery');
  const snapshot = await engine.snapshot(event);
  t.ok(snapshot.epoch > epoch);
  t.same(statuses(snapshot.status), [sold, sold, blocked, isHeld, isHeld, isHeld]);
  t.match(await engine.hold(event, held.holdId), { holder: 'bob', seats: [20], phase: 'held' });
});

t.test('after SIGKILL and restart on the same data: a new epoch, sold, claims and holds as before', async (t) => {
  const { engine } = await world.engine();
  const { event, paying, bookingId, held, epoch } = await runningSale(engine);
  await systemClock.sleep(1_050); // appendfsync everysec
  await world.redis.kill();
  await t.rejects(engine.apply(event, hold(event, 'carl', 30)), { code: 'unavailable' });
  await world.redis.start();
  const snapshot = await eventually(() => engine.snapshot(event));
  t.ok(snapshot.epoch > epoch);
  t.same(statuses(snapshot.status), [sold, sold, blocked, isHeld, isHeld, isHeld]);
  t.match(await engine.hold(event, held.holdId), { holder: 'bob', seats: [20] });
  t.match(await engine.hold(event, paying.holdId), { phase: 'paying', bookingId });
});

t.test('a sale that Redis never heard of takes the seat from a hold that survived', async (t) => {
  const { engine } = await world.engine();
  const { event, held } = await runningSale(engine);
  const expiresAt = new Date(systemClock.now() + 300_000);
  await insertBooking(world.db, event, { seats: [20], holder: 'eve', holdId: 'hld_f', expiresAt, sold: true });
  await world.raw.del(`{e:${event}}:meta`);
  const { status } = await engine.snapshot(event);
  t.equal(getStatus(status, 20), sold);
  t.equal(await engine.hold(event, held.holdId), undefined);
});

t.test('engines that find the event lost at the same time make one generation', async (t) => {
  const engines = await Promise.all([world.engine(), world.engine(), world.engine()]);
  const event = await insertEvent(world.db);
  const applied = await Promise.all(
    engines.flatMap(({ engine }, i) => [
      engine.apply(event, hold(event, `holder ${i}`, i)),
      engine.snapshot(event),
      engine.holdsOf(event, 'nobody'),
    ]),
  );
  t.equal(applied.length, 9);
  t.equal(await generations(event), 1);
});

/** An engine whose rebuilds wait until `finish` is called. */
async function slowEngine() {
  let finish = () => {};
  const mayEnd = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const around = (store: SeatStore): SeatStore => ({
    ...store,
    async rebuild(event, input) {
      await mayEnd;
      return store.rebuild(event, input);
    },
  });
  return { finish, ...(await world.engine({ around })) };
}

t.test('while an event is being recovered others are told to come back', async (t) => {
  const { engine, finish } = await slowEngine();
  const event = await insertEvent(world.db);
  const first = engine.apply(event, hold(event, 'ada', 1));
  await systemClock.sleep(100);
  await t.rejects(engine.apply(event, hold(event, 'bob', 2)), { code: 'unavailable', retryAfterMs: 1_000 });
  const snapshot = engine.snapshot(event);
  finish();
  t.ok((await first).outcome.ok);
  t.equal((await snapshot).status.length, 306, 'a reader waits for it');
  t.ok((await engine.apply(event, hold(event, 'bob', 2))).outcome.ok);
});

t.test('many recoveries at once leave database connections to others', async (t) => {
  const { engine, finish } = await slowEngine();
  const events = await Promise.all(Array.from({ length: 30 }, () => insertEvent(world.db)));
  const recoveries = Promise.all(events.map((event) => engine.snapshot(event)));
  await systemClock.sleep(100);
  t.same(await world.db.query('select 1 as one'), [{ one: 1 }]);
  finish();
  t.equal(new Set((await recoveries).map(({ epoch }) => epoch)).size, 30);
});

t.test('a claim on a hold that was lost is told that it is gone', async (t) => {
  const { engine } = await world.engine();
  const event = await insertEvent(world.db);
  const held = hold(event, 'ada', 1);
  await engine.apply(event, held);
  await world.raw.flushall();
  t.match((await engine.apply(event, claim(held, newId('bkg')))).outcome, { ok: false, reason: 'gone' });
});

async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 100) throw error;
      await systemClock.sleep(50);
    }
  }
}
