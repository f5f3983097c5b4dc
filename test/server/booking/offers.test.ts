import { Redis } from 'ioredis';
import t from 'tap';
import type { BookingView } from '../../../server/booking/booking.js';
import type { Session } from '../../../server/identity/identity.js';
import {
  atStripe,
  book,
  bought,
  buyer,
  eventually,
  hold,
  intentIdOf,
  ledgerIsRight,
  pay,
  reaches,
  rowOf,
  seatReaches,
  seatStatus,
  session,
  stallsPrice,
  startWorld,
} from './world.js';

/** Money that comes when the seats are gone: others are offered, and the money is never both kept and lost. */
const world = await startWorld();
t.teardown(() => world.end());
const { bookings, db, event, sandbox } = world;
/** It goes on where nobody asks: the offers that run out. */
const reconciler = world.reconciler({ unsettledMs: 0 });

/** Ended as the reconciler ends it, but with the payment still possible: the buyer's bank was slow. */
async function endedLate(name: string, ...seats: readonly number[]): Promise<{ who: Session; booking: BookingView }> {
  const who = session(name);
  const booking = await book(world, who, ...seats);
  await db.query("update bookings set status = 'expired', settled = false where id = $1", [booking.id]);
  await db.query('update claims set active = false where booking_id = $1', [booking.id]);
  await eventually('released', async () => {
    bookings.proceed(booking.id);
    await bookings.idle();
    return (await rowOf(world, booking.id)).settled;
  });
  return { who, booking };
}

async function offerOf(who: Session, id: string): Promise<NonNullable<BookingView['offer']>> {
  return eventually('an offer', async () => (await bookings.get(who, id))?.offer);
}

async function returned(booking: BookingView): Promise<void> {
  await eventually('the money is back', async () => {
    const row = await db.one('select from payments where booking_id = $1 and status = $2', [booking.id, 'returned']);
    return row !== undefined && (await rowOf(world, booking.id)).settled;
  });
}

t.test('as many side by side in the same category; taken, they are the booking’s', async (t) => {
  const { who, booking } = await endedLate('ada', 60, 61);
  await bought(world, 'first', 60);
  await pay(world, booking);
  const offer = await offerOf(who, booking.id);
  t.equal(offer.seats.length, 2);
  t.ok(
    offer.seats.every((label) => label.startsWith('S-')),
    'in the stalls',
  );
  t.match(await bookings.get(who, booking.id), { status: 'expired', lateMoney: 'waiting', tickets: [] });
  t.equal(await bookings.answerOffer(session('thief'), booking.id, true), undefined, 'somebody else’s');

  const taken = await bookings.answerOffer(who, booking.id, true);
  t.ok(taken?.ok);
  const confirmed = await reaches(world, who, booking.id, 'confirmed');
  t.same(confirmed.tickets.map(({ seat }) => seat).sort(), [...offer.seats].sort());
  t.same(
    confirmed.tickets.map(({ amount }) => amount),
    [stallsPrice, stallsPrice],
  );
  t.equal(confirmed.lateMoney, undefined);
  t.match(await bookings.answerOffer(who, booking.id, true), { ok: false, reason: 'gone' }, 'said again');
  const letters = await db.query("select from deliveries where booking_id = $1 and kind = 'offer'", [booking.id]);
  t.equal(letters.length, 1);
  await ledgerIsRight(t, world);
});

t.test('declined: the money goes back, the seats are free', async (t) => {
  const { who, booking } = await endedLate('bo', 62, 63);
  await bought(world, 'second', 62);
  await pay(world, booking);
  await offerOf(who, booking.id);
  const row = await db.one<{ seats: number[] }>('select seats from offers where booking_id = $1', [booking.id]);
  const [seat = 0] = row?.seats ?? [];
  t.equal(await seatStatus(world, seat), 1, 'kept while the buyer thinks');
  t.ok((await bookings.answerOffer(who, booking.id, false))?.ok);
  await returned(booking);
  await seatReaches(world, seat, 0);
  t.match(await bookings.get(who, booking.id), { status: 'expired', lateMoney: 'returned', offer: undefined });
  t.match(await bookings.answerOffer(who, booking.id, true), { ok: false, reason: 'gone' });
  await ledgerIsRight(t, world);
});

