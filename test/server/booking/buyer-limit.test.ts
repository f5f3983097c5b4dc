import t from 'tap';
import { wantRefund } from '../../../server/booking/refunds.js';
import { book, bought, hire, hold, intentIdOf, ledgerIsRight, pay, reaches, session, startWorld } from './world.js';

/** Four tickets of this event for one person, whatever they call themselves. */
const world = await startWorld();
t.teardown(() => world.end());
const { bookings, db, event, sandbox } = world;
await db.query('update events set max_tickets_per_buyer = 4 where id = $1', [event]);

async function wants(name: string, email: string, ...seats: readonly number[]) {
  const who = session(name);
  return bookings.create(who, { holdId: await hold(world, who, ...seats), buyer: { name, email } });
}

t.test('the same address in other sessions is the same person', async (t) => {
  const first = await wants('ada', 'ada@limit.example', 0, 1, 2);
  t.ok(first.ok, 'three of four');
  t.match(await wants('ada2', 'ADA@limit.example', 3, 4), { ok: false, reason: 'limit' }, 'two more, not yet paid');
  t.match(await wants('ada3', 'ada+x@limit.example', 5, 6), { ok: false, reason: 'limit' }, 'with a tag');
  t.ok((await wants('ada4', 'ada@limit.example', 7)).ok, 'the fourth');
  t.match(await wants('bo', 'bo@limit.example', 8, 9, 10, 11, 12), { ok: false, reason: 'limit' }, 'five at once');
  t.ok((await wants('bo', 'bo@limit.example', 13, 14, 15, 16)).ok, 'another person');
});

t.test('an account is one person whatever address it gives', async (t) => {
  t.ok((await wants('cy', 'cy1@limit.example', 20, 21, 22)).ok);
  t.match(await wants('cy', 'cy2@limit.example', 23, 24), { ok: false, reason: 'limit' });
});

t.test('ten sessions with one address at once get four tickets together', async (t) => {
  const names = Array.from({ length: 10 }, (_, at) => at);
  const outcomes = await Promise.all(names.map((at) => wants(`di-${at}`, 'di@limit.example', 30 + at)));
  t.equal(outcomes.filter(({ ok }) => ok).length, 4);
  t.ok(outcomes.every((outcome) => outcome.ok || outcome.reason === 'limit'));
});

t.test('what was refused is free again, what was cancelled or refunded does not count', async (t) => {
  const begun = await wants('eva', 'eva@limit.example', 40, 41, 42, 43);
  if (!begun.ok) throw new Error(begun.reason);
  t.match(await wants('eva2', 'eva@limit.example', 44), { ok: false, reason: 'limit' });
  await bookings.cancel(session('eva'), begun.booking.id);
  const again = await wants('eva2', 'eva@limit.example', 40, 41, 42, 43);
  if (!again.ok) throw new Error(again.reason);
  await pay(world, again.booking, '5555555555554444');
  const { tickets } = await reaches(world, session('eva2'), again.booking.id, 'confirmed');
  const wish = {
    bookingId: again.booking.id,
    tickets: [tickets[0]?.id ?? ''],
    reason: 'ill',
    staffId: await hire(world),
  };
  await db.transaction((tx) => wantRefund(tx, wish));
  bookings.proceed(again.booking.id);
  t.ok((await wants('eva3', 'eva@limit.example', 44)).ok);
});

t.test('a card is one person: nothing is captured, and the buyer is told', async (t) => {
  const { id } = await bought(world, 'flo', 50, 51, 52);
  await db.query("update bookings set buyer_email = 'other@limit.example' where id = $1", [id]);
  const who = session('flo-again');
  const begun = await book(world, who, 53, 54);
  await pay(world, begun);
  const ended = await reaches(world, who, begun.id, 'failed');
  t.match(ended, { overLimit: true, tickets: [], lateMoney: undefined });
  t.match(
    sandbox.intents().find(({ id }) => id === intentIdOf(begun)),
    { status: 'canceled', amount_received: 0 },
  );
  t.ok((await hold(world, session('gus'), 53, 54)) !== '', 'the seats are free');
  await ledgerIsRight(t, world);
});

t.test('two purchases with one card at the same moment: one is too many', async (t) => {
  await db.query("update bookings set buyer_email = id || '@limit.example'");
  const [one, two] = [session('hal'), session('ida')];
  const first = await book(world, one, 60, 61, 62);
  await db.query("update bookings set buyer_email = id || '@limit.example' where id = $1", [first.id]);
  const second = await book(world, two, 63, 64);
  await Promise.all([pay(world, first, '4000000000000259'), pay(world, second, '4000000000000259')]);
  const settled = await Promise.all([
    Promise.race([reaches(world, one, first.id, 'confirmed'), reaches(world, one, first.id, 'failed')]),
    Promise.race([reaches(world, two, second.id, 'confirmed'), reaches(world, two, second.id, 'failed')]),
  ]);
  t.same(settled.map(({ status }) => status).sort(), ['confirmed', 'failed']);
});
