import t, { type Test } from 'tap';
import { seatLabel } from '../../protocol/chart.js';
import type { EventView } from '../../protocol/http.js';
import { amountOf } from '../../protocol/prices.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { startSocketlessProxy } from '../helpers/socketless.js';
import { ownerOf } from '../helpers/staff.js';
import { launchChromium, openWindow, type Window } from './chromium.js';
import { driveMap, type MapDriver } from './map-driver.js';

declare const sessionStorage: object;

/** A whole purchase with mouse and keyboard, and what a second window sees of it. */
const arena = 'Halcyon Dome';
const shots = process.env.CAVEA_TEST_SHOTS;

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

const server = await startServer();
t.teardown(server.stop);

async function begin(t: Test, venue = arena) {
  const browser = await launchChromium();
  t.teardown(() => browser.close());
  const event = await eventAt(server.url, venue);
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

t.test(
  'a network that lets no socket through: the whole purchase all the same, and others’ holds seen live',
  async (t) => {
    const proxy = await startSocketlessProxy(server.url);
    t.teardown(proxy.stop);
    const { open } = await begin(t);
    const [{ page }, other] = [await open(proxy.url), await open(server.url)];
    for (const window of [page, other.page]) {
      await window.click('text=List');
      await window.locator('.seat-list summary').first().click();
    }
    const theirs = await other.page.locator('.seat-list button.free').first().getAttribute('data-seat');
    await other.page.locator(`[data-seat="${theirs}"]`).click();
    await page.waitForSelector(`[data-seat="${theirs}"][aria-label*="held by someone else"]`);
    await page.locator('.seat-list button.free').first().click();
    await page.waitForSelector('.hold-seats li:nth-child(1)');
    await page.fill('input[name=name]', 'Ada Lovelace');
    await page.fill('input[name=email]', 'ada@example.com');
    await page.click('text=Continue to payment');
    await page.click('.test-card >> nth=0');
    await page.click('.payment-form button[type=submit]');
    await page.waitForSelector('.ticket .qr');
    if (shots) await page.screenshot({ path: `${shots}/no-socket.png` });
  },
);

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

t.test('a held seat is changed for another one, and is never lost on the way', async (t) => {
  const { open } = await begin(t);
  const { page, complaints } = await open(server.url);
  await page.click('text=List');
  await page.locator('.seat-list summary').first().click();
  await page.locator('.seat-list button.free').first().click();
  await page.waitForSelector('.hold-seats li:nth-child(1)');
  const mine = page.locator('.seat-list button.mine');
  const before = await mine.getAttribute('data-seat');
  const change = page.getByRole('button', { name: /^Change .* for another seat$/ });
  await change.click();
  await page.getByText(/It stays yours until then/).waitFor();
  await page.locator(`.seat-list [data-seat="${before}"]`).click();
  await page.getByText(/^You keep /).waitFor();
  t.equal(await mine.getAttribute('data-seat'), before, 'a second thought');
  await change.click();
  if (shots) await page.screenshot({ path: `${shots}/change-a-seat.png` });
  await page.locator('.seat-list button.free').nth(2).click();
  await page.getByText(/^You have .* now, in place of /).waitFor();
  t.equal(await mine.count(), 1);
  t.not(await mine.getAttribute('data-seat'), before);
  t.equal(await page.locator('.hold-seats li').count(), 1);
  await page.click('text=Release all');
  await page.waitForSelector('.cart-empty');
  t.same(complaints, []);
});

/** Staff make everything cost €999. */
async function raisePrices(t: Test, event: EventView): Promise<void> {
  const { desk: staff } = await ownerOf(server);
  const { etag = '' } = await staff.ask('GET', `/events/${event.id}`);
  const prices = event.prices.map((price) => ({ ...price, amount: 99_900, amounts: {} }));
  t.equal((await staff.ask('PUT', `/events/${event.id}/prices`, { prices }, { 'if-match': etag })).status, 200);
}

/** A page that was open when all prices became €999 shows them everywhere as soon as it holds a seat. */
async function showsNewPrices(t: Test, { page }: Window, chartHash: string): Promise<void> {
  await page.click('text=List');
  await page.locator('.seat-list summary').first().click();
  const free = page.locator('.seat-list button.free');
  t.notMatch(await free.first().getAttribute('aria-label'), '€999');
  await free.first().click();
  await page.getByText('The prices have changed.').waitFor();
  t.equal(await page.locator('.total b').innerText(), '€999');
  t.same(new Set(await page.locator('.prices li b').allInnerTexts()), new Set(['€999']), 'legend');
  await page.locator('.seat-list button.free[aria-label*="€999"]').first().waitFor();
  const seat = Number(await free.last().getAttribute('data-seat'));
  await page.click('.view-switch [data-view=map]');
  // So small that sections are pointed at instead of seats.
  await page.setViewportSize({ width: 420, height: 700 });
  await page.locator('.map-canvas').scrollIntoViewIfNeeded();
  await page.getByLabel('Show the whole map').click();
  await page.waitForTimeout(500);
  await (await driveMap(page, server.url, chartHash)).hoverSeat(seat);
  t.match(await page.locator('.map-tip').innerText(), / from €999/, 'a section on the map');
}

t.test('each seat has its own ticket type, under the prices of the hold', async (t) => {
  const { event, open } = await begin(t, 'Sternsaal Playhouse');
  const { page, complaints } = await open(server.url);
  if (shots) await page.screenshot({ path: `${shots}/types-beside-prices.png` });
  const shown = (minor: number) => `€${(minor / 100).toFixed(minor % 100 === 0 ? 0 : 2)}`;
  const total = page.locator('.total b');
  const kept = () => page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.includes('ticket-types')));
  await page.click('text=List');
  await page.locator('.seat-list summary').first().click();
  const holdThree = async () => {
    for (let seats = 1; seats <= 3; seats++) {
      await page.locator('.seat-list button.free').first().click();
      await page.waitForSelector(`.hold-seats li:nth-child(${seats})`);
    }
  };
  await holdThree();
  const categories = await page.locator('.seat-price small').allInnerTexts();
  const cost = (...types: string[]) =>
    types.map((type, seat) => {
      const price = event.prices.find(({ name }) => name === categories[seat]);
      return price ? amountOf(price, type) : Number.NaN;
    });
  const sum = (amounts: number[]) => shown(amounts.reduce((all, one) => all + one, 0));
  const adults = cost('standard', 'standard', 'standard');
  const mixed = cost('standard', 'under-26', 'companion');
  t.equal(await total.innerText(), sum(adults));
  const chooseTypes = async () => {
    await page.locator('.hold-seats select').nth(1).selectOption('Under 26');
    await page.locator('.hold-seats select').nth(2).selectOption({ index: 2 });
    t.equal(await total.innerText(), sum(mixed));
  };
  await chooseTypes();
  t.equal((await kept()).length, 1);
  const third = page.locator(
    `.seat-list [data-seat="${await page.locator('.seat-list button.mine').last().getAttribute('data-seat')}"]`,
  );
  await third.click();
  await page.locator('.hold-seats li:nth-child(3)').waitFor({ state: 'detached' });
  await third.click();
  await page.waitForSelector('.hold-seats li:nth-child(3)');
  t.equal(await page.locator('.hold-seats select').nth(2).inputValue(), 'standard', 'taken again, chosen anew');
  await page.click('text=Release all');
  await page.waitForSelector('.cart-empty');
  t.same(await kept(), [], 'forgotten with the hold');
  await holdThree();
  await chooseTypes();
  const other = await open(server.url);

  await raisePrices(t, event);
  await page.waitForTimeout(1_000);
  await showsNewPrices(t, other, event.chartHash);
  await page.reload();
  await page.waitForSelector('.hold-seats li:nth-child(3)');
  await page.locator('.total b', { hasText: sum(mixed) }).waitFor();
  t.pass('after a reload too the hold has its ticket types and the prices under which it was made');
  t.match(await page.locator('.prices li b').first().innerText(), '€999', 'which are not those of other seats');
  if (shots) await page.screenshot({ path: `${shots}/types-in-cart.png` });
  await page.fill('input[name=name]', 'Ada Lovelace');
  await page.fill('input[name=email]', 'ada@example.com');
  await page.click('text=Continue to payment');
  await page.locator('.booking-summary .total b', { hasText: sum(mixed) }).waitFor();
  t.match(await page.locator('.booking-summary li').nth(1).innerText(), /Under 26/);
  await page.click('.test-card >> nth=0');
  await page.click('.payment-form button[type=submit]');
  await page.waitForSelector('.ticket:nth-child(3)');
  const feet = await page.locator('.ticket-foot').allInnerTexts();
  const [full = 0, half = 0] = mixed;
  t.match(feet, [`Adult · ${shown(full)}`, `Under 26 · ${shown(half)}`, 'Companion · €0']);
  if (shots) await page.screenshot({ path: `${shots}/types-on-tickets.png`, fullPage: true });
  t.same([...complaints, ...other.complaints], []);
});
