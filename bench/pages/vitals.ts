import type { CDPSession, Page } from 'playwright-core';
import { z } from 'zod';
import { valueInPage } from '../lib/chromium.js';

/** Web Vitals (web.dev/articles/vitals) of one page, read by its own PerformanceObserver. */
export interface Vitals {
  /** Largest Contentful Paint, ms since the navigation. */
  readonly lcpMs: number;
  /** Cumulative Layout Shift: the worst session of shifts, less than a second apart and five long. */
  readonly cls: number;
  /** Interaction to Next Paint: the slowest, as there are fewer than fifty. Zero without one. */
  readonly inpMs: number;
  /** Bytes that came over the network before the chart was asked for, all of them where it was not. */
  readonly bytesBeforeMap: number;
}

const vitalsSchema = z.object({ lcpMs: z.number(), cls: z.number(), inpMs: z.number(), bytesBeforeMap: z.number() });

/** Before anything of the page runs. */
export async function watchVitals(page: Page): Promise<void> {
  await page.addInitScript(`{
    const seen = globalThis.benchVitals = { lcpMs: 0, cls: 0, inpMs: 0, shifts: 0, firstShift: 0, lastShift: 0 };
    const watch = (type, each, options) =>
      new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true, ...options });
    watch('largest-contentful-paint', ({ startTime }) => { seen.lcpMs = startTime; });
    watch('layout-shift', ({ value, startTime, hadRecentInput }) => {
      if (hadRecentInput) return;
      if (startTime - seen.lastShift > 1000 || startTime - seen.firstShift > 5000) [seen.shifts, seen.firstShift] = [0, startTime];
      seen.shifts += value;
      seen.lastShift = startTime;
      seen.cls = Math.max(seen.cls, seen.shifts);
    });
    watch('event', ({ interactionId, duration }) => {
      if (interactionId) seen.inpMs = Math.max(seen.inpMs, duration);
    }, { durationThreshold: 16 });
  }`);
}

export async function vitalsOf(devtools: CDPSession): Promise<Vitals> {
  const expression = `(() => {
    const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    const chart = all.find(({ name }) => name.includes('/v1/charts/'));
    const before = all.filter(({ startTime }) => !chart || startTime < chart.startTime);
    const bytesBeforeMap = before.reduce((sum, { transferSize }) => sum + transferSize, 0);
    return { ...benchVitals, bytesBeforeMap };
  })()`;
  return valueInPage(devtools, expression, vitalsSchema);
}
