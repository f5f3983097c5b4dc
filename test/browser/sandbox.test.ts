import t from 'tap';
import { connectBuyer, held } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { bookingIs, buy, eventAt, steer } from '../helpers/shop.js';
import { launchChromium, openWindow } from './chromium.js';

/** What a shop would do in Stripe's dashboard, on the page of the sandbox; what it says is heard by the server. */
const server = await startServer();
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());
const shots = process.env.CAVEA_TEST_SHOTS;
const address = `${server.url}/sandbox/`;

t.test('money back, a dispute and how it ends, faults and waiting events, by hand', async (t) => {
  const event = await eventAt(server.url, 'Sternsaal Playhouse');
  const buyer = await connectBuyer({ url: server.url, key: server.storefrontKey });
  await buyer.subscribe(event.id);
  const map = () => buyer.maps.get(event.id);
  const seats = Array.from({ length: 800 }, (_, seat) => seat).filter((seat) => map()?.state(seat) === 'available');
  const shopper = { url: server.url, token: buyer.token };
  const first = await buy(shopper, held(await buyer.hold(event.id, seats.slice(0, 1))).id);
  const second = await buy(shopper, held(await buyer.hold(event.id, seats.slice(1, 2))).id);

  const httpCredentials = { username: 'anybody', password: server.sandboxSecretKey };
  const { page, complaints } = await openWindow(browser, { httpCredentials });
  await page.goto(address);
  await page.getByText('captured').first().waitFor();
  // The newest is on top.
  await page.getByRole('button', { name: 'Refund' }).nth(1).click();
  await bookingIs(shopper, first.id, 'refunded');
  await buyer.until(() => map()?.state(seats[0] ?? 0) === 'available');

  await page.getByRole('button', { name: 'Dispute' }).click();
  await page.getByText('dispute needs response').waitFor();
  if (shots) await page.screenshot({ path: `${shots}/sandbox.png`, fullPage: true });
  await page.getByRole('button', { name: 'The buyer wins' }).click();
  await page.getByText('dispute lost').waitFor();
  await buyer.until(() => map()?.state(seats[1] ?? 0) === 'available');
  await bookingIs(shopper, second.id, 'refunded');

  await page.getByLabel('Webhooks are sent').uncheck();
  await page.getByLabel('Chance that an event comes twice').fill('2');
  await page.getByRole('button', { name: 'Set' }).click();
  await page.getByText('duplicates: a number, 0 to 1').waitFor();
  await page.goBack();
  await page.getByLabel('Webhooks are sent').uncheck();
  await page.getByLabel('Chance that an event comes twice').fill('0');
  await page.getByRole('button', { name: 'Set' }).click();
  t.notOk(await page.getByLabel('Webhooks are sent').isChecked());
  await steer(server, { webhooks: true });
  t.same(
    complaints.filter((line) => !line.includes('400')),
    [],
  );
  await buyer.close();
});

t.test('the page is for whoever has the key, and takes no form of another site', async (t) => {
  const stranger = await fetch(address);
  t.equal(stranger.status, 401);
  t.match(stranger.headers.get('www-authenticate'), /^Basic /);
  const basic = (password: string) => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;
  t.equal((await fetch(address, { headers: { authorization: basic('wrong') } })).status, 401);
  const authorization = basic(server.sandboxSecretKey);
  t.equal((await fetch(address, { headers: { authorization } })).status, 200);
  const forged = await fetch(`${address}steer`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'act=deliver&token=guessed',
    redirect: 'manual',
  });
  t.equal(forged.status, 401);
});
