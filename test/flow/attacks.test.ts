import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { type Buyer, connectBuyer, createSession, held, newOpId } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { readTruth } from '../helpers/redis-truth.js';
import { startServer } from '../helpers/server.js';
import { bookingIs, eventAt, pay, testCards } from '../helpers/shop.js';

/** Buyers who want more than they may: the whole server, two workers, raw sockets and HTTP. */
const buyerDetails = { name: 'Mallory', email: 'mallory@example.org' };

const server = await startServer({ sql: 'update events set max_seats_per_holder = 64' });
t.teardown(server.stop);
const [first = '', second = ''] = server.workerUrls();
const { id: event, chartHash } = await eventAt(server.url, 'Halcyon Dome');

const connect = (url: string, token?: string) =>
  connectBuyer({ url, key: server.storefrontKey, ...(token && { token }) });

async function call(method: string, path: string, token: string, body?: object, more: Record<string, string> = {}) {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) };
}

/** A seat that nobody has taken in this file yet, and that the demo has left free. */
let next = 0;
function freeSeat(buyer: Buyer): number {
  const map = buyer.maps.get(event);
  while (map?.state(next) !== 'available') next++;
  return next++;
}

t.test('a hold and a booking are of use to their buyer alone, whoever knows their ids', async (t) => {
  const [ada, eve] = [await connect(first), await connect(second)];
  await ada.subscribe(event);
  const seat = freeSeat(ada);
  const { id: holdId } = held(await ada.hold(event, [seat]));
  const hold = `/v1/holds/${holdId}`;
  t.equal((await call('GET', hold, eve.token)).status, 404);
  t.equal((await call('PATCH', hold, eve.token, { extend: true })).status, 410);
  t.equal((await call('DELETE', hold, eve.token)).status, 410);
  t.match(await eve.release(event, holdId), { ok: false, reason: 'gone' });
  t.match(await eve.extend(event, holdId), { ok: false, reason: 'gone' });
  t.match(await eve.hold(event, [freeSeat(ada)], holdId), { ok: false, reason: 'gone' }, 'nor does a seat join it');
  const stolen = await call('POST', '/v1/bookings', eve.token, { holdId, buyer: buyerDetails });
  t.match(stolen, { status: 410, json: { code: 'gone' } });

  const { json: booking } = await call('POST', '/v1/bookings', ada.token, { holdId, buyer: buyerDetails });
  t.equal((await call('GET', `/v1/bookings/${booking.id}`, eve.token)).status, 404);
  t.equal((await call('POST', `/v1/bookings/${booking.id}/cancel`, eve.token)).status, 404);
  t.match(await ada.release(event, holdId), { ok: false, reason: 'paying' }, 'not even by its buyer, while paying');
  t.equal((await call('POST', `/v1/bookings/${booking.id}/cancel`, ada.token)).status, 200);
  t.not(await pay(server.url, booking, testCards.success), 'requires_capture', 'nothing is paid after a cancellation');
  t.equal((await call('POST', '/v1/bookings', ada.token, { holdId, buyer: buyerDetails })).status, 410);
  await Promise.all([ada.close(), eve.close()]);
});

t.test('a token is good for what it was made for, and for nothing else', async (t) => {
  const token = await createSession(server.url, server.storefrontKey);
  const [head, body, signature] = token.split('.');
  const none = Buffer.from('{"alg":"none","typ":"cavea-session+jwt"}').toString('base64url');
  const wrong = [
    server.storefrontKey,
    server.secret,
    server.adminToken,
    `${head}.${body}.`,
    `${none}.${body}.`,
    signature,
  ];
  for (const one of wrong) {
    t.equal((await call('POST', `/v1/events/${event}/holds`, one ?? '', { seats: ['x'] })).status, 401);
  }
  t.equal((await call('POST', '/v1/sessions', token, {})).status, 401, 'a session makes no sessions');
  t.equal((await call('POST', '/v1/sessions', server.storefrontKey, { account: 'ada' })).status, 403);
  const config = await fetch(`${server.sandboxUrl}/config`, { method: 'POST', body: '{}' });
  t.equal(config.status, 401);
  for (const path of ['/sandbox/config', '/sandbox/log', '/sandbox/v1/refunds', '/sandbox/v1/payment_intents']) {
    t.not((await call('POST', path, server.storefrontKey, {})).status, 200, path);
  }
});

