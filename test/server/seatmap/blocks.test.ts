import t from 'tap';
import { getStatus, Status } from '../../../protocol/status.js';
import { systemClock } from '../../../server/core/clock.js';
import { unavailable } from '../../../server/core/faults.js';
import { silentLog } from '../../../server/core/log.js';
import { newId } from '../../../server/core/random.js';
import { type Blocks, createBlocks } from '../../../server/seatmap/blocks.js';
import { createRules } from '../../../server/seatmap/rules.js';
import { createSettling } from '../../../server/seatmap/settling.js';
import { insertEvent } from './event.js';
import { hold, startWorld } from './world.js';

/** Blocks are in Postgres and in the engine, or in neither, whatever dies in between. */
const world = await startWorld();
t.teardown(world.end);
const { db } = world;
const { engine } = await world.engine();
const blocks = createBlocks({ db, engine });
const [staff, other] = [await addStaff('Ada'), await addStaff('Ben')];

async function addStaff(name: string): Promise<string> {
  const id = newId('stf');
  await db.query("insert into staff (id, name, role, token_hash) values ($1, $2, 'operator', $3)", [
    id,
    name,
    Buffer.from(id),
  ]);
  return id;
}

async function statuses(event: string, seats: readonly number[]): Promise<Status[]> {
  const { status } = await engine.snapshot(event);
  return seats.map((seat) => getStatus(status, seat));
}

function place(on: Blocks, event: string, seats: readonly number[], releaseAt?: number) {
  return on.place({ event, staff, seats, reason: 'house', releaseAt });
}

async function audited(event: string): Promise<string[]> {
  const rows = await db.query<{ action: string }>('select action from audit where event_id = $1 order by id', [event]);
  return rows.map(({ action }) => action);
}

const { available, blocked, held } = Status;

t.test('a block is placed, listed, ended in part and as a whole', async (t) => {
  const event = await insertEvent(db);
  const placed = await place(blocks, event, [3, 4, 5]);
  if (!placed.ok) throw new Error('refused');
  t.same(await statuses(event, [2, 3, 4, 5]), [available, blocked, blocked, blocked]);
  const [block] = await blocks.list(event, { limit: 10, after: undefined });
  t.match(block, { id: placed.id, reason: 'house', staff: { name: 'Ada' }, settled: true, seats: [3, 4, 5] });
  t.equal((await blocks.on(event, 4))?.id, placed.id);
  t.equal(await blocks.on(event, 6), undefined);

  t.same(await blocks.end(event, [4, 6], other), [4], 'a seat that is not blocked is left alone');
  t.same(await blocks.seatsOf(event, placed.id), [3, 5]);
  t.same(await statuses(event, [3, 4, 5]), [blocked, available, blocked]);
  t.same(await blocks.end(event, [3, 5], other), [3, 5]);
  t.same(await blocks.end(event, [3, 5], other), [], 'again: nothing to do');
  t.same(await blocks.list(event, { limit: 10, after: undefined }), []);
  t.same(await statuses(event, [3, 4, 5]), [available, available, available]);
  t.same(await audited(event), ['block.place', 'block.end', 'block.end']);
  t.same(await blocks.unsettledEvents(), []);
});

t.test('all or none: with a held or blocked seat nothing is written', async (t) => {
  const event = await insertEvent(db);
  await engine.apply(event, hold(event, 'account:eve', 7));
  t.same(await place(blocks, event, [6, 7, 8]), { ok: false, reason: 'taken', seats: [7] });
  t.same(await statuses(event, [6, 7, 8]), [available, held, available]);
  t.same(await db.query('select from blocks where event_id = $1', [event]), []);
  t.same(await audited(event), [], 'and no audit row');
  await place(blocks, event, [1]);
  t.same(await place(blocks, event, [1, 2]), { ok: false, reason: 'taken', seats: [1] });
  t.same(await place(blocks, event, [5_000]), { ok: false, reason: 'unknownSeat', seats: [5_000] });
});

t.test('two at once on the same seats: one', async (t) => {
  const event = await insertEvent(db);
  const outcomes = await Promise.all([1, 2, 3, 4].map((seat) => place(blocks, event, [seat, 9])));
  t.equal(outcomes.filter(({ ok }) => ok).length, 1);
  t.equal((await blocks.list(event, { limit: 10, after: undefined })).length, 1);
});

