import t from 'tap';
import {
  createEventRefunds,
  endOpenPayments,
  readEventRefund,
  wantEventRefund,
} from '../../../server/booking/event-refunds.js';
import { wantRefund } from '../../../server/booking/refunds.js';
import { moveEvent } from '../../../server/catalog/event-edits.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import {
  book,
  bought,
  eventually,
  hire,
  intentIdOf,
  ledgerIsRight,
  pay,
  reaches,
  seatReaches,
  session,
  stallsPrice,
  startWorld,
  type World,
} from './world.js';

/** An event is called off or put off: every cent goes back, once, and nobody can begin to pay meanwhile. */

async function startHouse() {
  const world = await startWorld();
  const staffId = await hire(world);
  const repairing = world.reconciler();
  await repairing.start();
  t.teardown(async () => {
    await repairing.stop();
    await world.end();
  });
  return { ...world, staffId };
}

type House = Awaited<ReturnType<typeof startHouse>>;

const roleOf = ({ db }: World) =>
  createEventRefunds({ db, clock: systemClock, log: silentLog, everyMs: 20, latestBookingMs: 500 });

/** As the admin API does it. */
function callOff({ db, event, staffId }: House, cause: 'cancelled' | 'postponed'): Promise<void> {
  return db.transaction(async (tx) => {
    if (cause === 'cancelled') await moveEvent(tx, event, 'cancel');
    await endOpenPayments(tx, event);
    await wantEventRefund(tx, { event, cause, reason: 'storm', staffId });
  });
}

const finished = ({ db, event }: World) =>
  eventually('the refund is finished', async () => {
    const refund = await readEventRefund(db, event);
    return refund?.finishedAt ? refund : undefined;
  });

t.test(
  'called off: tickets end, money goes back, payments under way are ended, in two processes at once',
  async (t) => {
    const world = await startHouse();
    const { db, bookings, event, staffId } = world;
    for (let at = 0; at < 8; at++) await bought(world, `buyer${at}`, 2 * at, 2 * at + 1);
    const partly = await bought(world, 'partly', 30, 31);
    const [one] = partly.tickets;
    const wish = { bookingId: partly.id, tickets: [one?.id ?? ''], reason: 'ill', staffId };
    await db.transaction((tx) => wantRefund(tx, wish));
    const waiting = await book(world, session('waiting'), 40);

    await callOff(world, 'cancelled');
    t.match(await readEventRefund(db, event), { bookings: { open: 1, waiting: 9, refunded: 0 }, money: { owed: 0 } });
    const first = roleOf(world);
    await first.start();
    await first.stop();
    const roles = [roleOf(world), roleOf(world)];
    await Promise.all(roles.map((role) => role.start()));
    t.teardown(() => Promise.all(roles.map((role) => role.stop())));
    await reaches(world, session('waiting'), waiting.id, 'expired');
    t.not((await pay(world, waiting)).body.status, 'requires_capture', 'nobody can pay any more');

    const money = { owed: 0, returned: 17 * stallsPrice, failed: 0 };
    t.match(await finished(world), { bookings: { open: 0, waiting: 0, refunded: 9 }, money });
    t.match(await bookings.get(partly.who, partly.id), { status: 'refunded', tickets: [] });
    for (const seat of [0, 15, 30, 31, 40]) await seatReaches(world, seat, 0);
    const audit = await db.query("select from audit where action = 'booking.refund' and event_id = $1", [event]);
    t.equal(audit.length, 9, 'each is in the audit, once');
    await ledgerIsRight(t, world);
  },
);

t.test('whoever pays in the moment in which it is called off gets the money back', async (t) => {
  const world = await startHouse();
  const { db, event, sandbox } = world;
  const who = session('late');
  const begun = await book(world, who, 5);
  // The buyer is at the bank already: no time has run out, and the event is gone.
  await db.transaction((tx) => moveEvent(tx, event, 'cancel'));
  t.equal((await pay(world, begun)).body.status, 'requires_capture');
  await reaches(world, who, begun.id, 'failed');
  await eventually('the authorisation is given up', async () => {
    const row = await db.one<{ status: string }>('select status from payments where booking_id = $1', [begun.id]);
    return row?.status === 'returned';
  });
  t.equal(sandbox.log().money.captured.eur ?? 0, 0, `nothing was taken for ${intentIdOf(begun)}`);
  await seatReaches(world, 5, 0);
});

t.test('put off: bookings made before are refunded, later ones stay', async (t) => {
  const world = await startHouse();
  const before = await bought(world, 'before', 7);
  await callOff(world, 'postponed');
  const role = roleOf(world);
  await role.start();
  t.teardown(() => role.stop());
  await reaches(world, before.who, before.id, 'refunded');
  await seatReaches(world, 7, 0);
  const after = await bought(world, 'after', 7);
  t.match(await finished(world), { cause: 'postponed', bookings: { refunded: 1 }, money: { returned: stallsPrice } });
  t.match(await world.bookings.get(after.who, after.id), { status: 'confirmed' });
  await ledgerIsRight(t, world);
});
