import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { z } from 'zod';
import { deliveryPageSchema, endpointMadeSchema, inboxPageSchema } from '../../protocol/outbound.js';
import { systemClock } from '../../server/core/clock.js';
import { connectBuyer, held } from '../helpers/client.js';
import { letterTo, subjects } from '../helpers/mailbox.js';
import { startServer } from '../helpers/server.js';
import { buy } from '../helpers/shop.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';

/** What leaves the house: letters to the buyer's mailbox, signed events to the shop's server, tables to its books. */
const server = await startServer();
t.teardown(server.stop);
const { desk, hire } = await ownerOf(server);
const shop = await startShop();
t.teardown(shop.close);

interface Heard {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A shop's server: it keeps what it hears, and answers with `status`. */
async function startShop() {
  const heard: Heard[] = [];
  const answers = { status: 204 };
  const listener = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    heard.push({ id: headers['webhook-id'] ?? '', headers, body: Buffer.concat(parts).toString() });
    response.writeHead(answers.status).end();
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    heard,
    answers,
    async close() {
      listener.closeAllConnections();
      listener.close();
    },
  };
}

async function bought(event: string, email: string, seats: readonly number[]) {
  const buyer = await connectBuyer({ url: server.url, key: server.storefrontKey });
  await buyer.subscribe(event);
  const { id } = held(await buyer.hold(event, seats));
  const shopper = { url: server.url, token: buyer.token };
  const booking = await buy(shopper, id, { name: 'Ada <b>Buyer</b>', email });
  buyer.close();
  return booking;
}

