import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { bookingReplySchema, problemSchema } from '../../protocol/http.js';
import { endpointMadeSchema } from '../../protocol/outbound.js';
import { systemClock } from '../../server/core/clock.js';
import { root } from '../../server/core/paths.js';
import { freePort } from '../../server/services/ports.js';
import { connectBuyer, createSession, held, newOpId } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';

/** Money that is taken elsewhere: by a shop whose server sells the hold with its secret key, and by staff at a counter. */
const counterBuyer = { name: 'Grace', email: 'grace@example.org' };
const server = await startServer();
t.teardown(server.stop);
const { desk } = await ownerOf(server);

t.test('a hold is sold by the shop’s server, and every map shows it', async (t) => {
  const { key } = await desk.done(z.object({ key: z.string() }), 'POST', '/keys', { kind: 'secret', name: 'till' });
  const { id: event } = await eventAt(server.url, 'Sternsaal Playhouse');
  const [first = '', second = ''] = server.workerUrls();
  const buyer = await connectBuyer({ url: first, key: server.storefrontKey });
  const watcher = await connectBuyer({ url: second, key: server.storefrontKey });
  await watcher.subscribe(event);
  const map = watcher.maps.get(event);
  const seat = Array.from({ length: 400 }, (_, at) => at).find((at) => map?.state(at) === 'available') ?? 0;
  const { id } = held(await buyer.hold(event, [seat]));
  const sale = { method: 'cash', amount: 4_000, reference: 'till 2', buyer: { name: 'Ada', email: 'ada@example.org' } };
  async function sell(token: string, body: object = sale, idempotencyKey = 'sale-1') {
    const answer = await fetch(`${server.url}/v1/holds/${id}/sell`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, json: (await answer.json()) as unknown };
  }

  t.match(problemSchema.parse((await sell(server.storefrontKey)).json), { code: 'forbidden' }, 'a key of web pages');
  t.match(problemSchema.parse((await sell(buyer.token)).json), { code: 'unauthorized' }, 'the buyer');
  t.match(problemSchema.parse((await sell(key, { ...sale, amount: -1 })).json), { errors: [{ pointer: '/amount' }] });
  const sold = await sell(key);
  t.equal(sold.status, 201);
  const booking = bookingReplySchema.parse(sold.json);
  t.match(booking, { status: 'confirmed', tickets: [{}] });
  await watcher.until(() => map?.state(seat) === 'sold', 5_000);
  t.same((await sell(key)).json, sold.json, 'sent again: the same answer');
  t.match((await sell(key, sale, 'sale-2')).json, { id: booking.id }, 'asked for again: the same sale');
});

t.test('docs/examples/sell-on-server.mjs sells two seats, and hears of it', async (t) => {
  const { key } = await desk.done(z.object({ key: z.string() }), 'POST', '/keys', { kind: 'secret', name: 'example' });
  const { id: event } = await eventAt(server.url, 'Sternsaal Playhouse');
  const port = await freePort();
  const hook = { url: `http://127.0.0.1:${port}/` };
  const { secret } = await desk.done(endpointMadeSchema, 'POST', '/endpoints', hook);
  for (const url of server.workerUrls()) {
    // Each worker reads the keys again after a moment.
    await until('the new key is known', () => createSession(url, key).then(Boolean, () => false));
  }
  const settings = { CAVEA_URL: server.url, CAVEA_KEY: key, CAVEA_EVENT: event, CAVEA_HOOK_SECRET: secret };
  const example = spawn(process.execPath, [join(root, 'docs/examples/sell-on-server.mjs'), '--run'], {
    env: { ...process.env, ...settings, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(async () => {
    example.kill();
    await once(example, 'exit');
  });
  let said = '';
  example.stdout.on('data', (part: Buffer) => {
    said += part.toString();
  });
  await until('both have been said', () => /^confirmed \S+ \S+$/m.test(said) && /^booking\.\w+ bkg_/m.test(said));
  t.pass(said);
});

t.test('staff sell at the counter while a line waits, by the rules of everybody', async (t) => {
  const { id: event } = await draftEvent(desk, systemClock.now() - 1_000);
  const sale = { seats: ['P-1-1', 'P-1-2'], method: 'cash', amount: 7_500, reference: 'till 1', buyer: counterBuyer };
  const sell = (body: object, key = newOpId()) =>
    desk.ask('POST', `/events/${event}/sales`, body, { 'idempotency-key': key });
  t.match((await sell(sale)).problem, { code: 'notOpen' }, 'a draft');
  await putOnSale(desk, event);
  const rules = { state: 'open', ratePerMinute: 1, maxActive: 1, admissionMs: 60_000, message: '' };
  await desk.done(z.looseObject({}), 'PUT', `/events/${event}/room`, rules);
  const buyer = await connectBuyer({ url: server.url, key: server.storefrontKey });
  await until('the line is on', async () => {
    const refused = await buyer.hold(event, [0]);
    return !refused.ok && refused.reason === 'notAdmitted';
  });

  t.match((await sell({ ...sale, seats: ['P-1-1', 'P-9-9'] })).problem, { code: 'unknownSeat', seats: ['P-9-9'] });
  t.match((await sell({ ...sale, seats: [] })).problem, { errors: [{ pointer: '/seats' }] });
  t.match((await sell({ ...sale, ticketTypes: { 'P-1-1': 'none' } })).problem, { code: 'unknownTicketType' });
  const sold = await sell(sale, 'counter-1');
  t.match(sold, { status: 201, json: { status: 'confirmed', tickets: [{}, {}] } }, 'what was refused holds no seat');
  t.same((await sell(sale, 'counter-1')).json, sold.json, 'sent again: the same sale');
  t.match((await sell(sale)).problem, { code: 'taken', seats: ['P-1-1', 'P-1-2'] });
  const { id } = z.object({ id: z.string() }).parse(sold.json);
  t.match((await desk.ask('GET', `/bookings/${id}`)).json, {
    outside: { method: 'cash', amount: 7_500, reference: 'till 1', soldBy: 'Olga' },
  });
  const { items } = z
    .object({ items: z.array(z.looseObject({ action: z.string() })) })
    .parse((await desk.ask('GET', `/audit?event=${event}`)).json);
  t.match(
    items.find(({ action }) => action === 'booking.sell'),
    { staff: { name: 'Olga' }, detail: { bookingId: id, method: 'cash' } },
  );
});
