import t from 'tap';
import { limits } from '../../../protocol/limits.js';
import { newHoldId } from '../../../server/seatmap/hold-id.js';
import { LiveClient } from './live-client.js';
import { startServer, type TestServer } from './server.js';
import { chartHash, eventId } from './shop.js';

/** The buyer's way over HTTP, and what each route answers. */
const server: TestServer = await startServer();
t.teardown(() => server.stop());

const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });
const json = async (response: Response) => JSON.parse(await response.text());
async function send(method: string, path: string, token: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) };
}

t.test('sessions: guests with a publishable key, accounts with a secret key', async (t) => {
  const { key: pk } = await server.identity.createApiKey('publishable', 'web', ['https://tickets.example']);
  const { key: sk } = await server.identity.createApiKey('secret', 'shop', []);
  const guest = await send('POST', '/v1/sessions', pk, {});
  t.equal(guest.status, 201);
  t.equal(guest.json.session.kind, 'guest');
  t.equal((await server.identity.verifySession(guest.json.token))?.holder, `guest:${guest.json.session.id}`);

  const account = await send('POST', '/v1/sessions', sk, { account: 'ada' });
  t.equal((await server.identity.verifySession(account.json.token))?.holder, 'account:ada');
  t.equal((await send('POST', '/v1/sessions', pk, { account: 'ada' })).status, 403, 'accounts need the secret key');
  t.equal((await send('POST', '/v1/sessions', 'pk_unknown_unknown_unknown', {})).status, 401);
  t.equal((await send('POST', '/v1/sessions', sk, { account: 'a\nb' })).status, 400);

  const from = (origin: string) => send('POST', '/v1/sessions', pk, {}, { origin });
  const listed = await from('https://tickets.example');
  t.equal(listed.status, 201);
  t.equal(listed.headers.get('access-control-allow-origin'), 'https://tickets.example');
  t.equal((await from('https://tickets.example.evil.com')).status, 403);
  t.equal((await from('null')).status, 403);
  t.equal((await from(server.url)).status, 201, 'the server’s own pages');
});

t.test('views: cacheable, tagged, validated', async (t) => {
  const list = await get('/v1/events');
  t.equal(list.status, 200);
  t.match(
    list.headers.get('cache-control'),
    /^public, max-age=0, s-maxage=\d+$/,
    'nothing stale from a browser’s copy',
  );
  t.match(list.headers.get('cdn-cache-control'), /^max-age=\d+, stale-while-revalidate=\d+$/);
  t.equal(list.headers.get('cache-tag'), `events,${eventId}`);
  t.equal(list.headers.get('access-control-allow-origin'), '*');
  const page = await json(list);
  t.equal(page.items[0].id, eventId);
  t.equal(page.nextCursor, null);

  const event = await get(`/v1/events/${eventId}`);
  const etag = event.headers.get('etag') ?? '';
  t.equal((await json(event)).title, 'A test <b>night</b>');
  t.equal((await get(`/v1/events/${eventId}`, { 'if-none-match': etag })).status, 304);
  t.equal((await get(`/v1/events/${eventId}`, { 'if-none-match': '"other"' })).status, 200);
  t.equal((await get('/v1/events/evt_draft')).status, 404, 'drafts are nobody’s');
  t.equal((await get('/v1/events/evt_none')).status, 404);
  t.equal((await get('/v1/venues/ven_test')).status, 200);
  t.equal((await get('/v1/performers/prf_test')).status, 200);
  t.equal((await get('/v1/performers/prf_none')).status, 404);
});