t.test('no answer: when the time is over the money goes back; a yes in that moment is one or the other', async (t) => {
  await reconciler.start();
  for (let round = 0; round < 6; round++) {
    const { who, booking } = await endedLate(`cy-${round}`, 64, 65);
    const theirs = await hold(world, session(`other-${round}`), 64);
    await pay(world, booking);
    await offerOf(who, booking.id);
    await db.query('update offers set expires_at = now() + $2 * interval $$1 ms$$ where booking_id = $1', [
      booking.id,
      round * 3,
    ]);
    const answer = round === 0 ? undefined : await bookings.answerOffer(who, booking.id, true);
    if (answer?.ok) await reaches(world, who, booking.id, 'confirmed');
    else await returned(booking);
    await world.engine.apply(event, {
      kind: 'release',
      opId: `end-${round}`,
      by: { holder: session(`other-${round}`).holder },
      holdId: theirs,
      seats: undefined,
    });
  }
  await reconciler.stop();
  await ledgerIsRight(t, world);
});

t.test('captured late money waits for the answer too, and is refunded when it is no', async (t) => {
  const { who, booking } = await endedLate('flo', 66);
  await hold(world, session('other-flo'), 66);
  await sandbox.configure({ webhooks: false });
  await pay(world, booking);
  await atStripe(world, 'POST', `payment_intents/${intentIdOf(booking)}/capture`);
  await sandbox.configure({ webhooks: true });
  await offerOf(who, booking.id);
  t.ok((await bookings.answerOffer(who, booking.id, false))?.ok);
  await returned(booking);
  t.equal(sandbox.log().money.refunded.eur, booking.amount);
  await ledgerIsRight(t, world);
});

t.test('the seats of an offer are sold to nobody else, whatever Redis forgets', async (t) => {
  const { who, booking } = await endedLate('gus', 67);
  await hold(world, session('other-gus'), 67);
  await pay(world, booking);
  await offerOf(who, booking.id);
  const row = await db.one<{ seats: number[] }>('select seats from offers where booking_id = $1', [booking.id]);
  const [seat = 0] = row?.seats ?? [];
  const redis = new Redis(world.redis.url);
  await redis.flushall();
  redis.disconnect();
  const thief = session('thief');
  await eventually('the map is rebuilt', async () => (await seatStatus(world, seat)) === 0);
  const created = await bookings.create(thief, { holdId: await hold(world, thief, seat), buyer });
  if (!created.ok) throw new Error(created.reason);
  t.match(await bookings.answerOffer(who, booking.id, true), { ok: false, reason: 'taken' });
  await pay(world, created.booking);
  await reaches(world, thief, created.booking.id, 'confirmed');
  await returned(booking);
  await ledgerIsRight(t, world);
});

t.test('nothing as good is left: the money goes back at once', async (t) => {
  const { booking } = await endedLate('dora', 80, 81);
  const rest = Array.from({ length: 100 }, (_, seat) => seat);
  const free = [];
  for (const seat of rest) if ((await seatStatus(world, seat)) === 0) free.push(seat);
  for (let at = 0; at < free.length; at += 20) await hold(world, session(`house-${at}`), ...free.slice(at, at + 20));
  await pay(world, booking);
  await returned(booking);
  t.same(await db.query('select from offers where booking_id = $1', [booking.id]), [], 'the balcony is not as good');
  await ledgerIsRight(t, world);
});

t.test('the cheaper category is gone: dearer seats at the price that was paid', async (t) => {
  const { who, booking } = await endedLate('eva', 100, 101);
  for (let at = 100; at < 200; at += 20) {
    const row = Array.from({ length: 20 }, (_, index) => at + index);
    await hold(world, session(`balcony-${at}`), ...row);
  }
  await world.engine.apply(event, {
    kind: 'release',
    opId: 'make-room',
    by: { holder: session('house-0').holder },
    holdId: (await world.engine.holdsOf(event, session('house-0').holder))[0]?.id ?? '',
    seats: undefined,
  });
  await pay(world, booking);
  const offer = await offerOf(who, booking.id);
  t.ok(
    offer.seats.every((label) => label.startsWith('S-')),
    'in the stalls',
  );
  t.ok((await bookings.answerOffer(who, booking.id, true))?.ok);
  const { tickets, amount } = await reaches(world, who, booking.id, 'confirmed');
  t.equal(amount, 5_000);
  t.same(
    tickets.map((ticket) => ticket.amount),
    [2_500, 2_500],
    'at the balcony’s price',
  );
  await ledgerIsRight(t, world);
});
