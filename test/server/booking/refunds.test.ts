import t from 'tap';
import { wantRefund } from '../../../server/booking/refunds.js';
import {
  atStripe,
  bought,
  eventually,
  hire,
  hold,
  ledgerIsRight,
  reaches,
  seatReaches,
  seatStatus,
  session,
  stallsPrice,
  startWorld,
} from './world.js';

/** Money back: by staff and by the provider's dashboard, whole and in parts, whatever goes wrong on the way. */

const world = await startWorld();
t.teardown(() => world.end());
const { db, bookings, sandbox } = world;
const staffId = await hire(world);
const repairing = world.reconciler();
await repairing.start();
t.teardown(() => repairing.stop());

async function refund(bookingId: string, tickets?: readonly string[]) {
  const outcome = await db.transaction((tx) => wantRefund(tx, { bookingId, tickets, reason: 'ill', staffId }));
  bookings.proceed(bookingId);
  return outcome;
}

function atDashboard(intent: string, fields: Record<string, string> = {}): Promise<object> {
  return atStripe(world, 'POST', 'refunds', { payment_intent: intent, ...fields });
}

function refundsOf(bookingId: string) {
  return db.query<{ amount: number; status: string; staff_id: string | null }>(
    'select amount, status, staff_id from refunds where booking_id = $1 order by created_at',
    [bookingId],
  );
}

function isDone(bookingId: string, count: number) {
  return eventually(`${count} refunds of ${bookingId}`, async () => {
    const rows = await refundsOf(bookingId);
    return rows.length === count && rows.every(({ status }) => status === 'done');
  });
}

t.test('a whole booking: its tickets end, its seats are free, its money is back, once', async (t) => {
  const { who, id } = await bought(world, 'ada', 0, 1);
  t.match(await refund(id), { ok: true, amount: 2 * stallsPrice });
  t.match(await bookings.get(who, id), { status: 'refunded', tickets: [] });
  await isDone(id, 1);
  for (const seat of [0, 1]) await seatReaches(world, seat, 0);
  t.match(await refund(id), { ok: false, reason: 'notRefundable' });
  t.match(await refund('bkg_none').catch((error: unknown) => error), { code: 'notFound' });
  await ledgerIsRight(t, world);
});

t.test('ticket by ticket: the others stay valid, parts add up', async (t) => {
  const { who, id, tickets } = await bought(world, 'ben', 2, 3, 4);
  const [first, second, third] = tickets.map((ticket) => ticket.id);
  t.match(await refund(id, [first ?? '']), { ok: true, amount: stallsPrice });
  await seatReaches(world, 2, 0);
  t.match(await bookings.get(who, id), { status: 'confirmed', tickets: [{ id: second }, { id: third }] });
  t.equal(await seatStatus(world, 3), 2);
  t.match(await refund(id, [first ?? '']), { ok: false, reason: 'notRefundable' }, 'a ticket ends once');
  t.match(await refund(id, [second ?? '', 'tkt_other']), { ok: false, reason: 'notRefundable' });
  await refund(id, [third ?? '', second ?? '']);
  await isDone(id, 2);
  t.match(await bookings.get(who, id), { status: 'refunded', tickets: [] });
  await ledgerIsRight(t, world);
});

t.test('two members of staff at once: every ticket is paid back once', async (t) => {
  const { id, tickets } = await bought(world, 'cleo', 5, 6);
  const ids = tickets.map((ticket) => ticket.id);
  const outcomes = await Promise.all([refund(id), refund(id, ids), refund(id, ids.slice(0, 1)), refund(id)]);
  t.ok(outcomes.some(({ ok }) => ok));
  await eventually('all are settled', async () => (await refundsOf(id)).every(({ status }) => status === 'done'));
  await ledgerIsRight(t, world);
});

