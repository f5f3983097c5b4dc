import { readFile } from 'node:fs/promises';
import t from 'tap';
import { bookingReplySchema } from '../../protocol/http.js';
import { connectBuyer, held } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { startServer } from '../helpers/server.js';
import { book, bookingIs, eventAt, pay } from '../helpers/shop.js';
import { ownerOf } from '../helpers/staff.js';
import { until } from '../helpers/until.js';
import { launchChromium, openControlRoom, openWindow } from './chromium.js';

/** Staff give money back, for a ticket or for a whole event that is called off, and everybody sees it. */
const server = await startServer();
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());
const shots = process.env.CAVEA_TEST_SHOTS;

const { token } = await ownerOf(server);

t.test('one ticket of two, then the other, seen live and in the buyer’s booking', async (t) => {
  const event = await eventAt(server.url, 'Sternsaal Playhouse');
  const buyer = await connectBuyer({ url: server.url, key: server.storefrontKey });
  await buyer.subscribe(event.id);
  const map = () => buyer.maps.get(event.id);
  const pair = Array.from({ length: 800 }, (_, seat) => seat).find(
    (seat) => map()?.state(seat) === 'available' && map()?.state(seat + 1) === 'available',
  );
  const seats = [pair ?? 0, (pair ?? 0) + 1];
  const hold = held(await buyer.hold(event.id, seats));
  const shopper = { url: server.url, token: buyer.token };
  const email = 'ada.refund@example.com';
  const begun = await book(shopper, { holdId: hold.id, buyer: { name: 'Ada Refund', email } });
  await pay(server.url, begun);
  const booked = await bookingIs(shopper, begun.id, 'confirmed');
  await buyer.until(() => seats.every((seat) => map()?.state(seat) === 'sold'));

  const { page, complaints } = await openControlRoom(browser, server.url, token);
  await page.getByRole('link', { name: 'Bookings' }).click();
  await page.getByLabel('Find').fill('nobody@');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('No booking is like that.').waitFor();
  await page.getByLabel('Find').fill('ADA.ref');
  await page.getByRole('button', { name: 'Search' }).click();
  if (shots) await page.screenshot({ path: `${shots}/bookings.png` });
  await page.getByRole('link', { name: 'Ada Refund' }).click();
  await page.getByRole('heading', { name: 'Ada Refund' }).waitFor();
  const [first, second] = booked.tickets;
  await page.getByLabel(first?.seat ?? '', { exact: true }).check();
  await page.getByLabel('Reason').fill('ill');
  await page.getByRole('button', { name: 'Give money back' }).click();
  await page.locator('tr.refunded').waitFor();
  await buyer.until(() => map()?.state(seats[0] ?? 0) === 'available');
  t.equal(map()?.state(seats[1] ?? 0), 'sold');
  t.match(await bookingIs(shopper, begun.id, 'confirmed'), { refunded: first?.amount, tickets: [{ id: second?.id }] });
  if (shots) await page.screenshot({ path: `${shots}/booking.png` });

  await page.getByLabel('Reason').fill('both ill');
  await page.getByRole('button', { name: 'Give money back' }).click();
  await page.locator('tr.refunded').nth(1).waitFor();
  t.equal(await page.getByRole('button', { name: 'Give money back' }).count(), 0);
  await buyer.until(() => map()?.state(seats[1] ?? 0) === 'available');
  t.match(await bookingIs(shopper, begun.id, 'refunded'), { refunded: booked.amount, tickets: [] });
  // The page shows what was so when it was opened; the letter may be on its way then.
  await until('the letter is shown as sent', async () => {
    await page.reload();
    await page.getByText(/given back\./).waitFor();
    return (await page.getByText(`refunded to ${email}: sent`).count()) > 0;
  });
  if (shots) await page.screenshot({ path: `${shots}/booking-refunded.png` });
  t.same(complaints, []);
  await buyer.close();
});

t.test('what has left the house, and what waits for a person', async (t) => {
  const { page, complaints } = await openControlRoom(browser, server.url, token);
  await page.getByRole('link', { name: 'Bookings' }).click();
  const table = page.locator('form[name=export]');
  await table.getByLabel('Table').selectOption('settlement');
  const downloading = page.waitForEvent('download');
  await table.getByRole('button', { name: 'Download CSV' }).click();
  const download = await downloading;
  t.equal(download.suggestedFilename(), 'settlement.csv');
  t.match(await readFile(await download.path(), 'utf8'), /^day,event,title,currency,captured,/);

  await page.getByRole('link', { name: 'Staff and keys' }).click();
  const hook = page.locator('form[name=endpoint]');
  await hook.getByLabel('Address').fill('http://127.0.0.1:9/hook');
  await hook.getByRole('button', { name: 'Add' }).click();
  await page.getByText(/Shown this once: whsec_/).waitFor();
  if (shots) await page.screenshot({ path: `${shots}/endpoints.png`, fullPage: true });

  const database = server.database.url;
  await querySql(
    database,
    `insert into webhook_inbox (id, type, body, body_hash, status, note)
     values ('evt_odd', 'account.updated', '{"object": "event"}', '', 'review', 'its type is unknown')`,
  );
  await querySql(database, "update deliveries set status = 'dead', note = 'no such mailbox' where kind = 'tickets'");
  await page.getByRole('link', { name: 'To look at' }).click();
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('"object": "event"').waitFor();
  if (shots) await page.screenshot({ path: `${shots}/inbox.png`, fullPage: true });
  await page.getByLabel('What you found').fill('not ours');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByText('every event of the payment provider was understood').waitFor();
  await page.getByRole('button', { name: 'Send again' }).first().click();
  await page.getByText('every letter and every event has arrived').waitFor();

  await page.goto(`${server.url}/sandbox/mailbox`);
  if (shots) await page.screenshot({ path: `${shots}/mailbox.png` });
  await page
    .getByRole('link', { name: /^Your refund for/ })
    .first()
    .click();
  await page
    .frameLocator('iframe')
    .getByText(/goes back to the card/)
    .waitFor();
  if (shots) await page.screenshot({ path: `${shots}/letter.png` });
  t.same(complaints, []);
});

