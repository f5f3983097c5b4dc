import t from 'tap';
import { inPool } from '../../protocol/accessible.js';
import { connectBuyer } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { launchChromium, openWindow } from './chromium.js';
import { driveMap } from './map-driver.js';

/** Seats chosen by the server, from the event page; and what is offered when a seat has just gone. */
const server = await startServer();
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());
const shots = process.env.CAVEA_TEST_SHOTS;

t.test('three together under a price, on a phone too; more than there are side by side', async (t) => {
  const event = await eventAt(server.url, 'Halcyon Dome');
  const { page, complaints } = await openWindow(browser);
  await page.goto(`${server.url}/events/${event.id}`);
  await page.waitForSelector('.live-badge[data-tone=live]');
  await page.getByText('Find the best seats').first().click();
  await page.getByLabel('Seats together').selectOption('3');
  const amounts = event.prices.map(({ amount }) => amount).sort((a, b) => a - b);
  await page.locator('select[name=limit]').selectOption(String(amounts[1]));
  await page.getByRole('button', { name: 'Find the best seats' }).click();
  await page.waitForSelector('.hold-seats li:nth-child(3)');
  await page.getByText(/Held for you, side by side/).waitFor();
  const prices = await page.locator('.seat-price span').allInnerTexts();
  t.ok(
    prices.every((text) => Number(text.replace(/[^\d.]/g, '')) * 100 <= (amounts[1] ?? 0)),
    prices.join(),
  );
  if (shots) await page.screenshot({ path: `${shots}/best-seats.png` });
  await page.setViewportSize({ width: 390, height: 844 });
  if (shots) await page.screenshot({ path: `${shots}/best-seats-phone.png` });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByLabel('Seats together').selectOption('10');
  await page.getByRole('button', { name: 'Find the best seats' }).click();
  await page.locator('.best-answer').getByText('That would be more seats than one buyer may have.').waitFor();
  t.same(complaints, []);
});

t.test('[ALT-1] a seat that goes in the same moment: the one beside it is a click away', async (t) => {
  const event = await eventAt(server.url, 'Halcyon Dome');
  const { page, complaints } = await openWindow(browser);
  await page.goto(`${server.url}/events/${event.id}`);
  await page.waitForSelector('.live-badge[data-tone=live]');
  const map = await driveMap(page, server.url, event.chartHash);
  const rival = await connectBuyer({ url: server.url, key: server.storefrontKey });
  await rival.subscribe(event.id);
  const free = (seat: number) => rival.maps.get(event.id)?.state(seat) === 'available';
  const section = map.chart.sections.findIndex(({ key }) => key === '112');
  const { start = 0 } = map.chart.sections[section] ?? {};
  const seat = Array.from({ length: 400 }, (_, at) => start + at).find((at) => free(at) && free(at + 1)) ?? 0;
  await map.openSection(section);
  // The page has not heard of it yet when it asks: its own socket is slower than the click.
  await page.evaluate(() => {
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
      if (typeof data === 'string' && data.includes('"hold"')) setTimeout(() => send.call(this, data), 400);
      else send.call(this, data);
    };
  });
  await map.clickSeat(seat);
  t.match(await rival.hold(event.id, [seat]), { ok: true });
  const offer = page.locator('.toast button');
  await offer.waitFor();
  if (shots) await page.screenshot({ path: `${shots}/alternative.png` });
  await offer.click();
  await page.waitForSelector('.hold-seats li:nth-child(1)');
  t.same(complaints, []);
  await rival.close();
});

t.test('[ACC-1] [ORPHAN-1] a wheelchair space is asked about, a seat left alone pointed out', async (t) => {
  const event = await eventAt(server.url, 'Halcyon Dome');
  await querySql(server.database.url, `update events set orphan_rule = 'warn' where id = '${event.id}'`);
  const { page, complaints } = await openWindow(browser);
  await page.goto(`${server.url}/events/${event.id}`);
  await page.waitForSelector('.live-badge[data-tone=live]');
  const map = await driveMap(page, server.url, event.chartHash);
  const watcher = await connectBuyer({ url: server.url, key: server.storefrontKey });
  await watcher.subscribe(event.id);
  const free = (seat: number) => watcher.maps.get(event.id)?.state(seat) === 'available';
  const { chart } = map;
  const kept = Array.from({ length: chart.seated }, (_, at) => at).find((at) => inPool(chart, at) && free(at)) ?? -1;
  const section = chart.sections.findIndex(({ start, count }) => kept >= start && kept < start + count);
  await map.openSection(section);
  await map.clickSeat(kept);
  await page.getByText(/kept for people who use a wheelchair/).waitFor();
  if (shots) await page.screenshot({ path: `${shots}/kept-seat.png` });
  await page.getByRole('button', { name: 'Somebody of us needs it' }).click();
  await page.waitForSelector('.hold-seats li:nth-child(1)');
  const row = chart.rows.find(
    ({ start, count, gaps, section: at }) =>
      at === section &&
      !gaps.includes(0) &&
      !gaps.includes(1) &&
      [0, 1, 2].every((at) => free(start + at) && !inPool(chart, start + at)) &&
      count > 4,
  );
  if (!row) throw new Error('no row begins with three free seats');
  await map.clickSeat(row.start + 1);
  await page.getByText(/stays alone now/).waitFor();
  if (shots) await page.screenshot({ path: `${shots}/orphan.png` });
  await page.getByRole('button', { name: /^Take .* too$/ }).click();
  await page.waitForSelector('.hold-seats li:nth-child(3)');
  t.same(complaints, []);
  await watcher.close();
});
