import t from 'tap';
import { getStatus } from '../../../protocol/status.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { newId } from '../../../server/core/random.js';
import { createArchive } from '../../../server/seatmap/archive.js';
import { createJournalDrain } from '../../../server/seatmap/journal.js';
import { insertBooking, insertEvent } from './event.js';
import { claim, hold, startWorld } from './world.js';

/** Events that are over leave Redis, and nothing is lost by that. */
const world = await startWorld();
t.teardown(world.end);
const { db, raw } = world;
const { engine, store } = await world.engine();
const common = { store, db, clock: systemClock, log: silentLog };

/** The role at work until `condition` holds, or for some runs when there is none. */
async function archiveUntil(condition?: () => Promise<boolean>): Promise<void> {
  const role = createArchive({ ...common, engine, everyMs: 10 });
  await role.start();
  for (let run = 0; run < (condition ? 500 : 10) && !(await condition?.()); run++) await systemClock.sleep(20);
  await role.stop();
}

async function drain(event: string): Promise<void> {
  const role = createJournalDrain({ ...common, openEvents: async () => [event] });
  await role.start();
  while ((await store.readJournal(event, 1)).upTo !== undefined) await systemClock.sleep(10);
  await role.stop();
}

const keysOf = async (event: string) => (await raw.keys(`{e:${event}}:*`)).length;
const isGone = (event: string) => async () => (await keysOf(event)) === 0;

/** One seat sold, one released again, as two days ago. */
async function eventThatWas(holdTtlMs = 600_000): Promise<string> {
  const event = await insertEvent(db, { holdTtlMs, holdCapMs: holdTtlMs });
  const [sold, released] = [hold(event, 'ada', 7), hold(event, 'ben', 8)];
  for (const operation of [sold, released]) await engine.apply(event, operation);
  const expiresAt = new Date(systemClock.now() + 60_000);
  const booking = { seats: [7], holder: 'ada', holdId: sold.holdId, expiresAt, sold: true };
  const bookingId = await insertBooking(db, event, booking);
  await db.query('update bookings set settled = true where id = $1', [bookingId]);
  await engine.apply(event, claim(sold, bookingId));
  const { holdId } = sold;
  await engine.apply(event, { kind: 'sell', opId: newId('op'), bookingId, holdId, seats: [7] });
  const by = { holder: 'ben' };
  await engine.apply(event, { kind: 'release', opId: newId('op'), by, holdId: released.holdId, seats: undefined });
  await age(event);
  return event;
}

const end = (event: string) => db.query("update events set status = 'past' where id = $1", [event]);
const age = (event: string) =>
  db.query("update generations set started_at = started_at - interval '2 days' where event_id = $1", [event]);

t.test('an event that is over leaves Redis when its journal is in Postgres', async (t) => {
  const [event, onSale] = [await eventThatWas(), await eventThatWas()];
  await end(event);
  await archiveUntil();
  t.ok((await keysOf(event)) > 0, 'its journal is still to be drained');
  await drain(event);
  await drain(onSale);
  await archiveUntil(isGone(event));
  t.ok((await keysOf(onSale)) > 0, 'what is on sale stays');
  const { count } = (await db.one<{ count: number }>(
    'select count(*)::integer as count from journal where event_id = $1',
    [event],
  )) ?? { count: 0 };
  t.ok(count >= 4, 'what happened is told');
});

t.test('whoever looks at it later brings it back as it was; a day later it goes again', async (t) => {
  const event = await eventThatWas();
  await end(event);
  await drain(event);
  await archiveUntil(isGone(event));
  const { status } = await engine.snapshot(event);
  t.same([getStatus(status, 7), getStatus(status, 8)], [2, 0]);
  await archiveUntil();
  t.ok((await keysOf(event)) > 0, 'not while somebody may still be looking');
  await age(event);
  await archiveUntil(isGone(event));
});

t.test('not while a hold is there; one that has lapsed is ended first', async (t) => {
  const event = await eventThatWas(400);
  await drain(event);
  await engine.apply(event, hold(event, 'eve', 9));
  await end(event);
  await drain(event);
  await archiveUntil();
  t.ok((await keysOf(event)) > 0);
  await systemClock.sleep(400);
  await archiveUntil();
  await drain(event);
  await archiveUntil(isGone(event));
  const last = await db.one('select kind from journal where event_id = $1 order by epoch desc, seq desc limit 1', [
    event,
  ]);
  t.same(last, { kind: 'expire' });
});

t.test('not while somebody pays, and not before Redis has been told of all that Postgres knows', async (t) => {
  const event = await eventThatWas();
  await end(event);
  await drain(event);
  for (const sold of [false, true]) {
    const expiresAt = new Date(systemClock.now() + 60_000);
    const id = await insertBooking(db, event, { seats: [20], holder: 'kim', holdId: 'hld', expiresAt, sold });
    await archiveUntil();
    t.ok((await keysOf(event)) > 0, sold ? 'sold, but not settled' : 'in progress');
    await db.query("update bookings set status = 'cancelled', settled = true where id = $1", [id]);
    await db.query('update claims set active = false where booking_id = $1', [id]);
  }
  await archiveUntil(isGone(event));
});
