import type { CDPSession } from 'playwright-core';
import { z } from 'zod';
import { valueInPage } from '../lib/chromium.js';

/** Expressions for the page that is measured; the bench itself has nothing of a browser. */

export function numberInPage(devtools: CDPSession, expression: string): Promise<number> {
  return valueInPage(devtools, expression, z.number());
}

/** When the frame after the first with seats began, in ms since the navigation. */
export const shownAt = `new Promise((done) => {
  const look = () =>
    performance.getEntriesByName('cavea-map').length > 0
      ? requestAnimationFrame(() => done(performance.now()))
      : requestAnimationFrame(look);
  look();
})`;

export const countFrames = `(() => {
  globalThis.benchFrames = 0;
  const next = () => { globalThis.benchFrames++; requestAnimationFrame(next); };
  next();
  return 0;
})()`;
export const frames = 'globalThis.benchFrames';

/** How long the canvas of the seats goes on changing, until it has been the same for a second. */
export const sharpAfterMs = `(async () => {
  const canvas = document.querySelectorAll('.map-canvas canvas')[1];
  const pen = canvas.getContext('2d');
  const startedAt = performance.now();
  let before = 0;
  let changedAt = startedAt;
  while (performance.now() - changedAt < 1000) {
    await new Promise(requestAnimationFrame);
    const pixels = new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    let sum = 0;
    for (let at = 0; at < pixels.length; at++) sum = (Math.imul(sum, 31) + pixels[at]) | 0;
    if (sum !== before) [before, changedAt] = [sum, performance.now()];
  }
  return changedAt - startedAt;
})()`;
