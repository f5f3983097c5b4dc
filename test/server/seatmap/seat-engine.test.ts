import t from 'tap';
import { getStatus, Status } from '../../../protocol/status.js';
import { unavailable } from '../../../server/core/faults.js';
import { newHoldId } from '../../../server/seatmap/hold-id.js';
import type { BatchReply, SeatStore } from '../../../server/seatmap/operations.js';
import { insertEvent } from './event.js';
import { hold, startWorld } from './world.js';

const world = await startWorld();
t.teardown(() => world.end());

t.test('the first call on an event brings it into Redis, then does what was asked', async (t) => {
  const { engine } = await world.engine();
  const event = await insertEvent(world.db);
  const { outcome, now } = await engine.apply(event, hold(event, 'ada', 7, 8));
  t.ok(outcome.ok && outcome.hold);
  if (!outcome.ok || !outcome.hold) return;
  t.match(outcome.hold, { holder: 'ada', seats: [7, 8], phase: 'held', expiresAt: now + 600_000, priceVersion: 1 });
  const { status } = await engine.snapshot(event);
  t.equal(getStatus(status, 7), Status.held);
  t.same(await engine.hold(event, outcome.hold.id), outcome.hold);
  t.same(await engine.holdsOf(event, 'ada'), [outcome.hold]);
  t.same(await engine.holdsOf(event, 'bob'), []);
});

t.test('an event that Postgres does not know is not found', async (t) => {
  const { engine } = await world.engine();
  await t.rejects(engine.apply('evt_none', hold('evt_none', 'ada', 1)), { code: 'notFound' });
  await t.rejects(engine.snapshot('evt_none'), { code: 'notFound' });
  await t.rejects(engine.holdsOf('evt_none', 'ada'), { code: 'notFound' });
  await t.rejects(engine.refreshRules('evt_none'), { code: 'notFound' });
});

t.test('1,000 holds at once travel in at most 20 calls, and each gets its own seat', async (t) => {
  const { engine } = await world.engine();
  const event = await insertEvent(world.db);
  await engine.snapshot(event);
  const before = await world.scriptCalls();
  const applied = await Promise.all(
    Array.from({ length: 1_000 }, (_, i) => engine.apply(event, hold(event, `holder ${i}`, i))),
  );
  const calls = (await world.scriptCalls()) - before;
  t.ok(applied.every(({ outcome }, i) => outcome.ok && outcome.hold?.seats[0] === i));
  t.ok(calls <= 20, `${calls} calls`);
});

t.test('a hold that cannot be had is refused without a call', async (t) => {
  const event = await insertEvent(world.db);
  const { engine } = await world.engine({
    live: () => ({
      confirmedAt: Number.POSITIVE_INFINITY,
      status: (index) => (index === 5 ? Status.sold : Status.available),
      expiresAt: () => undefined,
      mayBeHeldBy: () => false,
      redisNow: () => 42,
    }),
  });
  await engine.snapshot(event);
  const before = await world.scriptCalls();
  const refusal = { outcome: { ok: false, reason: 'taken', seats: [5] }, now: 42 } as const;
  t.same(await engine.apply(event, hold(event, 'ada', 4, 5)), refusal);
  t.equal(await world.scriptCalls(), before);
  t.ok((await engine.apply(event, hold(event, 'ada', 4))).outcome.ok);
  t.ok((await world.scriptCalls()) > before);
});

t.test('an answer that is lost: the caller is told so, and the same opId gets the first answer', async (t) => {
  let lose = true;
  const losing = (store: SeatStore): SeatStore => ({
    ...store,
    async grow(event, operations): Promise<BatchReply> {
      const reply = await store.grow(event, operations);
      if (!reply.stale && lose) throw unavailable('the connection broke');
      return reply;
    },
  });
  const { engine } = await world.engine({ around: losing });
  const event = await insertEvent(world.db);
  const asked = hold(event, 'ada', 1, 2);
  await t.rejects(engine.apply(event, asked), { code: 'unavailable' });
  lose = false;
  const { outcome } = await engine.apply(event, { ...asked, holdId: newHoldId(event) });
  t.ok(outcome.ok);
  const { outcome: second } = await engine.apply(event, asked);
  t.same(second, outcome);
  t.equal((await engine.holdsOf(event, 'ada')).length, 1);
});

t.test('new rules in Postgres become those of the engine', async (t) => {
  const { engine } = await world.engine();
  const event = await insertEvent(world.db);
  await engine.snapshot(event);
  await world.db.query("update events set status = 'paused' where id = $1", [event]);
  t.ok((await engine.apply(event, hold(event, 'ada', 1))).outcome.ok, 'not before they are refreshed');
  await engine.refreshRules(event);
  t.match((await engine.apply(event, hold(event, 'ada', 2))).outcome, { ok: false, reason: 'paused' });
  await world.db.query("update events set status = 'cancelled' where id = $1", [event]);
  await engine.refreshRules(event);
  t.match((await engine.apply(event, hold(event, 'ada', 2))).outcome, { ok: false, reason: 'closed' });
});

t.test('stop sends what waits and takes nothing new', async (t) => {
  const { engine } = await world.engine();
  const event = await insertEvent(world.db);
  await engine.snapshot(event);
  let answered = 0;
  const waiting = Array.from({ length: 200 }, async (_, i) => {
    const { outcome } = await engine.apply(event, hold(event, `holder ${i}`, i));
    answered++;
    return outcome;
  });
  const stopped = engine.stop();
  await t.rejects(engine.apply(event, hold(event, 'late', 1_000)), { code: 'unavailable' });
  await stopped;
  t.equal(answered, 200, 'all are answered before it ends');
  t.ok((await Promise.all(waiting)).every(({ ok }) => ok));
});
