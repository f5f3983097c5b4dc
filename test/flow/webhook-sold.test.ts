import t from 'tap';
import type { OutcomeFrame } from '../../protocol/down.js';
import { systemClock } from '../../server/core/clock.js';
import { type Buyer, connectBuyer, held } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { readTruth } from '../helpers/redis-truth.js';
import { startServer } from '../helpers/server.js';
import { book, bookingIs, eventAt, pay, readBooking, steer, testCards } from '../helpers/shop.js';

/** From a hold to sold seats, through the payments sandbox and its signed webhooks. */
const theatre = 'Sternsaal Playhouse';
const buyerDetails = { name: 'Ada Buyer', email: 'ada@example.org' };
const webhookPath = '/v1/webhooks/stripe';

const server = await startServer();
t.teardown(server.stop);
const [first = '', second = ''] = server.workerUrls();
const { id: event } = await eventAt(server.url, theatre);
const watcher = await connectBuyer({ url: second, key: server.storefrontKey });
await watcher.subscribe(event);

function freePair(): [number, number] {
  const map = watcher.maps.get(event);
  for (let seat = 0; ; seat += 2) {
    if (map?.state(seat) === 'available' && map.state(seat + 1) === 'available') return [seat, seat + 1];
  }
}

/** A hold of two seats, claimed by a booking. */
async function startPurchase() {
  const buyer = await connectBuyer({ url: first, key: server.storefrontKey });
  const seats = freePair();
  const { id: holdId } = held(await askUntilBack(() => buyer.hold(event, seats)));
  const shopper = { url: server.url, token: buyer.token };
  const booking = await book(shopper, { holdId, buyer: buyerDetails });
  return { buyer, shopper, seats, booking };
}

/** After an outage each worker finds Redis in its own time; until then a client asks again, as the SDK does. */
async function askUntilBack(ask: () => Promise<OutcomeFrame>): Promise<OutcomeFrame> {
  for (let left = 20; ; left--) {
    const outcome = await ask();
    if (outcome.ok || outcome.reason !== 'unavailable' || left === 0) return outcome;
    await systemClock.sleep(250);
  }
}

const shows = (map: Buyer, seats: readonly number[], state: string) =>
  map.until(() => seats.every((seat) => map.maps.get(event)?.state(seat) === state), 10_000);

const query = <Row extends Record<string, unknown>>(sql: string, params: readonly unknown[] = []) =>
  querySql<Row>(server.database.url, sql, params);

t.test('a paid hold becomes tickets, and every map shows the seats sold', async (t) => {
  const { shopper, seats, booking } = await startPurchase();
  t.equal(booking.status, 'inProgress');
  t.ok(booking.amount > 0);
  t.equal(await pay(server.url, booking), 'requires_capture', 'authorised, not yet charged');
  const confirmed = await bookingIs(shopper, booking.id, 'confirmed');
  t.equal(confirmed.tickets.length, 2);
  t.ok(
    confirmed.tickets.every(({ qr }) => qr.split('.').length === 3),
    'tickets carry a signed text',
  );
  await shows(watcher, seats, 'sold');
});

t.test('a declined card leaves the hold, and another card still buys the seats', async (t) => {
  const { shopper, seats, booking } = await startPurchase();
  t.equal(await pay(server.url, booking, testCards.decline), 'card_declined');
  t.equal((await readBooking(shopper, booking.id)).status, 'inProgress');
  t.equal(await pay(server.url, booking), 'requires_capture');
  await bookingIs(shopper, booking.id, 'confirmed');
  await shows(watcher, seats, 'sold');
});

t.test('both forms of a booking: seats by label are held and claimed in one call', async (t) => {
  const { shopper } = await startPurchase();
  const labels = await labelsOf(freePair());
  const booking = await book(shopper, { eventId: event, seats: labels, buyer: buyerDetails });
  t.same(booking.seats, labels);
  await pay(server.url, booking);
  await bookingIs(shopper, booking.id, 'confirmed');
});

