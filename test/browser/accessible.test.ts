import t from 'tap';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { ownerOf } from '../helpers/staff.js';
import { isAccessible } from './axe.js';
import { launchChromium, openControlRoom, openWindow } from './chromium.js';

/** Every page and state that a buyer or staff come to, looked at by axe: WCAG 2.2 A and AA, and its best practices. */
const server = await startServer();
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());
const shots = process.env.CAVEA_TEST_SHOTS;

t.test('the way of a buyer', async (t) => {
  const event = await eventAt(server.url, 'Sternsaal Playhouse');
  for (const [size, colorScheme, viewport] of [
    ['desktop', 'light', { width: 1280, height: 800 }],
    ['phone at night', 'dark', { width: 390, height: 844 }],
  ] as const) {
    const { page } = await openWindow(browser, { viewport, colorScheme });
    const shot = async (name: string) => shots && page.screenshot({ path: `${shots}/${colorScheme}-${name}.png` });
    await page.goto(server.url);
    await page.locator('.poster-card').first().waitFor();
    await isAccessible(t, page, `home, ${size}`);
    await shot('home');
    await page.getByRole('searchbox').fill('qqqqqq');
    await page.waitForTimeout(800);
    await isAccessible(t, page, `nothing found, ${size}`);
    await page.goto(`${server.url}/events/${event.id}`);
    await page.waitForSelector('.live-badge[data-tone=live]');
    await isAccessible(t, page, `map, ${size}`);
    await shot('map');
    await page.click('text=List');
    await page.locator('.seat-list summary').first().click();
    await isAccessible(t, page, `list, ${size}`);
    await page.locator('.seat-list button.free').first().click();
    await page.waitForSelector('.hold-seats li');
    await isAccessible(t, page, `cart, ${size}`);
    await shot('cart');
    await page.fill('input[name=name]', 'Ada Lovelace');
    await page.fill('input[name=email]', 'ada.axe@example.com');
    await page.click('text=Continue to payment');
    await page.locator('.test-card').first().waitFor();
    await isAccessible(t, page, `payment, ${size}`);
    await page.locator('.test-card').nth(2).click();
    await page.click('.payment-form button[type=submit]');
    await page.locator('.form-problem').filter({ visible: true }).waitFor();
    await isAccessible(t, page, `declined, ${size}`);
    await shot('declined');
    await page.click('.test-card >> nth=0');
    await page.click('.payment-form button[type=submit]');
    await page.waitForSelector('.ticket');
    await isAccessible(t, page, `ticket, ${size}`);
    await shot('ticket');
    await page.goto(`${server.url}/events/evt_nothing`);
    await page.locator('h1').waitFor();
    await isAccessible(t, page, `nothing here, ${size}`);
    await page.close();
  }
});

t.test('the rooms of staff', async (t) => {
  const { token } = await ownerOf(server);
  const { page } = await openControlRoom(browser, server.url, token);
  await isAccessible(t, page, 'events');
  for (const [name, path] of [
    ['bookings', '/bookings'],
    ['inbox', '/inbox'],
    ['people', '/people'],
    ['the system', '/system'],
    ['a new event', '/new'],
  ]) {
    await page.goto(`${server.url}/admin#${path}`);
    await page.locator('h1, h2').first().waitFor();
    await page.waitForTimeout(300);
    await isAccessible(t, page, name ?? '');
  }
  const event = await eventAt(server.url, 'Sternsaal Playhouse');
  await page.goto(`${server.url}/admin#/events/${event.id}`);
  await page.getByText(/free · live/).waitFor();
  await isAccessible(t, page, 'an event');
  await page.goto(`${server.url}/door`);
  await page.getByText('Which door?').waitFor();
  await isAccessible(t, page, 'the doors');
  const stranger = await openWindow(browser);
  await stranger.page.goto(`${server.url}/admin`);
  await stranger.page.getByLabel('Staff token').waitFor();
  await isAccessible(t, stranger.page, 'sign in');
});
