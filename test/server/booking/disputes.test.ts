import t from 'tap';
import { wantRefund } from '../../../server/booking/refunds.js';
import { readStaffBooking } from '../../../server/booking/staff-views.js';
import {
  book,
  decideDispute,
  disputeAbout,
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
} from './world.js';

/** A buyer's bank wants the money back: tickets are frozen, and end when the money is lost. */
const world = await startWorld();
t.teardown(() => world.end());
const { db, bookings, sandbox } = world;
const staffId = await hire(world);
const disputedCard = '4000000000000259';

async function disputed(name: string, ...seats: readonly number[]) {
  const who = session(name);
  const begun = await book(world, who, ...seats);
  await pay(world, begun, disputedCard);
  const booking = await eventually('the dispute is known', async () => {
    const found = await bookings.get(who, begun.id);
    return found?.disputed && found;
  });
  const { id: disputeId } = await disputeAbout(world, intentIdOf(begun));
  return { who, booking, disputeId };
}

const refund = (bookingId: string) =>
  db.transaction((tx) => wantRefund(tx, { bookingId, tickets: undefined, reason: 'asked', staffId }));

t.test('lost: the tickets end, the seats are free, and the money counts as given back', async (t) => {
  const { who, booking, disputeId } = await disputed('ada', 0, 1);
  t.equal(booking.status, 'confirmed');
  for (const seat of [0, 1]) await seatReaches(world, seat, 2);
  t.match(await refund(booking.id), { ok: false, reason: 'disputed' }, 'nobody is paid twice');
  t.match(await readStaffBooking(db, booking.id), {
    disputed: true,
    disputes: [{ id: disputeId, amount: 2 * stallsPrice, status: 'open', reason: 'fraudulent' }],
  });
  await decideDispute(world, disputeId, 'losing');
  t.match(await reaches(world, who, booking.id, 'refunded'), {
    disputed: false,
    tickets: [],
    refunded: 2 * stallsPrice,
  });
  for (const seat of [0, 1]) await seatReaches(world, seat, 0);
  t.match(await readStaffBooking(db, booking.id), {
    disputed: false,
    disputes: [{ status: 'lost' }],
    refunds: [{ id: disputeId, amount: 2 * stallsPrice, status: 'done', reason: 'dispute lost', staff: null }],
  });
  await ledgerIsRight(t, world);
});

t.test('won: the tickets are valid again, and can be refunded', async (t) => {
  const { who, booking, disputeId } = await disputed('ben', 2);
  await decideDispute(world, disputeId, 'winning');
  await eventually('the tickets are valid', async () => (await bookings.get(who, booking.id))?.disputed === false);
  t.equal((await bookings.get(who, booking.id))?.tickets.length, 1);
  t.match(await refund(booking.id), { ok: true, amount: stallsPrice });
  bookings.proceed(booking.id);
  await seatReaches(world, 2, 0);
  await ledgerIsRight(t, world);
});

t.test('what cannot be used waits for a person', async (t) => {
  const { booking } = await disputed('cleo', 4, 5);
  const notes = async () =>
    (await db.query<{ note: string }>("select note from webhook_inbox where status = 'review' order by note")).map(
      ({ note }) => note,
    );
  const dispute = { object: 'dispute', amount: stallsPrice, reason: 'general', status: 'lost' };
  sandbox.emit('charge.dispute.closed', { ...dispute, id: 'dp_strange', payment_intent: 'pi_strange' });
  const [payment] = await db.query<{ intent_id: string }>('select intent_id from payments where booking_id = $1', [
    booking.id,
  ]);
  sandbox.emit('charge.dispute.closed', { ...dispute, id: 'dp_part', payment_intent: payment?.intent_id });
  sandbox.emit('charge.dispute.created', { object: 'dispute', id: 'dp_broken' });
  const expected = [
    'a dispute about a payment that was not made here',
    'a refund that does not say of which tickets',
    'it carries no dispute',
  ];
  await eventually('all are kept', async () => (await notes()).join() === expected.join());
  t.same(await notes(), expected);
});