t.test('charts and seats: bytes, or JSON when asked for', async (t) => {
  const pack = await get(`/v1/charts/${chartHash}`);
  t.equal(await pack.text(), 'the pack');
  t.match(pack.headers.get('cache-control'), /immutable/);
  t.equal(pack.headers.get('content-type'), 'application/octet-stream');
  const chart = await get(`/v1/charts/${chartHash}`, { accept: 'application/json' });
  t.equal(chart.headers.get('content-encoding'), 'gzip', 'zipped for whoever takes that');
  t.equal((await json(chart)).category.length, 18);
  const plain = await get(`/v1/charts/${chartHash}`, { accept: 'application/json', 'accept-encoding': 'identity' });
  t.equal(plain.headers.get('content-encoding'), null);
  t.equal((await json(plain)).category.length, 18);
  t.equal(plain.headers.get('etag'), chart.headers.get('etag'));
  t.equal((await get(`/v1/charts/${'b'.repeat(64)}`)).status, 404);

  const seats = await get(`/v1/events/${eventId}/seats`);
  t.equal(seats.headers.get('content-type'), 'application/octet-stream');
  const frame = await json(await get(`/v1/events/${eventId}/seats`, { accept: 'application/json' }));
  t.match(frame, { type: 'snapshot', event: eventId, epoch: 1, status: 'AAAAAAA=' });
});

t.test('holds: by label, all or none, the buyer’s own', async (t) => {
  const [token, other] = [await server.token(), await server.token()];
  const path = `/v1/events/${eventId}/holds`;
  const made = await send('POST', path, token, { seats: ['A-1-1', 'A-1-2'], areas: [{ area: 'GA', count: 2 }] });
  t.equal(made.status, 201);
  t.same(made.json.seats.slice(0, 2), ['A-1-1', 'A-1-2']);
  t.match(made.json.seats.slice(2), [/^GA-\d+$/, /^GA-\d+$/]);

  const taken = await send('POST', path, other, { seats: ['A-1-2', 'A-1-3'] });
  t.equal(taken.status, 409);
  t.match(taken.json, { code: 'taken', type: '/docs#taken', status: 409, seats: ['A-1-2', 'A-1-3'] });
  t.equal(taken.headers.get('content-type'), 'application/problem+json');
  const unknown = await send('POST', path, other, { seats: ['A-1-3', 'Z-9-9'] });
  t.match(unknown.json, { code: 'unknownSeat', seats: ['Z-9-9'] });
  t.equal((await send('POST', path, other, { seats: ['A-1-3', 'A-1-3'] })).status, 400, 'a seat named twice');
  t.equal((await send('POST', path, other, { seats: [] })).status, 400);
  t.equal((await send('POST', path, other, { areas: [{ area: 'GA', count: 9 }] })).json.code, 'soldOut');

  const hold = `/v1/holds/${made.json.id}`;
  t.equal((await send('GET', hold, token)).json.id, made.json.id);
  t.equal((await send('GET', hold, other)).status, 404, 'somebody else’s looks like none');
  t.equal((await send('PATCH', hold, token, { extend: true })).status, 200);
  t.equal((await send('PATCH', hold, token, { extend: false })).status, 400);
  t.equal((await send('DELETE', hold, other)).status, 410);
  t.equal((await send('PATCH', hold, other, { extend: true })).status, 410);
  t.equal((await send('DELETE', hold, token)).status, 204);
  t.equal((await send('GET', hold, token)).status, 404);

  const counts = await json(await get(`/v1/events/${eventId}/availability`));
  t.match(counts, { free: 18, total: 18, from: 3_000, categories: [{ category: 'gold', free: 8 }, { free: 10 }] });
});

t.test('the engine is never asked about an event that is not there, or not public yet', async (t) => {
  const token = await server.token();
  const buyer = { name: 'Ada', email: 'ada@example.com' };
  const client = await new LiveClient(server.port).opened();
  await client.hello(token);
  for (const event of ['evt_none', 'evt_draft']) {
    const holdId = newHoldId(event);
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const body = method === 'PATCH' ? { extend: true } : undefined;
      t.equal((await send(method, `/v1/holds/${holdId}`, token, body)).status, 404, `${method} ${event}`);
    }
    t.equal((await send('POST', `/v1/events/${event}/holds`, token, { seats: ['A-1-1'] })).status, 404);
    t.equal((await send('POST', '/v1/bookings', token, { holdId, buyer })).status, 404);
    const frames = [
      { type: 'hold', seats: [1] },
      { type: 'hold', seats: [], areas: [{ area: 0, count: 1 }] },
      { type: 'release', holdId },
      { type: 'extend', holdId },
    ];
    for (const [at, frame] of frames.entries()) {
      const answer = await client.ask({ ...frame, event, opId: `operation-${at}` });
      t.match(answer, { ok: false, reason: 'notFound' }, `${frame.type} ${event}`);
    }
  }
  t.same([...server.shop.asked], [eventId]);
  await client.close();
});

