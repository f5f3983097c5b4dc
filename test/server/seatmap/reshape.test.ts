import t from 'tap';
import { Fault } from '../../../server/core/faults.js';
import { silentLog } from '../../../server/core/log.js';
import { createReshape } from '../../../server/seatmap/reshape.js';
import { insertBlock, insertBooking, insertEvent } from './event.js';
import { claim, hold, startWorld } from './world.js';

const world = await startWorld();
t.teardown(() => world.end());
const { engine, store } = await world.engine();
const elsewhere = await world.engine();
const reshape = createReshape({ db: world.db, store, engine, log: silentLog });

t.test('everything that is taken is told, and it is as it was afterwards', async (t) => {
  const event = await insertEvent(world.db);
  await insertBlock(world.db, event, [30]);
  const expiresAt = new Date('2099-01-01');
  await insertBooking(world.db, event, { seats: [1, 2], holder: 'ada', holdId: 'sold', expiresAt, sold: true });
  await insertBooking(world.db, event, { seats: [5], holder: 'ada', holdId: 'paying', expiresAt, sold: false });
  const held = hold(event, 'bob', 10, 11);
  await engine.apply(event, held);
  const unwritten = hold(event, 'eve', 20);
  await engine.apply(event, unwritten);
  // Claimed in Redis, but the booking is not in Postgres yet.
  await engine.apply(event, claim(unwritten, 'bkg_unwritten'));
  const before = await engine.snapshot(event);

  const told = await reshape(event, async (_tx, taken) => [...taken].sort((a, b) => a - b));
  t.strictSame(told, [1, 2, 5, 10, 11, 20, 30]);
  const after = await engine.snapshot(event);
  t.ok(after.epoch > before.epoch, 'a new epoch, so every viewer resyncs');
  t.strictSame(after.status, before.status);
  t.strictSame((await engine.hold(event, held.holdId))?.seats, [10, 11], 'the hold is still there');
  t.equal((await engine.hold(event, unwritten.holdId))?.phase, 'paying');
});

t.test('while it changes nothing can be held, not on another worker either', async (t) => {
  const event = await insertEvent(world.db);
  await engine.snapshot(event);
  let settled = false;
  const { meanwhile } = await reshape(event, async (_tx, taken) => {
    t.strictSame(taken, []);
    t.match(await store.grow(event, [hold(event, 'ada', 1)]), { stale: true });
    const meanwhile = elsewhere.engine.apply(event, hold(event, 'bob', 2)).finally(() => {
      settled = true;
    });
    await elsewhere.store.position(event);
    t.notOk(settled, 'it waits for the lock');
    return { meanwhile };
  });
  t.match(await meanwhile, { outcome: { ok: true } }, 'and is done on the new map');
});

t.test('a change that fails changes nothing', async (t) => {
  const event = await insertEvent(world.db);
  const held = hold(event, 'bob', 7);
  await engine.apply(event, held);
  await t.rejects(
    reshape(event, async (tx) => {
      await tx.query("update events set title = 'Antigone' where id = $1", [event]);
      throw new Fault('seatsDiffer');
    }),
    { code: 'seatsDiffer' },
  );
  t.strictSame(await world.db.one('select title from events where id = $1', [event]), { title: 'Medea' });
  t.strictSame((await engine.hold(event, held.holdId))?.seats, [7]);
  t.match(await engine.apply(event, hold(event, 'ada', 8)), { outcome: { ok: true } });
});

t.test('broken off after the event was made stale, it comes back by itself', async (t) => {
  const event = await insertEvent(world.db);
  const held = hold(event, 'bob', 7);
  await engine.apply(event, held);
  const dying = createReshape({
    db: world.db,
    store,
    engine: {
      snapshot: async () => {
        throw new Error('this process is gone');
      },
    },
    log: silentLog,
  });
  await dying(event, async () => {});
  t.match(await store.position(event), { stale: true });
  t.strictSame((await elsewhere.engine.hold(event, held.holdId))?.seats, [7]);
});

t.test('there is no such event', async (t) => {
  await t.rejects(
    reshape('evt_nothing', async () => {}),
    { code: 'notFound' },
  );
});
