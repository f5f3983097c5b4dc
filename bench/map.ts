import type { Browser, CDPSession, Page } from 'playwright-core';
import { systemClock } from '../server/core/clock.js';
import { silentLog } from '../server/core/log.js';
import { createDatabase } from '../server/db/pool.js';
import { startChild } from './lib/child.js';
import { launchChromium, openWindow } from './lib/chromium.js';
import { median } from './lib/median.js';
import { startNode } from './lib/node.js';
import type { BenchRedis } from './lib/redis.js';
import type { Figures } from './lib/report.js';
import { countFrames, frames, numberInPage, sharpAfterMs, shownAt } from './map/in-page.js';
import type { WriterCalls } from './map/writer.js';

/**
 * The storefront's map of 100,000 seats in Chromium without a graphics card, from the whole server: how soon it is there, and
 * how it moves while somebody drags and zooms it and 2,000 seats a second change.
 *
 * firstFrameMs: from the navigation to the first frame with the map and all its seats, median of the visits.
 * scriptMsPerFrame: all JavaScript of the page during the tour, for a frame of it (ScriptDuration of the DevTools protocol).
 * framesPerSecond: of that tour.
 * sharpAfterMs: from the last move until the pictures of the seats no longer change.
 * wireBytes: all that came over the network until then, with nothing in the browser's cache.
 * heapMegabytes: of JavaScript after the tour, once its garbage is gone.
 * arena…: the same of a house of 20,000 seats.
 * Invariant: the page complains of nothing.
 */
const visits = 5;
const changesPerSecond = 2_000;
/** Opcode of RFC 6455. */
const binary = 2;

export async function runMap({
  redis,
  seconds = 10,
}: {
  redis: BenchRedis;
  seconds: number | undefined;
}): Promise<Figures> {
  const node = await startNode(redis.url);
  const writer = startChild<WriterCalls>(new URL('./map/writer.js', import.meta.url));
  const browser = await launchChromium();
  try {
    const measure = async (seats: number) => {
      const event = await eventOf(node.databaseUrl, seats);
      const url = `${node.url}/events/${event}`;
      const first = await openOften(browser, url);
      const { page, complaints } = await openWindow(browser);
      await page.goto(url);
      const devtools = await devtoolsOf(page);
      await numberInPage(devtools, shownAt);
      const load = { redisUrl: redis.url, event, seats, perSecond: changesPerSecond, seconds };
      const tour = await measureTour(page, devtools, seconds, writer.call('write', load));
      const heapMegabytes = await heapOf(devtools);
      await page.context().close();
      return { ...first, ...tour, heapMegabytes, complaints: complaints.length };
    };
    const [stadium, arena] = [await measure(100_000), await measure(20_000)];
    const named = Object.entries(arena).map(([figure, value]) => [
      `arena${figure.charAt(0).toUpperCase()}${figure.slice(1)}`,
      value,
    ]);
    return { ...stadium, ...Object.fromEntries(named), complaints: stadium.complaints + arena.complaints };
  } finally {
    await browser.close();
    await Promise.all([writer.end(), node.stop()]);
  }
}

/** On sale, without a waiting room. */
async function eventOf(databaseUrl: string, seats: number): Promise<string> {
  const db = createDatabase({ url: databaseUrl, log: silentLog });
  const [found] = await db.query<{ id: string }>(
    `select events.id from events join charts on hash = chart_hash
     where events.status = 'onSale' and not room_on and seats = $1 limit 1`,
    [seats],
  );
  await db.close();
  if (!found) throw new Error(`the demo has no house of ${seats} seats on sale`);
  return found.id;
}

async function openOften(browser: Browser, url: string): Promise<{ firstFrameMs: number; wireBytes: number }> {
  const frames: number[] = [];
  for (let visit = 0; visit < visits; visit++) frames.push((await open(browser, url)).firstFrameMs);
  const { bytes } = await open(browser, url, 'counted');
  return { firstFrameMs: median(frames), wireBytes: bytes };
}

/** Counting takes time of its own. */
async function open(browser: Browser, url: string, how?: 'counted'): Promise<{ firstFrameMs: number; bytes: number }> {
  const { page } = await openWindow(browser);
  const devtools = await devtoolsOf(page);
  let bytes = 0;
  if (how === 'counted') {
    await devtools.send('Network.enable');
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    devtools.on('Network.webSocketFrameReceived', ({ response: { payloadData, opcode } }) => {
      bytes += opcode === binary ? Buffer.byteLength(payloadData, 'base64') : Buffer.byteLength(payloadData);
    });
  }
  await page.goto(url, { waitUntil: 'commit' });
  const firstFrameMs = await numberInPage(devtools, shownAt);
  await page.context().close();
  return { firstFrameMs, bytes };
}

async function heapOf(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}

function devtoolsOf(page: Page): Promise<CDPSession> {
  return page.context().newCDPSession(page);
}

interface Tour {
  readonly scriptMsPerFrame: number;
  readonly framesPerSecond: number;
  readonly sharpAfterMs: number;
  readonly seatsChanged: number;
}

async function measureTour(page: Page, devtools: CDPSession, seconds: number, changes: Promise<number>): Promise<Tour> {
  await devtools.send('Performance.enable');
  await numberInPage(devtools, countFrames);
  const before = await progress(devtools);
  const until = systemClock.monotonic() + seconds * 1_000;
  while (systemClock.monotonic() < until) await lookAround(page);
  const after = await progress(devtools);
  const drawn = after.frames - before.frames;
  const seatsChanged = await changes;
  await page.mouse.wheel(0, -200);
  return {
    scriptMsPerFrame: (1_000 * (after.script - before.script)) / drawn,
    framesPerSecond: drawn / (after.at - before.at),
    sharpAfterMs: await numberInPage(devtools, sharpAfterMs),
    seatsChanged,
  };
}

/** From the whole house to the single seats, along them, and back. */
async function lookAround(page: Page): Promise<void> {
  const box = await page.locator('.map-canvas').boundingBox();
  if (!box) throw new Error('the page has no map');
  const [x, y] = [box.x + box.width * 0.4, box.y + box.height * 0.3];
  await page.mouse.move(x, y);
  for (let step = 0; step < 30; step++) await page.mouse.wheel(0, -60);
  await drag(page, x, y);
  for (let step = 0; step < 15; step++) await page.mouse.wheel(0, 60);
  await drag(page, x, y);
  for (let step = 0; step < 15; step++) await page.mouse.wheel(0, 60);
}

async function drag(page: Page, x: number, y: number): Promise<void> {
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 1; step <= 40; step++) {
    const angle = (2 * Math.PI * step) / 40;
    await page.mouse.move(x + 150 * Math.sin(angle), y + 150 * (1 - Math.cos(angle)));
  }
  await page.mouse.up();
}

async function progress(devtools: CDPSession): Promise<{ frames: number; script: number; at: number }> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { frames: await numberInPage(devtools, frames), script: of('ScriptDuration'), at: of('Timestamp') };
}
