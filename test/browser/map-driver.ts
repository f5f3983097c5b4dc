import type { Page } from 'playwright-core';
import { Camera } from '../../client-sdk/map/camera.js';
import { boxOfSeats, centroid } from '../../client-sdk/map/scene.js';
import type { Chart } from '../../protocol/chart.js';
import { decodeChartPack } from '../../protocol/chart-pack.js';

/** Clicks on seats of the map as a buyer does: by where they are on the screen. */
export interface MapDriver {
  readonly chart: Chart;
  /** Shows a section by clicking it on the whole map; its seats can be clicked then. */
  openSection(section: number): Promise<void>;
  clickSeat(seat: number): Promise<void>;
  hoverSeat(seat: number): Promise<void>;
  /** Where a seat is in the window, in pixels. */
  seatAt(seat: number): { readonly x: number; readonly y: number };
}

/** For the map to draw the section, on a busy machine without a graphics card. */
const SETTLED_MS = 450;
/** As map.ts fits a section. */
const MARGIN_PX = 48;

export async function driveMap(page: Page, url: string, chartHash: string): Promise<MapDriver> {
  const answer = await fetch(`${url}/v1/charts/${chartHash}`, { headers: { accept: 'application/octet-stream' } });
  const chart = decodeChartPack(new Uint8Array(await answer.arrayBuffer()), chartHash);
  const box = await page.locator('.map-canvas').boundingBox();
  if (!box) throw new Error('the page has no map');
  const camera = new Camera();
  camera.limit({ left: 0, top: 0, right: chart.width, bottom: chart.height }, 1);
  camera.resize(box.width, box.height);
  Object.assign(camera, camera.fitAll());

  const at = (x: number, y: number) => ({ x: box.x + camera.screenX(x), y: box.y + camera.screenY(y) });
  const seatAt = (seat: number) => at(chart.x[seat] ?? 0, chart.y[seat] ?? 0);
  return {
    chart,
    seatAt,
    async openSection(section) {
      const found = chart.sections[section];
      if (!found) throw new Error(`no section ${section}`);
      const middle = centroid(found.outline);
      const point = at(middle.x, middle.y);
      await page.mouse.click(point.x, point.y);
      Object.assign(camera, camera.fitting(boxOfSeats(chart, found.start, found.count), MARGIN_PX));
      await page.waitForTimeout(SETTLED_MS);
    },
    async clickSeat(seat) {
      const { x, y } = seatAt(seat);
      await page.mouse.click(x, y);
    },
    async hoverSeat(seat) {
      const { x, y } = seatAt(seat);
      await page.mouse.move(x, y);
    },
  };
}