t.test('general admission: two workers are asked for more than there is, and exactly that many are held', async (t) => {
  const chart = await (
    await fetch(`${server.url}/v1/charts/${chartHash}`, { headers: { accept: 'application/json' } })
  ).json();
  const { start, capacity } = (chart as { areas: { start: number; capacity: number }[] }).areas[0] ?? {
    start: 0,
    capacity: 0,
  };
  const free = async () => {
    const { taken } = await readTruth(server.redis.url, event);
    return Array.from({ length: capacity }, (_, i) => start + i).filter((place) => !taken.has(place)).length;
  };
  const atFirst = await free();
  const buyers = await Promise.all(Array.from({ length: 40 }, (_, i) => connect(i % 2 === 0 ? first : second)));
  const places: number[] = [];
  const reasons = new Set<string>();
  let last: { buyer: Buyer; request: object; id: string } | undefined;
  const work = buyers.map(async (buyer, i) => {
    for (let n = 0, refused = false; n < 36 && !refused; n++) {
      // Parties of different sizes, so that what is left at the end does not fit everybody.
      const count = n % 3 === 2 ? 1 : 1 + ((i * 5 + n) % 17);
      const request = { type: 'hold', opId: newOpId(), event, seats: [], areas: [{ area: 0, count }] };
      const outcome = await buyer.ask(request);
      if (outcome.ok) {
        places.push(...held(outcome).seats);
        last = { buyer, request, id: held(outcome).id };
      } else {
        reasons.add(outcome.reason);
        refused = outcome.reason === 'limit' || (outcome.reason === 'soldOut' && count === 1);
      }
    }
  });
  await Promise.all(work);
  t.equal(await free(), 0, 'nothing is left');
  t.equal(places.length, atFirst, `${atFirst} places`);
  t.equal(new Set(places).size, places.length, 'each once');
  t.ok(reasons.has('soldOut'));
  reasons.delete('taken');
  reasons.delete('limit');
  t.same([...reasons], ['soldOut'], 'and nobody was told anything else');

  const again = await last?.buyer.ask(last.request as Record<string, unknown>);
  t.match(again, { ok: true, hold: { id: last?.id } }, 'whoever has the last place and asks again is told so');
  const [someone] = buyers;
  const twice = [
    { area: 0, count: 1 },
    { area: 0, count: 1 },
  ];
  const odd = await someone?.ask({ type: 'hold', opId: newOpId(), event, seats: [], areas: twice });
  t.match(odd, { ok: false, reason: 'badRequest' });
  await Promise.all(buyers.map((buyer) => buyer.close()));
});

