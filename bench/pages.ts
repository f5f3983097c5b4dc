import type { Browser, CDPSession, Page } from 'playwright-core';
import { eventPageSchema } from '../protocol/http.js';
import { launchChromium, openWindow } from './lib/chromium.js';
import { median } from './lib/median.js';
import { startNode } from './lib/node.js';
import type { BenchRedis } from './lib/redis.js';
import type { Figures } from './lib/report.js';
import { type Vitals, vitalsOf, watchVitals } from './pages/vitals.js';

/**
 * The storefront on a phone, with a processor four times as slow and a network of 150 ms and 1.6 Mbit/s, as Lighthouse
 * takes a phone to be (its `mobileSlow4G`, once called Fast 3G); from the whole server, with nothing in the browser's cache.
 *
 * lcpMs, cls: the worse of the home page's and an event page's. inpMs: of typing into the search, opening the list and a
 * section, and holding a seat and letting it go. bytesBeforeMap: of the event page. All are medians of the visits.
 * Invariant: the pages complain of nothing.
 */
const visits = 5;
const slowdown = 4;
const network = { offline: false, latency: 150, downloadThroughput: 1_638_400 / 8, uploadThroughput: 675_000 / 8 };

export async function runPages({ redis }: { redis: BenchRedis }): Promise<Figures> {
  const node = await startNode(redis.url);
  const browser = await launchChromium();
  try {
    const { items } = eventPageSchema.parse(await (await fetch(`${node.url}/v1/events?limit=50`)).json());
    const event = items.find(({ venue, status }) => venue.name === 'Halcyon Dome' && status === 'onSale');
    if (!event) throw new Error('the demo has no arena on sale');
    const [home, show]: [Vitals[], Vitals[]] = [[], []];
    let complaints = 0;
    const note = (count: number) => {
      complaints += count;
    };
    for (let visit = 0; visit < visits; visit++) {
      home.push(await look(browser, node.url, searchFor(event.title), note));
      show.push(await look(browser, `${node.url}/events/${event.id}`, holdASeat, note));
    }
    const of = (vitals: readonly Vitals[], key: keyof Vitals) => median(vitals.map((one) => one[key]));
    const worse = (key: keyof Vitals) => Math.max(of(home, key), of(show, key));
    return {
      lcpMs: worse('lcpMs'),
      cls: worse('cls'),
      inpMs: worse('inpMs'),
      bytesBeforeMap: of(show, 'bytesBeforeMap'),
      homeLcpMs: of(home, 'lcpMs'),
      eventLcpMs: of(show, 'lcpMs'),
      searchInpMs: of(home, 'inpMs'),
      seatInpMs: of(show, 'inpMs'),
      complaints,
    };
  } finally {
    await browser.close();
    await node.stop();
  }
}

async function look(
  browser: Browser,
  url: string,
  act: (page: Page) => Promise<void>,
  note: (complaints: number) => void,
): Promise<Vitals> {
  const { page, complaints } = await openWindow(browser, {
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  const devtools: CDPSession = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', network);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await watchVitals(page);
  await page.goto(url);
  await act(page);
  const vitals = await vitalsOf(devtools);
  note(complaints.length);
  await page.context().close();
  return vitals;
}

function searchFor(title: string) {
  return async (page: Page): Promise<void> => {
    await page.locator('.poster-card').first().waitFor();
    // The largest picture ends to count with the first key.
    await page.waitForTimeout(1_500);
    await page.getByRole('searchbox').pressSequentially(title.slice(0, 8), { delay: 150 });
    await page.waitForTimeout(1_500);
  };
}

async function holdASeat(page: Page): Promise<void> {
  await page.locator('.live-badge[data-tone=live]').waitFor();
  await page.waitForTimeout(1_500);
  await page.getByRole('button', { name: 'List', exact: true }).tap();
  await page.locator('.seat-list summary').first().tap();
  await page.locator('.seat-list button.free').first().tap();
  await page.locator('.hold-seats li').first().waitFor();
  await page.getByRole('button', { name: 'Release all' }).tap();
  await page.locator('.cart-empty').waitFor();
  await page.waitForTimeout(500);
}