t.test('a buyer has a pace over HTTP, as on a socket; others are not slowed down', async (t) => {
  const [token, other] = [await server.token(), await server.token()];
  const ask = (who: string) => send('GET', `/v1/holds/${newHoldId(eventId)}`, who);
  const answers = await Promise.all(Array.from({ length: limits.requestBurst + 5 }, () => ask(token)));
  t.equal(answers.filter(({ status }) => status === 404).length, limits.requestBurst);
  const late = answers.find(({ status }) => status === 429);
  t.match(late?.json, { code: 'rateLimited', retryAfter: 2 });
  t.equal(late?.headers.get('retry-after'), '2');
  t.equal((await ask(other)).status, 404);
});

t.test('a buyer begins so many bookings a minute; a repeated request is none', async (t) => {
  const token = await server.token();
  const buyer = { name: 'Ada', email: 'ada@example.com' };
  const book = (key: string) =>
    send('POST', '/v1/bookings', token, { holdId: newHoldId(eventId), buyer }, { 'idempotency-key': key });
  for (let i = 0; i < limits.bookingsPerMinute; i++) t.equal((await book(`k${i}`)).status, 410);
  t.match(await book('late'), { status: 429, json: { code: 'rateLimited' } });
  t.match(await book('late'), { status: 429 }, 'the key is free again, and so is its budget later');
});

t.test('bookings: one per idempotency key', async (t) => {
  const [token, other] = [await server.token(), await server.token()];
  const { json: hold } = await send('POST', `/v1/events/${eventId}/holds`, token, { seats: ['A-1-5'] });
  const body = { holdId: hold.id, buyer: { name: ' Ada ', email: 'ada@example.com' } };
  const key = { 'idempotency-key': 'first-intent' };
  let open = () => {};
  server.shop.gate = new Promise((resolve) => {
    open = resolve;
  });
  const both = [send('POST', '/v1/bookings', token, body, key), send('POST', '/v1/bookings', token, body, key)];
  const early = await Promise.race(both);
  t.equal(early.json.code, 'inFlight', 'the other one waits for the gate');
  t.equal(early.headers.get('retry-after'), '1');
  open();
  const booked = (await Promise.all(both)).find((answer) => answer !== early) ?? early;
  t.equal(booked.status, 201);
  t.equal(booked.json.status, 'inProgress');
  const again = await send('POST', '/v1/bookings', token, body, key);
  t.same(again.json, booked.json, 'the first answer');
  t.equal(again.headers.get('idempotency-replayed'), 'true');
  t.equal(server.shop.bookingsMade.size, 1);
  const changed = { ...body, buyer: { name: 'Eve', email: 'eve@example.com' } };
  t.equal((await send('POST', '/v1/bookings', token, changed, key)).status, 422);
  t.equal((await send('POST', '/v1/bookings', other, body, key)).json.code, 'gone', 'keys are per buyer');
  t.equal((await send('POST', '/v1/bookings', other, body, key)).json.code, 'gone', 'a refusal frees the key');

  const path = `/v1/bookings/${booked.json.id}`;
  t.equal((await send('GET', path, token)).status, 200);
  t.equal((await send('GET', path, other)).status, 404);
  t.equal((await send('POST', `${path}/cancel`, other)).status, 404);
  t.equal((await send('POST', `${path}/cancel`, token)).json.status, 'cancelled');
  const direct = { eventId, seats: ['A-1-6'], buyer: body.buyer };
  t.match((await send('POST', '/v1/bookings', token, direct)).json, { code: 'taken', seats: ['A-1-6'] });
});

