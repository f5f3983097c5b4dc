import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import { startServer } from '../helpers/server.js';
import { eventAt, steer } from '../helpers/shop.js';
import { everyWorkerKnows, ownerOf } from '../helpers/staff.js';
import { launchChromium, openWindow } from './chromium.js';

/**
 * All workers are killed at each step of a purchase. What the page says then is true, and when they are back it goes on
 * without being loaded again.
 */
// The primary waits longer with each death before it starts a process again.
const [server, another] = await Promise.all([startServer(), startServer()]);
t.teardown(() => Promise.all([server.stop(), another.stop()]));
const browser = await launchChromium();
t.teardown(() => browser.close());
const shots = process.env.CAVEA_TEST_SHOTS;

async function openShop(url: string) {
  const { page } = await openWindow(browser);
  page.setDefaultTimeout(60_000);
  let loads = 0;
  page.on('load', () => loads++);
  await page.goto(url);
  return { page, loads: () => loads };
}

const shot = async (page: Page, name: string) => shots && page.screenshot({ path: `${shots}/killed-${name}.png` });
const isLive = (page: Page) => page.locator('.live-badge[data-tone=live]').waitFor();

async function chooseFromList(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'List', exact: true }).click();
  await page.locator('.seat-list summary').first().click();
  return page.locator('.seat-list button.free').first();
}

t.test('connect: an event that is opened meanwhile says so, and opens', async (t) => {
  const { page, loads } = await openShop(server.url);
  const event = await eventAt(server.url, 'Halcyon Dome');
  await page.locator('.poster-card').first().waitFor();
  await server.whileDead(async () => {
    await page
      .getByRole('link', { name: new RegExp(event.title) })
      .first()
      .click();
    await page.getByText('The box office does not answer').waitFor();
    await page.getByText(/goes on by itself as soon as there is an answer/).waitFor();
    await shot(page, 'connect');
  });
  await isLive(page);
  t.equal(loads(), 1, 'it was loaded once');
});

t.test('queue: no number is told that may be wrong, and the place is kept', async (t) => {
  const { desk } = await ownerOf(server);
  const rules = { ratePerMinute: 60, maxActive: 1, admissionMs: 600_000, message: '', beacon: '' };
  const theatre = await eventAt(server.url, 'Sternsaal Playhouse');
  await desk.ask('PUT', `/events/${theatre.id}/room`, { ...rules, state: 'paused' });
  await everyWorkerKnows(server, desk, theatre.id);
  const { page, loads } = await openShop(`${server.url}/events/${theatre.id}`);
  await page.getByText('You are next.').waitFor();
  await server.whileDead(async () => {
    await page.getByText('Reconnecting to the line …').waitFor();
    await page.getByText('Your place is kept, and this page goes on by itself.').waitFor();
    t.equal(await page.getByText('You are next.').count(), 0);
    await shot(page, 'queue');
  });
  await page.getByText('You are next.').waitFor();
  await desk.ask('PUT', `/events/${theatre.id}/room`, { ...rules, state: 'open' });
  await isLive(page);
  t.equal(loads(), 1);
});

t.test('hold, pay, 3-D Secure, ticket: one purchase through five deaths of the server', async (t) => {
  const event = await eventAt(another.url, 'Halcyon Dome');
  const { page, loads } = await openShop(`${another.url}/events/${event.id}`);
  await isLive(page);
  const free = await chooseFromList(page);
  await another.whileDead(async () => {
    await page.locator('.live-badge').getByText('Reconnecting…').waitFor();
    await free.click();
    await shot(page, 'hold');
  });
  await page.locator('.hold-seats li').waitFor();
  await isLive(page);

  await page.fill('input[name=name]', 'Ada Lovelace');
  await page.fill('input[name=email]', 'ada@example.com');
  const toPayment = page.getByRole('button', { name: 'Continue to payment' });
  await another.whileDead(async () => {
    await toPayment.click();
    await page.getByText('The server could not be reached. Check your connection and try again.').waitFor();
    t.equal(await page.locator('.hold-seats li').count(), 1, 'the seat is still shown as theirs');
    t.match(await page.locator('.countdown').innerText(), /^\d+:\d\d$/);
    await shot(page, 'book');
  });
  await isLive(page);
  await toPayment.click();
  await page.getByRole('heading', { name: 'Payment' }).waitFor();

  const payButton = page.locator('.payment-form button[type=submit]');
  await page.locator('.test-card').nth(1).click();
  await another.whileDead(async () => {
    await page.getByText('Your seats stay reserved until the time to pay is over.').waitFor();
    await payButton.click();
    await page.getByText('You have not been charged twice: try again.').waitFor();
    await shot(page, 'pay');
  });
  await page.locator('.booking-news:empty').waitFor({ state: 'attached' });
  await payButton.click();
  await page.locator('button[value=approve]').waitFor();
  await steer(another, { webhooks: false });
  const loadsBefore = loads();
  await page.locator('button[value=approve]').click();
  await page.getByText('Confirming your booking…').waitFor();
  await another.whileDead(async () => {
    await page.getByText('Your payment is not lost: your tickets come here, and by e-mail.').waitFor();
    await shot(page, 'three-d-secure');
  });
  await steer(another, { webhooks: true });
  await page.locator('.ticket .qr').waitFor();
  await another.whileDead(async () => {
    await page.getByText('Your tickets are valid as they stand here.').waitFor();
    t.equal(await page.locator('.ticket .qr').count(), 1);
    await shot(page, 'ticket');
  });
  await page.locator('.booking-news:empty').waitFor({ state: 'attached' });
  t.equal(loads(), loadsBefore + 1, 'loaded when it came back from the bank, and not again');
  t.match(await page.locator('.booking-summary').innerText(), /€/);
});