t.test('with the webhooks off no ticket appears; on again, it does', async (t) => {
  await steer(server, { webhooks: false });
  const { shopper, seats, booking } = await startPurchase();
  await pay(server.url, booking);
  await systemClock.sleep(1_500);
  const waiting = await readBooking(shopper, booking.id);
  t.equal(waiting.status, 'inProgress');
  t.same(waiting.tickets, []);
  await steer(server, { webhooks: true });
  t.equal((await bookingIs(shopper, booking.id, 'confirmed')).tickets.length, 2);
  await shows(watcher, seats, 'sold');
});

t.test('every webhook delivered twice, at once: one booking, one ticket a seat', async (t) => {
  await steer(server, { duplicates: 1 });
  const { shopper, booking } = await startPurchase();
  await pay(server.url, booking);
  await bookingIs(shopper, booking.id, 'confirmed');
  await steer(server, { duplicates: 0 });
  const [tickets] = await query<{ n: number }>('select count(*)::int n from tickets where booking_id = $1', [
    booking.id,
  ]);
  t.equal(tickets?.n, 2);
  const [twice] = await query<{ n: number }>(
    `select count(*)::int n from webhook_inbox where body::jsonb->'data'->'object'->'metadata'->>'bookingId' = $1 group by id having count(*) > 1`,
    [booking.id],
  );
  t.equal(twice, undefined);
});

t.test('a webhook with a wrong signature: 400, and not one statement in Postgres', async (t) => {
  await query('create extension if not exists pg_stat_statements');
  // Statements of the webhook alone: the roles in the background go on working.
  const about = `select coalesce(sum(calls), 0)::int n from pg_stat_statements s join pg_database d on d.oid = s.dbid
    where d.datname = current_database() and query ~ '(webhook_inbox|payments|bookings)' and query !~ 'pg_stat_statements'
      and query ~* '^(insert|update|delete)'`;
  const [before] = await query<{ n: number }>(about);
  for (const signature of ['', 't=1,v1=00', `t=${Math.floor(systemClock.now() / 1000)},v1=${'a'.repeat(64)}`]) {
    const answer = await fetch(`${server.url}${webhookPath}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(signature && { 'stripe-signature': signature }) },
      body: JSON.stringify({ id: 'evt_forged', type: 'payment_intent.succeeded', data: { object: {} } }),
    });
    t.equal(answer.status, 400);
    t.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  }
  const [after] = await query<{ n: number }>(about);
  t.equal(after?.n, before?.n, 'pg_stat_statements is unchanged');
});

t.test(
  'Redis dies between capture and sell: the booking is confirmed, the seats are sold after recovery',
  async (t) => {
    const { shopper, seats, booking } = await startPurchase();
    await server.redis.kill();
    t.equal(await pay(server.url, booking), 'requires_capture');
    const confirmed = await bookingIs(shopper, booking.id, 'confirmed', 15_000);
    t.equal(confirmed.tickets.length, 2, 'confirmed while Redis is dead');
    await server.redis.start();
    await shows(watcher, seats, 'sold');
    const truth = await readTruth(server.redis.url, event);
    t.ok(seats.every((seat) => truth.taken.get(seat) === 'sold'));
  },
);

t.test('a buyer who cancels frees the seats, after the payment has been cancelled', async (t) => {
  const { shopper, seats, booking } = await startPurchase();
  const answer = await fetch(`${server.url}/v1/bookings/${booking.id}/cancel`, {
    method: 'POST',
    headers: { authorization: `Bearer ${shopper.token}` },
  });
  t.equal(answer.status, 200);
  await shows(watcher, seats, 'available');
  t.not(await pay(server.url, booking), 'requires_capture', 'the payment cannot be made any more');
});

async function labelsOf(seats: readonly number[]): Promise<string[]> {
  const buyer = await connectBuyer({ url: first, key: server.storefrontKey });
  const { id } = held(await buyer.hold(event, seats));
  const answer = await fetch(`${server.url}/v1/holds/${id}`, { headers: { authorization: `Bearer ${buyer.token}` } });
  const { seats: labels } = (await answer.json()) as { seats: string[] };
  await buyer.release(event, id);
  return labels;
}
