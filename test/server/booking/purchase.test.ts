import t from 'tap';
import { verifyTicket } from '../../../server/booking/tickets.js';
import { newHoldId } from '../../../server/seatmap/hold-id.js';
import {
  book,
  buyer,
  hold,
  intentIdOf,
  pay,
  reaches,
  seatReaches,
  seatStatus,
  session,
  stallsPrice,
  startWorld,
} from './world.js';

const world = await startWorld();
t.teardown(() => world.end());
const { bookings, sandbox, db, event } = world;

t.test('hold, book, pay: confirmed, sold, tickets that verify', async (t) => {
  const ada = session('ada');
  const booking = await book(world, ada, 0, 1, 100);
  t.match(booking, { status: 'inProgress', amount: 2 * stallsPrice + 2_500, currency: 'eur', tickets: [] });
  t.same(booking.seats, ['S-A-1', 'S-A-2', 'B-A-1']);
  t.match(booking.payment, { publishableKey: 'pk_test_world', apiBase: '/sandbox', sandbox: true });
  const paid = await pay(world, booking);
  t.equal(paid.body.status, 'requires_capture');
  const confirmed = await reaches(world, ada, booking.id, 'confirmed');
  t.equal(confirmed.payment, undefined);
  t.same(
    confirmed.tickets.map(({ seat, category, amount }) => [seat, category, amount]),
    [
      ['S-A-1', 'stalls', 6_000],
      ['S-A-2', 'stalls', 6_000],
      ['B-A-1', 'balcony', 2_500],
    ],
  );
  await seatReaches(world, 0, 2);
  for (const ticket of confirmed.tickets) {
    t.same(verifyTicket(ticket.qr, bookings.ticketKeys()), { ticket: ticket.id, event, seat: ticket.seat });
  }
  t.same(sandbox.log().money, { captured: { eur: booking.amount }, refunded: {} });
  t.equal(await bookings.get(session('eve'), booking.id), undefined, 'nobody else sees it');
  t.same(await bookings.cancel(ada, booking.id), { ok: false, reason: 'notCancellable' });
});

t.test('seats and buyer in one call: all of the seats or none', async (t) => {
  const created = await bookings.create(session('ben'), { eventId: event, seats: [10, 11], opId: 'bens', buyer });
  t.ok(created.ok && created.booking.payment);
  t.equal(await seatStatus(world, 10), 1);
  const repeated = await bookings.create(session('ben'), { eventId: event, seats: [10, 11], opId: 'bens', buyer });
  t.same(repeated, created, 'the same intent again is the same booking');
  const again = await bookings.create(session('cleo'), { eventId: event, seats: [11, 12], opId: 'cleos', buyer });
  t.match(again, { ok: false, reason: 'taken' });
  t.equal(await seatStatus(world, 12), 0);
});

t.test('a hold that is gone, or is somebody else’s, is refused as gone', async (t) => {
  const theirs = await hold(world, session('dora'), 20);
  const request = (holdId: string) => bookings.create(session('eve'), { holdId, buyer });
  t.match(await request(theirs), { ok: false, reason: 'gone' });
  t.match(await request(newHoldId(event)), { ok: false, reason: 'gone' });
  t.match(await request('hld_nonsense'), { ok: false, reason: 'gone' });
  t.match(await bookings.create(session('dora'), { holdId: theirs, buyer }), { ok: true });
});

t.test('two requests for one hold, at once or later, are one booking with one payment', async (t) => {
  const flo = session('flo');
  const holdId = await hold(world, flo, 30, 31);
  const request = () => bookings.create(flo, { holdId, buyer });
  const answers = await Promise.all([request(), request(), request()]);
  const ids = new Set(answers.map((answer) => (answer.ok ? answer.booking.id : answer.reason)));
  t.equal(ids.size, 1);
  t.ok(
    answers.every((answer) => answer.ok && answer.booking.payment?.clientSecret),
    'each can be paid',
  );
  const later = await request();
  t.ok(later.ok && ids.has(later.booking.id) && later.booking.payment?.clientSecret);
  const intents = sandbox.intents().filter(({ metadata }) => ids.has(metadata.bookingId ?? ''));
  t.equal(intents.length, 1);
});

t.test('a process died between claim and booking: the buyer who asks again goes on, nobody else does', async (t) => {
  const gia = session('gia');
  const holdId = await hold(world, gia, 32);
  const claim = { kind: 'claim', opId: 'dies', holder: gia.holder, holdId, bookingId: 'bkg_orphan' } as const;
  await world.engine.apply(event, claim);
  t.match(await bookings.create(session('eve'), { holdId, buyer }), { ok: false, reason: 'gone' });
  const created = await bookings.create(gia, { holdId, buyer });
  t.match(created, { ok: true, booking: { id: 'bkg_orphan', status: 'inProgress' } });
  if (created.ok) await pay(world, created.booking);
  await reaches(world, gia, 'bkg_orphan', 'confirmed');
});

t.test('a declined card leaves the booking open for another one', async (t) => {
  const gus = session('gus');
  const booking = await book(world, gus, 40);
  const declined = await pay(world, booking, '4000000000000002');
  t.equal(declined.status, 402);
  t.match(declined.body.error, { code: 'card_declined' });
  t.match(await bookings.get(gus, booking.id), { status: 'inProgress' });
  t.equal((await pay(world, booking)).status, 200);
  t.equal((await reaches(world, gus, booking.id, 'confirmed')).tickets.length, 1);
});

