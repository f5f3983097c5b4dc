import t from 'tap';
import { connectBuyer, held } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { book, bookingIs, eventAt, pay } from '../helpers/shop.js';
import { ownerOf } from '../helpers/staff.js';
import { launchChromium, openWindow } from './chromium.js';

/** Staff find a booking, give the money for a ticket back, and the seat is free on everybody's map. */
t.setTimeout(120_000);
const server = await startServer();
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());
const shots = process.env.CAVEA_TEST_SHOTS;

t.test('one ticket of two, then the other, seen live and in the buyer’s booking', async (t) => {
  const { token } = await ownerOf(server);
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

  const { page, complaints } = await openWindow(browser);
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto(`${server.url}/admin`);
  await page.getByLabel('Staff token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
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
  await page.reload();
  await page.getByText(/given back\./).waitFor();
  if (shots) await page.screenshot({ path: `${shots}/booking-refunded.png` });
  t.same(complaints, []);
  await buyer.close();
});