t.test('a payment comes when the seats are gone: others are offered and taken', async (t) => {
  const event = await eventAt(server.url, 'Sternsaal Playhouse');
  const { page, complaints } = await openWindow(browser);
  await page.goto(`${server.url}/events/${event.id}`);
  await page.waitForSelector('.live-badge[data-tone=live]');
  await page.getByText('Find the best seats').first().click();
  await page.getByRole('button', { name: 'Find the best seats' }).click();
  await page.waitForSelector('.hold-seats li');
  await page.fill('input[name=name]', 'Cleo Late');
  await page.fill('input[name=email]', 'cleo@example.com');
  const answering = page.waitForResponse((answer) => answer.url().endsWith('/v1/bookings'));
  await page.click('text=Continue to payment');
  const begun = bookingReplySchema.parse(await (await answering).json());
  await page.waitForSelector('.payment-form');

  // The bank takes longer than the time for paying lasts, and somebody else gets one of the seats.
  const database = server.database.url;
  await querySql(database, `update claims set active = false where booking_id = '${begun.id}'`);
  await querySql(database, `update bookings set status = 'expired', settled = false where id = '${begun.id}'`);
  await page.getByText('The time to pay ran out.').waitFor();
  const rival = await connectBuyer({ url: server.url, key: server.storefrontKey });
  await rival.subscribe(event.id);
  const map = () => rival.maps.get(event.id);
  const [label = ''] = begun.seats;
  const [row] = await querySql<{ seat: number }>(
    database,
    `select seat from claims where booking_id = '${begun.id}' order by seat limit 1`,
  );
  const seat = row?.seat ?? 0;
  await rival.until(() => map()?.state(seat) === 'available');
  held(await rival.hold(event.id, [seat]));
  await pay(server.url, begun);

  await page.getByRole('heading', { name: 'Other seats?' }).waitFor({ timeout: 20_000 });
  if (shots) await page.screenshot({ path: `${shots}/late-offer.png` });
  t.notMatch(await page.locator('.offer').textContent(), label);
  await page.getByRole('button', { name: 'Take these seats' }).click();
  await page.waitForSelector('.ticket');
  if (shots) await page.screenshot({ path: `${shots}/late-taken.png` });
  t.same(complaints, []);
  await rival.close();
});

t.test('an event is called off: its bookings are refunded, and the buyer’s page says so', async (t) => {
  const event = await eventAt(server.url, 'Sternsaal Playhouse');
  const { page: shop, complaints: ofShop } = await openWindow(browser);
  await shop.goto(`${server.url}/events/${event.id}`);
  await shop.waitForSelector('.live-badge[data-tone=live]');
  await shop.getByText('Find the best seats').first().click();
  await shop.getByRole('button', { name: 'Find the best seats' }).click();
  await shop.waitForSelector('.hold-seats li');
  await shop.fill('input[name=name]', 'Bo Called Off');
  await shop.fill('input[name=email]', 'bo@example.com');
  await shop.click('text=Continue to payment');
  await shop.click('.test-card >> nth=0');
  await shop.click('.payment-form button[type=submit]');
  await shop.waitForSelector('.ticket');

  const { page: room, complaints } = await openControlRoom(browser, server.url, token);
  await room.goto(`${server.url}/admin#/events/${event.id}`);
  const form = room.locator('form[name=call-off]');
  await form.getByLabel('What has happened').fill('storm');
  t.equal(await form.getByLabel('New start').isVisible(), false);
  if (shots) await form.screenshot({ path: `${shots}/call-off-form.png` });
  await form.getByRole('button', { name: 'Do it' }).click();
  await room.locator('.status[data-status=cancelled]').waitFor();
  await room.getByText(/bookings refunded, .* given back, €0 on its way\. Done\./).waitFor({ timeout: 60_000 });
  t.equal(await form.isVisible(), false);
  if (shots) await room.screenshot({ path: `${shots}/called-off.png`, fullPage: true });

  await shop.reload();
  await shop.getByText('The event was called off.').waitFor();
  await shop.getByText('The money goes back to the card that you paid with.').waitFor();
  if (shots) await shop.screenshot({ path: `${shots}/booking-called-off.png` });
  await shop.goto(`${server.url}/events/${event.id}`);
  await shop.getByRole('heading', { name: 'This event was called off' }).waitFor();
  if (shots) await shop.screenshot({ path: `${shots}/event-called-off.png` });
  t.same([...ofShop, ...complaints], []);
});