t.test('ended and placed again by others, in any order: the engine is as Postgres', async (t) => {
  const event = await insertEvent(db);
  await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      i % 2 ? blocks.end(event, [20, 21], other) : place(blocks, event, [20 + (i % 4) / 2]),
    ),
  );
  const rows = await db.query<{ seat: number }>('select seat from blocks where event_id = $1 and ended_at is null', [
    event,
  ]);
  const inPostgres = [20, 21].map((seat) => (rows.some((row) => row.seat === seat) ? blocked : available));
  t.same(await statuses(event, [20, 21]), inPostgres);
});

t.test('Redis away in between: the settling role finishes what was begun', async (t) => {
  const event = await insertEvent(db);
  let away = false;
  const flaky = createBlocks({
    db,
    engine: { apply: (id, operation) => (away ? Promise.reject(unavailable('away')) : engine.apply(id, operation)) },
  });
  const rules = createRules({ db, engine, log: silentLog });
  away = true;
  await t.rejects(place(flaky, event, [30, 31]), { code: 'unavailable' });
  t.match(await blocks.list(event, { limit: 1, after: undefined }), [{ settled: false, seats: [30, 31] }]);
  t.same(await statuses(event, [30]), [blocked], 'a rebuild already goes by Postgres');
  t.same(await audited(event), [], 'not done yet');
  const role = createSettling({ rules, blocks: flaky, clock: systemClock, log: silentLog });
  await role.start();
  t.teardown(() => role.stop());
  away = false;
  await until(async () => (await blocks.unsettledEvents()).length === 0);
  t.same(await statuses(event, [30, 31]), [blocked, blocked]);
  t.same(await audited(event), ['block.place']);

  away = true;
  await t.rejects(flaky.end(event, [30], other), { code: 'unavailable' });
  t.same(await statuses(event, [30]), [blocked]);
  away = false;
  await until(async () => (await blocks.unsettledEvents()).length === 0);
  t.same(await statuses(event, [30, 31]), [available, blocked]);
});

t.test('a block that was left behind is withdrawn when a seat of it has been held since', async (t) => {
  const event = await insertEvent(db);
  await engine.snapshot(event);
  const dead = createBlocks({ db, engine: { apply: () => Promise.reject(unavailable('away')) } });
  await t.rejects(place(dead, event, [40, 41]));
  await engine.apply(event, hold(event, 'account:eve', 41));
  await blocks.settle(event);
  t.same(await blocks.list(event, { limit: 1, after: undefined }), []);
  t.same(await statuses(event, [40, 41]), [available, held]);
});

t.test('a block ends by itself when its time has come', async (t) => {
  const event = await insertEvent(db);
  await place(blocks, event, [50], systemClock.now() + 60_000);
  await place(blocks, event, [51], systemClock.now() - 1);
  t.same(await blocks.unsettledEvents(), [event]);
  await blocks.settle(event);
  t.same(await statuses(event, [50, 51]), [blocked, available]);
  t.same(await blocks.unsettledEvents(), []);
});

t.test('rules that could not be told are told by the settling role', async (t) => {
  const event = await insertEvent(db);
  const dead = createRules({ db, engine: { refreshRules: () => Promise.reject(unavailable('away')) }, log: silentLog });
  const rules = createRules({ db, engine, log: silentLog });
  await engine.snapshot(event);
  await db.query("update events set status = 'paused', version = version + 1 where id = $1", [event]);
  t.equal(await dead.settle(event), false);
  t.same(await rules.unsettledEvents(), [event]);
  t.match(await engine.snapshot(event), { rules: { paused: false } });
  const role = createSettling({ rules, blocks, clock: systemClock, log: silentLog });
  await role.start();
  t.teardown(() => role.stop());
  await until(async () => (await rules.unsettledEvents()).length === 0);
  t.match(await engine.snapshot(event), { rules: { paused: true } });
});

async function until(met: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await met()); tries++) {
    if (tries === 200) throw new Error('it never happened');
    await systemClock.sleep(25);
  }
}
