import type { Browser, Page } from 'playwright-core';
import t from 'tap';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { launchChromium, openWindow } from './chromium.js';
import { driveMap } from './map-driver.js';

/** Of the browser, where this runs. */
declare function createImageBitmap(blob: Blob): Promise<object>;
declare const OffscreenCanvas: new (
  width: number,
  height: number,
) => {
  getContext(
    kind: '2d',
  ):
    | { drawImage(picture: object, x: number, y: number): void; getImageData(...box: number[]): { data: Uint8Array } }
    | undefined;
};

/** Both renderers show a free seat in its colour, and an own one dark with a light tick. */

const server = await startServer();
t.teardown(server.stop);

/** Colours of the pixels around a point, as the screen shows them. */
async function pixels(browser: Browser, page: Page, x: number, y: number): Promise<[number, number, number][]> {
  const png = await page.screenshot({ clip: { x: Math.round(x) - 4, y: Math.round(y) - 4, width: 9, height: 9 } });
  const reader = await browser.newPage();
  const bytes = await reader.evaluate(async (base64) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const pen = new OffscreenCanvas(9, 9).getContext('2d');
    pen?.drawImage(picture, 0, 0);
    return [...(pen?.getImageData(0, 0, 9, 9).data ?? [])];
  }, png.toString('base64'));
  await reader.close();
  return Array.from({ length: 81 }, (_, at) => [bytes[at * 4] ?? 0, bytes[at * 4 + 1] ?? 0, bytes[at * 4 + 2] ?? 0]);
}

const dark = ([r, g, b]: [number, number, number]): boolean => r < 70 && g < 70 && b < 70;

for (const renderer of ['canvas', 'webgl'] as const) {
  t.test(`${renderer}: a free seat has a colour, an own one is dark`, async (t) => {
    const browser = await launchChromium({ graphics: renderer === 'webgl' ? 'webgl' : 'none' });
    t.teardown(() => browser.close());
    const event = await eventAt(server.url, 'Halcyon Dome');
    const { page, complaints } = await openWindow(browser);
    await page.goto(`${server.url}/events/${event.id}?renderer=${renderer}`);
    await page.waitForSelector('.live-badge[data-tone=live]');
    t.equal(await page.locator('.map-canvas').getAttribute('data-renderer'), renderer);
    const map = await driveMap(page, server.url, event.chartHash);
    const section = map.chart.sections.findIndex(({ key }) => key === '112');
    await map.openSection(section);
    const { start, count } = map.chart.sections[section] ?? { start: 0, count: 0 };
    let seat = start;
    for (; seat < start + count; seat++) {
      await map.hoverSeat(seat);
      if (/Row .*€/s.test(await page.locator('.map-tip').innerText())) break;
    }
    const { x, y } = map.seatAt(seat);
    await page.mouse.move(5, 5);
    const free = await pixels(browser, page, x, y);
    t.notOk(free.some(dark), 'free: nothing dark');
    t.ok(Math.max(...(free[40] ?? [])) - Math.min(...(free[40] ?? [])) > 40, `free: a colour, ${free[40]}`);
    await map.clickSeat(seat);
    await page.waitForSelector('.hold-seats li');
    await page.mouse.move(5, 5);
    const own = await pixels(browser, page, x, y);
    t.ok(own.filter(dark).length > 20, `own: ${own.filter(dark).length} of 81 pixels dark`);

    // Moved with the map, at once and when it rests; where it was, something else is.
    await page.mouse.move(x, y + 40);
    await page.mouse.down();
    await page.mouse.move(x + 37, y + 23, { steps: 4 });
    for (const at of ['at once', 'at rest']) {
      const moved = await pixels(browser, page, x + 37, y - 17);
      t.ok(moved.filter(dark).length > 20, `${at}: ${moved.filter(dark).length} of 81 pixels dark`);
      await page.waitForTimeout(400);
    }
    await page.mouse.up();
    t.same(complaints, []);
  });
}