t.test('bookings: ticket types by seat label', async (t) => {
  const token = await server.token();
  const { json: hold } = await send('POST', `/v1/events/${eventId}/holds`, token, { seats: ['A-1-7', 'A-1-8'] });
  const book = (ticketTypes: unknown) =>
    send('POST', '/v1/bookings', token, {
      holdId: hold.id,
      buyer: { name: 'Ada', email: 'ada@example.com' },
      ticketTypes,
    });
  t.match((await book({ 'A-1-7': 'child', 'Z-9-9': 'child' })).json, { code: 'unknownSeat', seats: ['Z-9-9'] });
  for (const bad of [{ 'A-1-7': 'No Type' }, { 'A-1-7': 1 }, { '': 'child' }, ['child'], 'child', null]) {
    t.match(await book(bad), { status: 400, json: { code: 'badRequest' } }, JSON.stringify(bad));
  }
  t.match((await book({ 'A-1-8': 'child' })).json, { ticketTypes: { 'A-1-8': 'child' }, priceVersion: 1 });
  const direct = {
    eventId,
    seats: ['A-1-7'],
    ticketTypes: { 'A-1-7': 'child' },
    buyer: { name: 'A', email: 'a@b.co' },
  };
  t.match((await send('POST', '/v1/bookings', token, direct)).json, { code: 'taken' });
});

t.test('a version of an event’s prices', async (t) => {
  const answer = await get(`/v1/events/${eventId}/prices/1`);
  t.match(answer.headers.get('cache-control'), /s-maxage/);
  t.match(await json(answer), {
    ticketTypes: [{ id: 'adult' }, { id: 'child' }],
    prices: [{ amounts: { child: 2_500 } }],
  });
  for (const none of ['evt_draft/prices/1', 'evt_none/prices/1'])
    t.equal((await get(`/v1/events/${none}`)).status, 404);
  for (const bad of ['0', 'x', '9999999999']) t.equal((await get(`/v1/events/${eventId}/prices/${bad}`)).status, 400);
});

t.test('the webhook gets the raw bytes and the signature', async (t) => {
  const body = '{ "spaces":  "stay" }';
  const post = (signature: string) =>
    fetch(`${server.url}/v1/webhooks/stripe`, { method: 'POST', body, headers: { 'stripe-signature': signature } });
  t.equal((await post('t=1,v1=x')).status, 200);
  t.same(server.shop.webhooks, [{ body, signature: 't=1,v1=x' }]);
  t.equal((await post('')).status, 400);
});

t.test('for whoever runs the server', async (t) => {
  t.same(await json(await get('/healthz')), { worker: 'worker-1' });
  t.equal((await get('/readyz')).status, 503, 'one role is not ready');
  t.equal((await get('/readyz/live')).status, 200);
  t.equal((await get('/readyz/webhook')).status, 503);
  t.equal((await get('/readyz/background')).status, 404);
  t.equal((await get('/readyz/nonsense')).status, 400);
  t.equal(await (await get('/metrics')).text(), 'cavea_test 1\n');
  const proxied = { 'x-forwarded-for': '203.0.113.9' };
  t.equal((await get('/metrics', proxied)).status, 401, 'somebody behind a proxy on this machine');
  const { token } = await server.identity.addStaff('ann', 'viewer');
  t.equal((await get('/metrics', { ...proxied, authorization: `Bearer ${token}` })).status, 200);
  const config = await json(await get('/config.json'));
  t.equal(config.sandbox, false);
  t.equal((await send('POST', '/v1/sessions', config.key, {})).status, 201);
  t.equal((await send('POST', '/v1/sessions', config.key, {}, { origin: 'https://evil.example' })).status, 403);
  t.equal((await json(await get('/v1/ticket-keys'))).keys.length, 1);
});

t.test('every answer was one that its route documents', async (t) => {
  t.same(server.brokenPromises, []);
});
