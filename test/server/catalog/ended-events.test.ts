import t from 'tap';
import { createEndedEventsSweep } from '../../../server/catalog/ended-events.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { readAudit } from '../../../server/db/audit.js';
import { createRules } from '../../../server/seatmap/rules.js';
import { insertBooking, insertEvent } from '../seatmap/event.js';
import { hold, startWorld } from '../seatmap/world.js';

/** Events whose time has passed end by themselves, and nothing else does. */
const world = await startWorld();
t.teardown(world.end);
const { db } = world;
const { engine } = await world.engine();
const sweep = () =>
  createEndedEventsSweep({
    db,
    rules: createRules({ db, engine, log: silentLog }),
    clock: systemClock,
    log: silentLog,
    everyMs: 20,
  });

/** An event that began so many hours ago; its sale closed so many hours ago, or has no end. */
async function began(hoursAgo: number, { closed, status }: { closed?: number; status?: string } = {}): Promise<string> {
  const ago = (hours: number) => new Date(systemClock.now() - hours * 3_600_000);
  const id = await insertEvent(db, {
    ...(status === undefined ? {} : { status }),
    ...(closed === undefined ? {} : { closesAt: ago(closed) }),
  });
  await db.query('update events set starts_at = $2 where id = $1', [id, ago(hoursAgo)]);
  return id;
}

const statusOf = async (id: string) =>
  (await db.one<{ status: string }>('select status from events where id = $1', [id]))?.status;

async function isPast(id: string): Promise<void> {
  while ((await statusOf(id)) !== 'past') await systemClock.sleep(20);
}

t.test('over is over; everything else stays what it is', async (t) => {
  const over = {
    'on sale, begun yesterday': await began(24),
    paused: await began(24, { status: 'paused' }),
    'announced and never put on sale': await began(24, { status: 'announced' }),
    'its sale closed long ago': await began(24, { closed: 20 }),
  };
  const others: [name: string, id: string, status: string][] = [
    ['begun this evening', await began(3), 'onSale'],
    ['begun days ago, and sold until now', await began(72, { closed: 1 }), 'onSale'],
    ['to come, though its sale is over', await began(-24, { closed: 24 }), 'onSale'],
    ['a draft', await began(24, { status: 'draft' }), 'draft'],
    ['cancelled', await began(24, { status: 'cancelled' }), 'cancelled'],
  ];
  const paid = await began(24);
  const expiresAt = new Date(systemClock.now() + 60_000);
  const booking = await insertBooking(db, paid, { seats: [1], holder: 'ada', holdId: 'hld', expiresAt, sold: false });
  const late = await engine.apply(over['on sale, begun yesterday'], hold(over['on sale, begun yesterday'], 'ben', 7));
  t.ok(late.outcome.ok, 'it sells until it is ended');

  const role = sweep();
  await role.start();
  t.teardown(() => role.stop());
  for (const [name, id] of Object.entries(over)) {
    await isPast(id);
    t.pass(name);
  }
  for (const [name, id, status] of others) t.equal(await statusOf(id), status, name);
  t.equal(await statusOf(paid), 'onSale', 'somebody is paying');
  await db.query("update bookings set status = 'confirmed' where id = $1", [booking]);
  await isPast(paid);
  t.pass('ended when the payment is decided');

  const event = over['on sale, begun yesterday'];
  let answer = await engine.apply(event, hold(event, 'cleo', 8));
  while (answer.outcome.ok) answer = await engine.apply(event, hold(event, 'cleo', 8));
  t.match(answer.outcome, { ok: false, reason: 'closed' }, 'the seat engine knows');
});

t.test('an end by the server is in the audit, once, whoever else sweeps', async (t) => {
  const ids = await Promise.all(Array.from({ length: 10 }, () => began(24)));
  const roles = [sweep(), sweep(), sweep()];
  for (const role of roles) await role.start();
  for (const id of ids) await isPast(id);
  await Promise.all(roles.map((role) => role.stop()));
  for (const id of ids) {
    const rows = await readAudit(db, { event: id, limit: 10, before: undefined });
    t.match(rows, [{ staff: null, action: 'event.end', detail: { before: 'onSale' } }]);
    t.equal(rows.length, 1);
    t.match(await db.one('select version, settled_version from events where id = $1', [id]), {
      version: 2,
      settled_version: 2,
    });
  }
});