t.test('3-D Secure: refused, then approved on the page of the bank', async (t) => {
  const hal = session('hal');
  const booking = await book(world, hal, 41);
  const answer = async (choice: string) => {
    const { body } = await pay(world, booking, '4000002500003155');
    t.equal(body.status, 'requires_action');
    const url = new URL(body.next_action?.redirect_to_url.url ?? '', sandbox.url);
    t.match(await (await fetch(url)).text(), /No real money moves[\s\S]*€60\.00/);
    const form = new URLSearchParams({ client_secret: url.searchParams.get('client_secret') ?? '', answer: choice });
    const reply = await fetch(url, { method: 'POST', body: form, redirect: 'manual' });
    return reply.headers.get('location') ?? '';
  };
  t.match(await answer('deny'), /^http:\/\/shop\.example\/thanks\?.*redirect_status=failed/);
  t.match(await bookings.get(hal, booking.id), { status: 'inProgress' });
  t.match(await answer('approve'), /redirect_status=succeeded/);
  await reaches(world, hal, booking.id, 'confirmed');
});

t.test('a slow card is waited for, and cannot be cancelled meanwhile', async (t) => {
  const ida = session('ida');
  const booking = await book(world, ida, 42);
  t.equal((await pay(world, booking, '4000000000006009')).body.status, 'processing');
  t.same(await bookings.cancel(ida, booking.id), { ok: false, reason: 'notCancellable' });
  t.equal(await seatStatus(world, 42), 1);
  await reaches(world, ida, booking.id, 'confirmed');
});

t.test('the buyer cancels: the intent first, then the seats', async (t) => {
  const jan = session('jan');
  const booking = await book(world, jan, 43);
  t.equal(await bookings.cancel(session('eve'), booking.id), undefined);
  t.match(await bookings.cancel(jan, booking.id), { ok: true, booking: { status: 'cancelled', tickets: [] } });
  const intent = sandbox.intents().find(({ id }) => id === intentIdOf(booking));
  t.match(intent, { status: 'canceled', cancellation_reason: 'requested_by_customer' });
  t.equal(await seatStatus(world, 43), 0);
  t.match(await bookings.cancel(jan, booking.id), { ok: true }, 'again is the same');
  t.equal((await pay(world, booking)).status, 400, 'nobody can pay for it any more');
  t.match(await bookings.create(jan, { holdId: booking.holdId, buyer }), { ok: false, reason: 'gone' });
});

t.test('the bank takes its authorisation back at capture: failed, released, no money', async (t) => {
  const kai = session('kai');
  const booking = await book(world, kai, 44);
  await pay(world, booking, '4000000000007007');
  await reaches(world, kai, booking.id, 'failed');
  await seatReaches(world, 44, 0);
  t.match(
    sandbox.intents().find(({ id }) => id === intentIdOf(booking)),
    { status: 'canceled', amount_received: 0 },
  );
});

t.test('seats that cost nothing are confirmed without a payment', async (t) => {
  const lea = session('lea');
  const holdId = await hold(world, lea, 45);
  await db.query("update prices set amount = 0 where event_id = $1 and category = 'stalls'", [event]);
  const created = await bookings.create(lea, { holdId, buyer });
  await db.query("update prices set amount = $2 where event_id = $1 and category = 'stalls'", [event, stallsPrice]);
  t.match(created, { ok: true, booking: { status: 'confirmed', amount: 0, payment: undefined } });
  await seatReaches(world, 45, 2);
  t.notOk(sandbox.intents().some(({ metadata }) => created.ok && metadata.bookingId === created.booking.id));
});

t.test('Postgres has the last word: a seat that is sold there cannot be booked, whatever Redis says', async (t) => {
  const mia = session('mia');
  const booking = await book(world, mia, 46);
  await pay(world, booking);
  await reaches(world, mia, booking.id, 'confirmed');
  await seatReaches(world, 46, 2);
  // Redis forgets the sale.
  await world.engine.apply(event, { kind: 'unsell', opId: 'forgets', bookingId: booking.id, seats: [46] });
  const ned = session('ned');
  const holdId = await hold(world, ned, 46);
  t.match(await bookings.create(ned, { holdId, buyer }), { ok: false, reason: 'taken', seats: [46] });
  t.equal(await seatStatus(world, 46), 0, 'and the claim is given back');
});

t.test('a process that has not made the payment shows the same booking', async (t) => {
  const oda = session('oda');
  const booking = await book(world, oda, 47);
  t.same(await world.another().get(oda, booking.id), booking);
});

t.test('a hold of an event that has been cancelled becomes no booking', async (t) => {
  const ada = session('ada');
  const holdId = await hold(world, ada, 190);
  const status = (to: string) => db.query('update events set status = $2 where id = $1', [world.event, to]);
  await status('cancelled');
  t.match(await bookings.create(ada, { holdId, buyer }), { ok: false, reason: 'closed' });
  t.same(await db.query('select from bookings where hold_id = $1', [holdId]), []);
  await status('onSale');
});
