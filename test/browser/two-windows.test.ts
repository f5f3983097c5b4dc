import type { Page } from 'playwright-core';
import t from 'tap';
import type { createCavea } from '../../client-sdk/cavea.js';
import { bestRound } from '../helpers/rounds.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { launchChromium, openWindow } from './chromium.js';

/** Two browsers on two workers, through the served SDK: what one holds, the other shows. */
const shownWithinMs = 200;
const rounds = 50;

declare const location: { readonly origin: string };
declare const window: { sdk?: { createCavea: typeof createCavea }; cavea?: ReturnType<typeof createCavea> };

async function follow(page: Page, url: string, key: string, event: string): Promise<string> {
  await page.goto(`${url}/`);
  return await page.evaluate(
    async ([key, event]) => {
      const path = '/sdk/v1/cavea.esm.js';
      const sdk = (await import(path)) as { createCavea: typeof createCavea };
      const cavea = sdk.createCavea({ url: location.origin, key, event });
      window.cavea = cavea;
      await cavea.open();
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (cavea.seats.getSnapshot()?.live) resolve();
        };
        cavea.seats.subscribe(look);
        look();
      });
      const state = cavea.connection.getSnapshot();
      return state.name === 'live' ? state.worker : '';
    },
    [key, event] as const,
  );
}

/** When the seat has this status here, on the clock of this machine. */
function seen(page: Page, seat: number, status: number): Promise<number> {
  return page.evaluate(
    ([seat, status]) =>
      new Promise<number>((resolve) => {
        const seats = window.cavea?.seats;
        const stop = seats?.subscribe(look);
        function look(): void {
          if (seats?.getSnapshot()?.status(seat) !== status) return;
          stop?.();
          resolve(performance.timeOrigin + performance.now());
        }
        look();
      }),
    [seat, status] as const,
  );
}

function hold(page: Page, seat: number): Promise<{ at: number; holdId: string }> {
  return page.evaluate(async (seat) => {
    const at = performance.timeOrigin + performance.now();
    const result = await window.cavea?.holds.hold([seat]);
    if (!result?.ok) throw new Error(`not held: ${result?.reason}`);
    return { at, holdId: result.hold.id };
  }, seat);
}

t.test(`a seat held in one window is held in the other within ${shownWithinMs} ms, ${rounds} times`, async (t) => {
  const [server, browser] = await Promise.all([startServer(), launchChromium()]);
  t.teardown(() => Promise.all([server.stop(), browser.close()]));
  const event = await eventAt(server.url, 'Halcyon Dome');
  const [first = '', second = ''] = server.workerUrls();
  const [a, b] = await Promise.all([openWindow(browser), openWindow(browser)]);
  const workers = await Promise.all([
    follow(a.page, first, server.storefrontKey, event.id),
    follow(b.page, second, server.storefrontKey, event.id),
  ]);
  t.not(workers[0], workers[1], 'each on its own worker');
  const free = await a.page.evaluate((rounds) => {
    const seats = window.cavea?.seats.getSnapshot();
    const found: number[] = [];
    for (let i = 0; seats && found.length < rounds; i++) if (seats.status(i) === 0) found.push(i);
    return found;
  }, rounds);

  const slowest = await bestRound(shownWithinMs, async () => {
    const took: number[] = [];
    for (const seat of free) {
      const shown = seen(b.page, seat, 1);
      const { at, holdId } = await hold(a.page, seat);
      took.push((await shown) - at);
      await a.page.evaluate((holdId) => window.cavea?.holds.release(holdId), holdId);
      await seen(b.page, seat, 0);
    }
    return took;
  });
  t.ok(slowest <= shownWithinMs, `slowest ${slowest.toFixed(1)} ms`);
  t.same([...a.complaints, ...b.complaints], []);
});
