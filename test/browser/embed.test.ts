import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { systemClock } from '../../server/core/clock.js';
import { root } from '../../server/core/paths.js';
import { startServer } from '../helpers/server.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';
import { isAccessible } from './axe.js';
import { launchChromium, openWindow } from './chromium.js';
import { startSite } from './shop-site.js';

/** The page of docs/examples on an origin of its own, with a strict content policy: custom elements from a script tag and a key. */
const server = await startServer({ demo: false });
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());
const shots = process.env.CAVEA_TEST_SHOTS;

const { desk } = await ownerOf(server);
const { id: event } = await draftEvent(desk, systemClock.now() - 1_000);
await putOnSale(desk, event);

const example = (name: string) => readFile(join(root, 'docs/examples', name), 'utf8');
const integrity = z
  .object({ 'elements.js': z.string() })
  .parse(await (await fetch(`${server.url}/sdk/v1/integrity.json`)).json());

/** A shop's own web server, with a key for its origin. */
async function startShop(t: Test): Promise<{ readonly url: string; readonly key: string }> {
  const live = server.url.replace('http', 'ws');
  const policy = [
    "default-src 'none'",
    `script-src ${server.url}`,
    "style-src 'self'",
    `connect-src ${server.url} ${live}`,
    "require-trusted-types-for 'script'",
  ].join('; ');
  const shop = await startSite(t, desk, async (request, response) => {
    if (request.url === '/shop.css') {
      response.writeHead(200, { 'content-type': 'text/css' }).end(await example('shop.css'));
      return;
    }
    if (request.url !== '/') {
      response.writeHead(404).end();
      return;
    }
    const page = (await example('embed.html'))
      .replaceAll('https://tickets.example', server.url)
      .replace('sha384-…', integrity['elements.js'])
      .replace('pk_…', shop.key)
      .replace('evt_…', event);
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy }).end(page);
  });
  return shop;
}

t.test('a ticket is bought on another site, by keyboard, from seats to thanks', async (t) => {
  const shop = await startShop(t);
  const { page, complaints } = await openWindow(browser);
  await page.goto(shop.url);
  await page.getByText('32 of 32 free').waitFor();
  await page.getByText('No seats yet.').waitFor();
  await page.getByRole('application').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('listitem').filter({ hasText: 'Seat' }).waitFor();
  await page.getByText('31 of 32 free').waitFor();
  await page
    .getByRole('timer')
    .getByText(/^(10:00|9:5\d)$/)
    .waitFor();
  await isAccessible(t, page, 'elements');
  if (shots) await page.screenshot({ path: `${shots}/embed.png`, fullPage: true });
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('E-mail').fill('ada.embed@example.org');
  await page.getByRole('button', { name: /^Continue/ }).click();
  await page.getByRole('button', { name: /Succeeds/ }).click();
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.getByText('Thank you. 1 ticket is on the way to you.').waitFor();
  if (shots) await page.screenshot({ path: `${shots}/embed-done.png`, fullPage: true });
  t.same(
    complaints.filter((line) => !line.includes('favicon')),
    [],
  );
});

t.test('elements that are taken out of the page end their connections, and come back', async (t) => {
  const shop = await startShop(t);
  const { page } = await openWindow(browser);
  const closed: string[] = [];
  page.on('websocket', (socket) => socket.on('close', () => closed.push(socket.url())));
  await page.goto(shop.url);
  await page.getByText(/of 32 free/).waitFor();
  await page.evaluate(
    `for (const one of document.querySelectorAll('seat-map, seat-cart, seat-countdown, seat-queue, seat-checkout')) one.remove()`,
  );
  const until = systemClock.monotonic() + 5_000;
  while (closed.length === 0 && systemClock.monotonic() < until) await page.waitForTimeout(50);
  t.equal(closed.length, 1, 'one socket for all of them, and it is closed');
  await page.evaluate(`const map = document.createElement('seat-map'); map.id = 'again';
    for (const [name, value] of [['server', ${JSON.stringify(server.url)}], ['key', ${JSON.stringify(shop.key)}], ['event', ${JSON.stringify(event)}]]) map.setAttribute(name, value);
    document.body.append(map);`);
  await page.getByText(/of 32 free/).waitFor();
});

/** How light the map's ground is where something is drawn, 0 to 255. */
function groundLight(page: Page): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('seat-map').shadowRoot.querySelector('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let [sum, count] = [0, 0];
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) [sum, count] = [sum + data[at + 1], count + 1];
    return sum / count;
  })()`);
}

const german = `globalThis.caveaWords = {
  freeOf: (free, total) => free + ' von ' + total + ' frei',
  section: 'Block', row: 'Reihe', seat: 'Platz', total: 'Summe',
  price: (amount, currency) => (amount / 100).toFixed(2).replace('.', ',') + ' ' + currency.toUpperCase(),
  noSeats: 'Noch keine Plätze.',
  refusals: { limit: 'Mehr Plätze gibt es hier nicht.' },
}`;

t.test(
  'a page says everything in its own language, and lets a buyer have fewer seats than the event does',
  async (t) => {
    const shop = await startShop(t);
    const { page } = await openWindow(browser);
    await page.addInitScript(german);
    await page.goto(shop.url);
    await page.getByText(/^\d+ von 32 frei$/).waitFor();
    await page.getByText('Noch keine Plätze.').waitFor();
    await page.evaluate(`document.querySelector('seat-map').setAttribute('max-seats', '1')`);
    await page.getByText(/^\d+ von 32 frei$/).waitFor();
    const map = page.getByRole('application');
    await map.focus();
    // Past the seat that has been bought above.
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
    const own = page.getByRole('listitem').filter({ hasText: /Block P · Reihe \d · Platz \d+/ });
    await own.waitFor();
    await page
      .getByText(/^\d+,\d\d EUR$/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Check out' }).waitFor();
    await map.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByText('Mehr Plätze gibt es hier nicht.').waitFor({ state: 'attached' });
    t.equal(await own.count(), 1);

    t.ok((await groundLight(page)) > 200);
    await page.evaluate(`document.querySelector('seat-map').setAttribute('scheme', 'dark')`);
    await until('the ground is dark', async () => (await groundLight(page)) < 100);
    await page.getByText(/^\d+ von 32 frei$/).waitFor();
  },
);
