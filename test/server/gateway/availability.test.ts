import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { availabilityCounter } from '../../../server/gateway/availability.js';
import { chartHash, eventId, Shop } from './shop.js';

t.test('seats that change all the time are counted once a second, and others once', async (t) => {
  const shop = new Shop();
  const [event, stored, live] = await Promise.all([
    shop.catalog.event(eventId),
    shop.catalog.chart(chartHash),
    shop.fanout.watch(eventId),
  ]);
  if (!event || !stored) throw new Error('no event');
  let now = 0;
  let looked = 0;
  const count = availabilityCounter({ ...systemClock, monotonic: () => now });
  const ask = (seq: number, priceVersion = 1) => {
    const status = (index: number) => {
      looked++;
      return live.status(index);
    };
    return count({ ...event, priceVersion }, stored.chart, { ...live, seq, status });
  };
  t.match(ask(1), { seq: 1, free: 18 });
  t.equal(looked, 18);
  shop.status[3] = 2;
  now = 999;
  t.match(ask(2), { seq: 1, free: 18 }, 'up to a second old');
  t.equal(looked, 18);
  now = 1_000;
  t.match(ask(3), { seq: 3, free: 17 });
  now = 60_000;
  t.match(ask(3), { seq: 3, free: 17 });
  t.equal(looked, 36, 'the same position is not counted again');
  t.match(ask(3, 2), { free: 17 });
  t.equal(looked, 54, 'new prices are');
});