t.test('ten clicks on "pay", on both workers, are one booking and one payment', async (t) => {
  const ada = await connect(first);
  await ada.subscribe(event);
  const { id: holdId } = held(await ada.hold(event, [freeSeat(ada)]));
  const clicks = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      fetch(`${i % 2 === 0 ? first : second}/v1/bookings`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${ada.token}`,
          'content-type': 'application/json',
          'idempotency-key': newOpId(),
        },
        body: JSON.stringify({ holdId, buyer: buyerDetails }),
      }),
    ),
  );
  const bookings = (await Promise.all(clicks.map((answer) => answer.json()))) as { id: string; payment?: object }[];
  t.same([...new Set(clicks.map(({ status }) => status))], [201]);
  t.equal(new Set(bookings.map(({ id }) => id)).size, 1);
  const [booking] = bookings;
  if (!booking) throw new Error('no booking');
  await pay(server.url, booking as Parameters<typeof pay>[1]);
  const shopper = { url: server.url, token: ada.token };
  t.equal((await bookingIs(shopper, booking.id, 'confirmed')).tickets.length, 1);
  const rows = await querySql<{ n: number }>(
    server.database.url,
    'select count(*)::int n from payments where booking_id = $1',
    [booking.id],
  );
  t.equal(rows[0]?.n, 1);
  await ada.close();
});

t.test('one buyer’s idempotency key says nothing to another', async (t) => {
  const [ada, eve] = [await connect(first), await connect(first)];
  await ada.subscribe(event);
  const key = { 'idempotency-key': newOpId() };
  const { id: holdId } = held(await ada.hold(event, [freeSeat(ada)]));
  const request = { holdId, buyer: buyerDetails };
  t.equal((await call('POST', '/v1/bookings', ada.token, request, key)).status, 201);
  t.match(await call('POST', '/v1/bookings', eve.token, request, key), { status: 410, json: { code: 'gone' } });
  const other = { ...request, buyer: { ...buyerDetails, name: 'Other' } };
  t.equal((await call('POST', '/v1/bookings', ada.token, other, key)).status, 422);
  await Promise.all([ada.close(), eve.close()]);
});

t.test('names, seats and bodies that no form sends', async (t) => {
  const ada = await connect(first);
  await ada.subscribe(event);
  const { id: holdId } = held(await ada.hold(event, [freeSeat(ada)]));
  for (const name of ['\u0000', 'a\u0000b', '', ' ', 'x'.repeat(121), '\n', '\u001b[2J']) {
    const answer = await call('POST', '/v1/bookings', ada.token, { holdId, buyer: { ...buyerDetails, name } });
    t.equal(answer.status, 400, JSON.stringify(name));
  }
  const odd = await call('POST', '/v1/bookings', ada.token, {
    holdId,
    buyer: { ...buyerDetails, name: 'ŁÓ \ud83d\ude00 \ud800' },
  });
  t.equal(odd.status, 201, 'any letters are a name, and half a letter is no reason to fail');
  for (const seats of [[-1], [0.5], [1e9], [2 ** 53], ['1'], [null], []]) {
    t.match(await ada.ask({ type: 'hold', opId: newOpId(), event, seats }), { ok: false, reason: 'badRequest' });
  }
  t.match(await ada.hold(event, [199_999]), { ok: false, reason: 'unknownSeat' });
  t.match(await ada.hold(event, [5, 5]), { ok: false, reason: 'badRequest' });
  t.match(await ada.hold('evt_\u0000', [5]), { ok: false, reason: 'notFound' });
  t.equal((await fetch(`${server.url}/sandbox/${encodeURIComponent('ı\u0000')}`)).status, 404);
  await ada.close();
});

t.test('a flood of forged webhooks changes nothing, and the real one is taken in its midst', async (t) => {
  const ada = await connect(first);
  await ada.subscribe(event);
  const { id: holdId } = held(await ada.hold(event, [freeSeat(ada)]));
  const { json: booking } = await call('POST', '/v1/bookings', ada.token, { holdId, buyer: buyerDetails });
  const forged = JSON.stringify({
    id: 'evt_forged',
    type: 'payment_intent.succeeded',
    data: { object: { x: 'y'.repeat(50_000) } },
  });
  const timestamp = Math.floor(systemClock.now() / 1000);
  const flood = Array.from({ length: 400 }, () =>
    fetch(`${server.url}/v1/webhooks/stripe`, {
      method: 'POST',
      headers: { 'stripe-signature': `t=${timestamp},v1=${'a'.repeat(64)}` },
      body: forged,
    }).then(({ status }) => status),
  );
  await pay(server.url, booking);
  await bookingIs({ url: server.url, token: ada.token }, booking.id, 'confirmed');
  t.same([...new Set(await Promise.all(flood))], [400]);
  const rows = await querySql(server.database.url, "select from webhook_inbox where id = 'evt_forged'");
  t.equal(rows.length, 0);
  await ada.close();
});
