import t from 'tap';
import { wantRefund } from '../../../server/booking/refunds.js';
import { readStaffBooking } from '../../../server/booking/staff-views.js';
import { moveEvent } from '../../../server/catalog/event-edits.js';
import {
  book,
  buyer,
  eventually,
  hire,
  hold,
  pay,
  reaches,
  seatReaches,
  session,
  stallsPrice,
  startWorld,
} from './world.js';

/** A hold that was paid for elsewhere becomes tickets, once, and never beside a payment by card. */
const world = await startWorld();
t.teardown(() => world.end());
const { db, bookings, sandbox, event } = world;
const staffId = await hire(world);
const repairing = world.reconciler();
await repairing.start();
t.teardown(() => repairing.stop());

const cash = { method: 'cash', amount: 5_000, reference: 'R 17', soldBy: { key: 'key_till' }, buyer } as const;

t.test('sold: tickets at once, what was taken is noted, nobody is asked for money', async (t) => {
  const who = session('ada');
  const holdId = await hold(world, who, 0, 1);
  const sold = await bookings.sell({ ...cash, holdId });
  t.match(sold, { ok: true, booking: { status: 'confirmed', payment: undefined, amount: 2 * stallsPrice } });
  const id = sold.ok ? sold.booking.id : '';
  t.equal(sold.ok && sold.booking.tickets.length, 2);
  for (const seat of [0, 1]) await seatReaches(world, seat, 2);
  t.match(await bookings.get(who, id), { status: 'confirmed' }, 'it is the buyer’s');
  t.match(await readStaffBooking(db, id), {
    payment: null,
    outside: { method: 'cash', amount: 5_000, reference: 'R 17', soldBy: 'key_till' },
  });
  t.equal((await db.query("select from audit where action = 'booking.sell' and event_id = $1", [event])).length, 1);
  t.match(await bookings.sell({ ...cash, holdId }), { ok: true, booking: { id } }, 'sold again, it is the same sale');
  t.equal(sandbox.intents().length, 0);
});

t.test('the same sale many times at once, in two processes: one booking', async (t) => {
  const holdId = await hold(world, session('ben'), 2);
  const other = world.another();
  const sales = await Promise.all(
    [0, 1, 2, 3, 4, 5].map((at) => (at % 2 ? bookings : other).sell({ ...cash, holdId })),
  );
  const ids = new Set(sales.flatMap((sale) => (sale.ok ? [sale.booking.id] : [])));
  t.equal(ids.size, 1);
  t.ok(sales.every((sale) => sale.ok || sale.reason === 'paying'));
  t.equal((await db.query('select from tickets where event_id = $1 and seat = 2', [event])).length, 1);
  await other.idle();
});

t.test('while the buyer pays by card it is refused; what does not exist, too', async (t) => {
  const who = session('cleo');
  const begun = await book(world, who, 3);
  t.match(await bookings.sell({ ...cash, holdId: begun.holdId }), { ok: false, reason: 'paying' });
  await pay(world, begun);
  await reaches(world, who, begun.id, 'confirmed');
  t.match(await bookings.sell({ ...cash, holdId: begun.holdId }), { ok: false });
  t.match(await bookings.sell({ ...cash, holdId: 'hld_none' }), { ok: false, reason: 'gone' });
  const gone = await hold(world, who, 4);
  const types = new Map([[4, 'none']]);
  t.match(await bookings.sell({ ...cash, holdId: gone, ticketTypes: types }), { reason: 'unknownTicketType' });
});

t.test('a refund ends the tickets and sends nothing: what was taken elsewhere is given back there', async (t) => {
  const sold = await bookings.sell({ ...cash, holdId: await hold(world, session('dora'), 5) });
  const bookingId = sold.ok ? sold.booking.id : '';
  const wish = { bookingId, tickets: undefined, reason: 'ill', staffId };
  t.match(await db.transaction((tx) => wantRefund(tx, wish)), { ok: true, amount: stallsPrice });
  bookings.proceed(bookingId);
  await seatReaches(world, 5, 0);
  t.match(await readStaffBooking(db, bookingId), { status: 'refunded', refunds: [{ status: 'done' }] });
  t.equal(sandbox.log().calls.filter(({ path }) => path.includes('refunds')).length, 0);
});

/** What others do in the moment between the booking and its sale. */
async function meanwhile<T>(statement: string, run: () => Promise<T>): Promise<T> {
  await db.query(
    `create function meanwhile() returns trigger language plpgsql as $$ begin ${statement}; return new; end $$`,
  );
  await db.query(`create constraint trigger meanwhile after insert on bookings deferrable initially deferred
    for each row execute function meanwhile()`);
  try {
    return await run();
  } finally {
    await db.query('drop trigger meanwhile on bookings');
    await db.query('drop function meanwhile');
  }
}

const takenFor = async (holdId: string) => {
  const sql = 'select from outside_payments o join bookings b on b.id = o.booking_id where b.hold_id = $1';
  return (await db.query(sql, [holdId])).length;
};

t.test('what others decide between the booking and its sale: nothing says that money was taken', async (t) => {
  const called = await hold(world, session('fay'), 7);
  const calledOff = "update events set status = 'cancelled' where id = new.event_id";
  const sold = await meanwhile(calledOff, () => bookings.sell({ ...cash, holdId: called }));
  t.match(sold, { ok: false, reason: 'closed' });
  t.match(await bookings.sell({ ...cash, holdId: called }), { ok: false }, 'and none when it is asked for again');
  t.equal(await takenFor(called), 0);
  await db.query("update events set status = 'onSale' where id = $1", [event]);

  const paid = await hold(world, session('gus'), 8);
  const byCard = `update bookings set status = 'confirmed', settled = true where id = new.id;
    update claims set active = false where booking_id = new.id`;
  const other = await meanwhile(byCard, () => bookings.sell({ ...cash, holdId: paid }));
  t.match(other, { ok: false, reason: 'paying' }, 'a booking that was confirmed otherwise is not this sale');
  t.equal(await takenFor(paid), 0);
});

t.test('an event that is called off in that moment: no sale, and the seats are free', async (t) => {
  const holdId = await hold(world, session('eva'), 6);
  await db.transaction((tx) => moveEvent(tx, event, 'cancel'));
  t.match(await bookings.sell({ ...cash, holdId }), { ok: false, reason: 'closed' });
  await eventually(
    'nothing is left of it',
    async () => (await db.query('select from claims where active')).length === 0,
  );
});
