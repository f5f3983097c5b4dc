import t, { type Test } from 'tap';
import { seatLabel } from '../../protocol/chart.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { launchChromium, openWindow, type Window } from './chromium.js';
import { driveMap, type MapDriver } from './map-driver.js';

/** A whole purchase with mouse and keyboard, and what a second window sees of it. */
const arena = 'Halcyon Dome';

/** Two neighbours that nobody has, by what the page itself says of them. */
async function findFreePair({ page }: Window, map: MapDriver, section: number): Promise<[number, number]> {
  const rows = map.chart.rows.filter((row) => row.section === section && row.count > 4);
  for (const row of rows) {
    for (let seat = row.start; seat < row.start + row.count - 1; seat++) {
      const free = async (index: number): Promise<boolean> => {
        await map.hoverSeat(index);
        return /Row .*€/s.test(await page.locator('.map-tip').innerText());
      };
      if ((await free(seat)) && (await free(seat + 1))) return [seat, seat + 1];
    }
  }
  throw new Error('no free pair in this section');
}

/** A browser on a busy two-core machine is slow, and slowness is not what is tested here. */
t.setTimeout(120_000);

const server = await startServer();
t.teardown(server.stop);

async function begin(t: Test) {
  const browser = await launchChromium();
  t.teardown(() => browser.close());
  const event = await eventAt(server.url, arena);
  const open = async (base: string): Promise<Window> => {
    const window = await openWindow(browser);
    await window.page.goto(`${base}/events/${event.id}`);
    await window.page.waitForSelector('.live-badge[data-tone=live]');
    return window;
  };
  return { event, open };
}

t.test('two seats from the map to the ticket, watched by a second window', async (t) => {
  const { event, open } = await begin(t);
  const [first = '', second = ''] = server.workerUrls();
  const buyer = await open(first);
  const other = await open(second);
  const { page } = buyer;

  const map = await driveMap(page, server.url, event.chartHash);
  const section = map.chart.sections.findIndex(({ key }) => key === '112');
  await map.openSection(section);
  const [left, right] = await findFreePair(buyer, map, section);
  await map.clickSeat(left);
  await page.waitForSelector('.hold-seats li:nth-child(1)');
  await map.clickSeat(right);
  await page.waitForSelector('.hold-seats li:nth-child(2)');
  t.equal(await page.locator('.hold').count(), 1, 'both seats are one hold');
  t.match(await page.locator('.countdown').innerText(), /^(10:00|9:\d\d)$/);

  await other.page.click('text=List');
  await other.page.click(`summary:has-text("${map.chart.sections[section]?.name}")`);
  const seen = other.page.locator(`[data-seat="${left}"]`);
  t.match(await seen.getAttribute('aria-label'), /held by someone else/);

  await page.fill('input[name=name]', 'Ada Lovelace');
  await page.fill('input[name=email]', 'ada@example.com');
  await page.click('text=Continue to payment');
  await page.click('.test-card >> nth=0');
  await page.click('.payment-form button[type=submit]');
  await page.waitForSelector('.ticket:nth-child(2)');
  t.equal(await page.locator('.ticket .qr').count(), 2);
  const seats = await page.locator('.ticket dl').allInnerTexts();
  for (const index of [left, right]) {
    const parts = seatLabel(map.chart, index).split('-');
    t.ok(
      seats.some((text) => parts.every((part) => text.includes(part))),
      `a ticket for ${parts.join('-')}`,
    );
  }
  await other.page.waitForSelector(`[data-seat="${left}"][aria-label*="not available"]`);

  await page.reload();
  await page.waitForSelector('.ticket:nth-child(2)');
  t.same([...buyer.complaints, ...other.complaints], [], 'no script error, and nothing against the content policy');
});

t.test('keyboard and list alone: hold, release, 3-D Secure, decline', async (t) => {
  const { open } = await begin(t);
  const { page, complaints } = await open(server.url);
  const list = page.locator('.seat-list');
  await page.focus('.view-switch [data-view=list]');
  await page.keyboard.press('Enter');
  await list.locator('summary').first().focus();
  await page.keyboard.press('Enter');
  const free = list.locator('button.free').first();
  const seat = await free.getAttribute('data-seat');
  await free.focus();
  await page.keyboard.press('Enter');
  const own = list.locator(`[data-seat="${seat}"][aria-pressed=true]`);
  await own.waitFor();
  await own.focus();
  await page.keyboard.press('Enter');
  await list.locator(`[data-seat="${seat}"].free`).waitFor();
  t.equal(await page.locator('.hold').count(), 0);

  await list.locator(`[data-seat="${seat}"]`).press('Enter');
  await page.fill('input[name=name]', 'Grace Hopper');
  await page.fill('input[name=email]', 'grace@example.com');
  await page.keyboard.press('Enter');
  await page.click('.test-card >> nth=2');
  await page.click('.payment-form button[type=submit]');
  t.match(await page.locator('.payment-form [role=alert]:not([hidden])').innerText(), /declined/i);
  await page.click('.test-card >> nth=1');
  await page.click('.payment-form button[type=submit]');
  await page.click('button[value=approve]');
  await page.waitForSelector('.ticket');
  t.same(
    complaints.filter((text) => !text.includes('402')),
    [],
    'only the declined card was complained about',
  );
});
