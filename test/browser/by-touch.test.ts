import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { launchChromium, openWindow } from './chromium.js';
import { driveMap } from './map-driver.js';

/** The whole purchase on a phone, by taps alone; nothing to tap is smaller than a finger. */
const shots = process.env.CAVEA_TEST_SHOTS;
const server = await startServer();
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

/** CSS pixels (WCAG 2.2, 2.5.5 Target Size). Links in a text are exempt. */
const leastPx = 44;

async function isLargeEnough(t: Test, page: Page, what: string): Promise<void> {
  const small: string[] = [];
  for (const target of await page.locator('button:visible, summary:visible, input:visible, select:visible').all()) {
    const box = await target.boundingBox();
    const isBox = (await target.getAttribute('type')) === 'checkbox';
    if (!box || isBox || (box.width >= leastPx - 0.5 && box.height >= leastPx - 0.5)) continue;
    small.push(`${Math.round(box.width)} × ${Math.round(box.height)}: ${await target.innerText()}`);
    if (small.length > 8) break;
  }
  t.same(small, [], `${what}: all targets are ${leastPx} px or more`);
  if (shots) await page.screenshot({ path: `${shots}/touch-${what.replace(/\W+/g, '-')}.png` });
}

t.test('from the first page to the ticket', async (t) => {
  const event = await eventAt(server.url, 'Sternsaal Playhouse');
  const { page, complaints } = await openWindow(browser, phone);
  await page.goto(server.url);
  await page.locator('.poster-card').first().waitFor();
  await isLargeEnough(t, page, 'home');
  await page.getByRole('link', { name: event.title }).tap();
  await page.waitForSelector('.live-badge[data-tone=live]');
  await isLargeEnough(t, page, 'map');

  const map = await driveMap(page, server.url, event.chartHash);
  await page.getByRole('button', { name: 'List', exact: true }).tap();
  await page.locator('.seat-list summary').first().tap();
  await isLargeEnough(t, page, 'list');
  const free = page.locator('.seat-list button.free').first();
  const seat = await free.getAttribute('data-seat');
  await free.tap();
  await page.locator('.hold-seats li').first().waitFor();
  await page.getByRole('button', { name: /^Release Section/ }).tap();
  await page.locator('.cart-empty').waitFor();

  // The same seat on the map: a tap opens its section, another one holds it.
  await page.getByRole('button', { name: 'Map', exact: true }).tap();
  const index = Number(seat);
  const section = map.chart.sections.findIndex(({ start, count }) => index >= start && index < start + count);
  await map.openSection(section);
  const { x, y } = map.seatAt(index);
  await page.touchscreen.tap(x, y);
  await page.locator('.hold-seats li').first().waitFor();
  await isLargeEnough(t, page, 'cart');

  await page.getByLabel('Name').fill('Ada Lovelace');
  await page.getByLabel('E-mail').fill('ada.touch@example.com');
  await page.getByRole('button', { name: 'Continue to payment' }).tap();
  await page.locator('.test-card').first().waitFor();
  await isLargeEnough(t, page, 'payment');
  await page.locator('.test-card').first().tap();
  await page.locator('.payment-form button[type=submit]').tap();
  await page.locator('.ticket').waitFor();
  await isLargeEnough(t, page, 'ticket');
  t.same(complaints, []);
});