t.test('a purchase: the tickets by mail, the event to the shop, and what follows from refunds', async (t) => {
  const { secret } = await desk.done(endpointMadeSchema, 'POST', '/endpoints', { url: shop.url });
  const event = await draftEvent(desk, systemClock.now() - 1_000);
  await putOnSale(desk, event.id);
  const booking = await bought(event.id, 'ada@mail.example', [0, 1]);

  const letter = await letterTo(server, 'ada@mail.example', 'Your tickets for Aida');
  t.match(letter.body, /Ada &lt;b&gt;Buyer&lt;\/b&gt;/, 'what a buyer types is text');
  for (const { seat } of booking.tickets) t.match(letter.body, seat);
  t.equal(letter.body.match(/src="data:image\/png;base64,/g)?.length, 2, 'a code for each ticket');
  t.match(letter.body, /Teatro Piccolo/);
  const calendar = await letter.file('event.ics');
  t.match(calendar, /BEGIN:VEVENT/);
  t.match(calendar, new RegExp(`UID:${event.id}@cavea`));
  const download = await fetch(`${server.url}/v1/events/${event.id}/calendar`);
  t.match(download.headers.get('content-type'), /^text\/calendar/);
  t.match(await download.text(), /SUMMARY:Aida/);

  await until('the shop hears of it', () => shop.heard.length > 0);
  const [first] = shop.heard;
  const event1 = new Webhook(secret).verify(first?.body ?? '', first?.headers ?? {});
  t.match(event1, { type: 'booking.confirmed', data: { id: booking.id, status: 'confirmed', amount: 8_000 } });
  t.match(event1, { data: { tickets: booking.tickets.map(({ id, seat }) => ({ id, seat, status: 'valid' })) } });
  t.throws(() => new Webhook(`whsec_${'A'.repeat(44)}`).verify(first?.body ?? '', first?.headers ?? {}), 'another key');

  const [ticket] = booking.tickets;
  await desk.ask('POST', `/bookings/${booking.id}/refund`, { tickets: [ticket?.id], reason: 'rude on the phone' });
  const refund = await letterTo(server, 'ada@mail.example', 'Your refund for Aida');
  t.match(refund.body, /€40\.00 goes back/);
  t.match(refund.body, ticket?.seat ?? '');
  t.notMatch(refund.body, /rude/, 'what staff note is for staff');
  await until('the shop hears of the refund', () => shop.heard.length > 1);
  t.match(JSON.parse(shop.heard[1]?.body ?? ''), { type: 'booking.partlyRefunded', data: { refunded: 4_000 } });

  t.equal((await desk.ask('POST', `/bookings/${booking.id}/resend`, {})).status, 204);
  await until(
    'the letter comes again',
    async () =>
      (await subjects(server, 'ada@mail.example')).filter(({ subject }) => subject.startsWith('Your ticket')).length >
      1,
  );
  const again = await letterTo(server, 'ada@mail.example', 'Your ticket for Aida');
  t.notMatch(again.body, ticket?.seat ?? '', 'only what is still valid');

  const settlement = await exported(`settlement?event=${event.id}`);
  t.match(settlement, /^day,event,title,currency,captured,refunded,net,outside\n/);
  t.match(settlement, new RegExp(`,${event.id},Aida,eur,8000,4000,4000,0\n`));
  const attendees = await exported(`attendees?event=${event.id}`);
  t.equal(attendees.trim().split('\n').length, 2, 'one valid ticket');
  const books = await exported(`bookings?event=${event.id}`);
  t.match(books, /ada@mail\.example/);
  t.match((await desk.ask('GET', `/exports/bookings?from=yesterday`)).problem, { code: 'badRequest' });
  t.match((await desk.ask('GET', '/audit?limit=3')).json, { items: [{ action: 'export' }] }, 'who took names is noted');
});

async function exported(path: string): Promise<string> {
  const { token } = await bookkeeper;
  const answer = await fetch(`${server.url}/v1/admin/exports/${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.text();
}
const bookkeeper = hire('Books', 'operator');

t.test('an event that is put off, then called off with its tickets kept', async (t) => {
  const event = await draftEvent(desk, systemClock.now() - 1_000);
  await putOnSale(desk, event.id);
  await bought(event.id, 'kept@mail.example', [3]);
  const startsAt = systemClock.now() + 90 * 86_400_000;
  await desk.ask('POST', `/events/${event.id}/postpone`, { startsAt, bookings: 'keep', reason: 'The tenor is ill.' });
  const moved = await letterTo(server, 'kept@mail.example', 'New date: Aida');
  t.match(moved.body, /The tenor is ill\./);
  const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Rome', dateStyle: 'full' }).format(startsAt);
  t.match(moved.body, day, 'the new day');
  await desk.ask('POST', `/events/${event.id}/cancel`, { bookings: 'keep', reason: 'A guest night instead.' });
  const off = await letterTo(server, 'kept@mail.example', 'Called off: Aida');
  t.match(await off.file('event.ics'), /STATUS:CANCELLED/);
});

t.test('a shop that does not answer is told again; a revoked one is not', async (t) => {
  shop.heard.length = 0;
  shop.answers.status = 500;
  const event = await draftEvent(desk, systemClock.now() - 1_000);
  await putOnSale(desk, event.id);
  const booking = await bought(event.id, 'again@mail.example', [5]);
  await letterTo(server, 'again@mail.example', 'Your ticket');
  await until('a first attempt', () => shop.heard.length > 0);
  shop.answers.status = 204;
  await until('the second', () => shop.heard.length > 1);
  t.equal(shop.heard[0]?.id, shop.heard[1]?.id, 'the same event by its id');
  t.equal(shop.heard[0]?.body, shop.heard[1]?.body);
  const deliveries = () => desk.done(deliveryPageSchema, 'GET', `/deliveries?booking=${booking.id}`);
  await until('it is noted', async () => (await deliveries()).items.every(({ status }) => status === 'sent'));
  const { items } = await deliveries();
  t.same(items.map(({ channel, kind }) => `${channel} ${kind}`).sort(), ['mail tickets', 'webhook booking.confirmed']);

  const hook = items.find(({ channel }) => channel === 'webhook');
  await desk.ask('POST', `/deliveries/${hook?.id}/retry`, {});
  await until('staff send it again', () => shop.heard.length > 2);
  t.equal(shop.heard[2]?.id, hook?.id);

  const { items: endpoints } = await desk.done(
    z.object({ items: z.array(z.object({ id: z.string() })) }),
    'GET',
    '/endpoints',
  );
  t.equal((await desk.ask('DELETE', `/endpoints/${endpoints[0]?.id}`)).status, 204);
  await desk.ask('POST', `/deliveries/${hook?.id}/retry`, {});
  await until('it is dead', async () =>
    (await deliveries()).items.some(({ status, note }) => status === 'dead' && note !== ''),
  );
  t.equal(shop.heard.length, 3);
});

t.test('what is no endpoint', async (t) => {
  for (const url of [
    'http://shop.example/hook',
    'ftp://shop.example',
    'https://me:secret@shop.example',
    'no address',
  ]) {
    t.match((await desk.ask('POST', '/endpoints', { url })).problem, { code: 'badRequest' }, url);
  }
});

t.test('an event of the payment provider that needs a person', async (t) => {
  const review = () => desk.done(inboxPageSchema, 'GET', '/inbox?status=review');
  const body = JSON.stringify({
    id: 'evt_odd',
    object: 'event',
    type: 'account.updated',
    livemode: false,
    data: { object: { object: 'account' } },
  });
  const at = Math.floor(systemClock.now() / 1_000);
  const signature = createHmac('sha256', server.sandboxWebhookSecret).update(`${at}.${body}`).digest('hex');
  const answer = await fetch(`${server.url}/v1/webhooks/stripe`, {
    method: 'POST',
    headers: { 'stripe-signature': `t=${at},v1=${signature}` },
    body,
  });
  t.ok(answer.ok);
  t.match((await review()).items, [{ id: 'evt_odd', type: 'account.updated', note: 'its type is unknown' }]);
  t.match((await desk.ask('GET', '/inbox/evt_odd')).json, { body: { id: 'evt_odd' } });
  t.equal((await desk.ask('POST', '/inbox/evt_odd/close', { note: 'not ours' })).status, 200);
  t.match((await desk.ask('POST', '/inbox/evt_odd/close', { note: 'again' })).problem, { code: 'wrongStatus' });
  t.same((await review()).items, []);
});
