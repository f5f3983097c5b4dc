import t from 'tap';
import { createCavea } from '../../client-sdk/cavea.js';
import { createTestClock } from './test-clock.js';

/** The client as a whole, with nobody to answer. */
function begin(signal?: AbortSignal) {
  const clock = createTestClock();
  const asked: string[] = [];
  const environment = {
    clock,
    storage: undefined,
    fetch: (async (url: string) => {
      asked.push(url);
      throw new TypeError('network');
    }) as typeof fetch,
    WebSocket: class {
      constructor() {
        throw new Error('no socket is opened without a session');
      }
    } as unknown as typeof WebSocket,
  };
  const url = 'https://tickets.example';
  return {
    clock,
    asked,
    shop: createCavea({ url, key: 'pk_1', event: 'evt_1', environment, ...(signal && { signal }) }),
  };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

t.test('an outage: opening goes on, is told of, and ends with the page’s own signal', async (t) => {
  const leaving = new AbortController();
  const { clock, asked, shop } = begin(leaving.signal);
  const heard: string[] = [];
  const opened = shop.open({ onOutage: ({ reason }) => heard.push(reason) });
  await settle();
  t.same(heard, ['offline']);
  clock.advance(250);
  await settle();
  t.same(heard, ['offline', 'offline']);
  leaving.abort();
  t.match(await opened, { ok: false, reason: 'offline' });
  t.same(shop.connection.getSnapshot(), { name: 'closed', reason: 'stopped' });
  t.equal(clock.waiting, 0, 'no timer is left');
  const before = asked.length;
  clock.advance(60_000);
  await settle();
  t.equal(asked.length, before, 'nobody is asked any more');
});

t.test('a signal that was given already is the end before the beginning', async (t) => {
  const { shop } = begin(AbortSignal.abort());
  t.same(shop.connection.getSnapshot(), { name: 'closed', reason: 'stopped' });
});