t.test('at the dashboard: all of it, or the tickets that its metadata name', async (t) => {
  const whole = await bought(world, 'dora', 7, 8);
  await atDashboard(whole.intent);
  await reaches(world, whole.who, whole.id, 'refunded');
  for (const seat of [7, 8]) await seatReaches(world, seat, 0);
  t.match(await refundsOf(whole.id), [{ amount: 2 * stallsPrice, status: 'done', staff_id: null }]);

  const part = await bought(world, 'dick', 9, 10);
  const [kept, gone] = part.tickets;
  await atDashboard(part.intent, { amount: String(stallsPrice), 'metadata[tickets]': gone?.id ?? '' });
  await seatReaches(world, 10, 0);
  t.match(await bookings.get(part.who, part.id), { status: 'confirmed', tickets: [{ id: kept?.id }] });
  await ledgerIsRight(t, world);
});

t.test('at the dashboard a part of nobody knows what: counted, and left to a person', async (t) => {
  const { who, id, intent } = await bought(world, 'eve', 11, 12);
  await atDashboard(intent, { amount: '1000' });
  await isDone(id, 1);
  t.equal((await bookings.get(who, id))?.tickets.length, 2, 'no ticket is taken by guess');
  const [event] = await db.query("select note from webhook_inbox where status = 'review' and type = 'refund.created'");
  t.match(event, { note: 'a refund that does not say of which tickets' });
  const row = await db.one('select refunded from payments where booking_id = $1', [id]);
  t.match(row, { refunded: 1_000 });
  await atDashboard(intent, { amount: String(2 * stallsPrice - 1_000) });
  await isDone(id, 2);
  await db.query('update tickets set live = false where booking_id = $1', [id]);
  await db.query("update bookings set status = 'refunded', settled = true where id = $1", [id]);
});

t.test('a freed seat is sold again, and its old refund never frees it', async (t) => {
  const first = await bought(world, 'finn', 13);
  await refund(first.id);
  await seatReaches(world, 13, 0);
  const second = await bought(world, 'gus', 13);
  await db.query('update bookings set settled = false where id = $1', [first.id]);
  await eventually('told again', async () => {
    const row = await db.one<{ settled: boolean }>('select settled from bookings where id = $1', [first.id]);
    return row?.settled;
  });
  t.equal(await seatStatus(world, 13), 2);
  t.match(await bookings.get(second.who, second.id), { status: 'confirmed' });
  await ledgerIsRight(t, world);
});

t.test(
  'the provider answers with errors, or too late: the money is owed until it is back, and goes back once',
  async (t) => {
    for (const [name, seat, plan] of [
      ['hal', 14, { error500: 1 }],
      ['ida', 15, { timeoutAfterEffect: 1 }],
    ] as const) {
      const { id } = await bought(world, name, seat);
      await sandbox.configure(plan);
      await refund(id);
      await seatReaches(world, seat, 0);
      t.match(await refundsOf(id), [{ status: 'wanted' }], 'the seat is free, the money still owed');
      await sandbox.configure({ error500: 0, timeoutAfterEffect: 0 });
      await isDone(id, 1);
    }
    await ledgerIsRight(t, world);
  },
);

t.test('two processes send the same refund at once: it goes back once', async (t) => {
  const { id, tickets } = await bought(world, 'joy', 50, 51);
  const others = [world.another(), world.another()];
  await refund(id, [tickets[0]?.id ?? '']);
  for (const other of others) other.proceed(id);
  await Promise.all(others.map((other) => other.idle()));
  await isDone(id, 1);
  await ledgerIsRight(t, world);
});

t.test('events of refunds in any order and twice', async (t) => {
  const { id } = await bought(world, 'jon', 16, 17);
  await sandbox.configure({ webhooks: false });
  await refund(id);
  await isDone(id, 1);
  await sandbox.configure({ webhooks: true, duplicates: 1 });
  await sandbox.deliver();
  await sandbox.configure({ duplicates: 0 });
  await isDone(id, 1);
  await ledgerIsRight(t, world);
});

t.test('Redis dead during a refund: the seats are free after its return', async (t) => {
  const { id } = await bought(world, 'kim', 18);
  await world.redis.kill();
  await refund(id);
  await eventually('the tickets have ended', async () => (await refundsOf(id)).length === 1);
  await world.redis.start();
  await eventually('Redis is back', () =>
    seatStatus(world, 18).then(
      () => true,
      () => false,
    ),
  );
  await seatReaches(world, 18, 0);
  await isDone(id, 1);
  t.ok(await hold(world, session('lou'), 18), 'and can be had');
  await ledgerIsRight(t, world);
});
