import t from 'tap';
import type { HoldsFrame } from '../../../protocol/down.js';
import { systemClock } from '../../../server/core/clock.js';
import { mostChanges, pauseMs } from '../../../server/gateway/live/hold-news.js';
import { LiveClient } from './live-client.js';
import { startServer } from './server.js';
import { eventId } from './shop.js';

/** What sockets are told of their buyer's holds: always the latest, and never at a cost that the buyer decides. */
const server = await startServer();
t.teardown(() => server.stop());
const { shop } = server;

async function tab(token: string): Promise<LiveClient> {
  const client = await new LiveClient(server.port).opened();
  await client.hello(token);
  await client.ask({ type: 'subscribe', event: eventId });
  await until(() => heard(client).length > 0);
  return client;
}

const heard = (client: LiveClient) => client.heard.filter((frame): frame is HoldsFrame => frame.type === 'holds');

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    if (waitedMs > 3_000) throw new Error('never happened');
    await systemClock.sleep(5);
  }
}

const holderOf = async (token: string) => (await server.identity.verifySession(token))?.holder ?? '';

t.test(
  'a buyer who changes holds without end costs a reading each pause, and the last word is the truth',
  async (t) => {
    const token = await server.token();
    const holder = await holderOf(token);
    const tabs = await Promise.all([tab(token), tab(token)]);
    await systemClock.sleep(2 * pauseMs);
    const [readings, frames] = [shop.readings, tabs.map((one) => heard(one).length)];
    const began = systemClock.monotonic();
    for (let i = 0; i < 2_000; i++) {
      shop.holderChanged(eventId, { holder, holdId: `hld_${i}`, change: i % 2 === 0 ? 'held' : 'released' });
      if (i % 100 === 0) await systemClock.sleep(10);
    }
    const hold = {
      id: 'hld_last',
      holder,
      seats: [1],
      phase: 'held' as const,
      expiresAt: 1,
      capAt: 1,
      priceVersion: 1,
    };
    shop.holds.set('hld_last', { ...hold, bookingId: undefined });
    shop.holderChanged(eventId, { holder, holdId: 'hld_last', change: 'held' });
    await until(() => tabs.every((one) => heard(one).at(-1)?.holds.length === 1));
    const rounds = Math.ceil((systemClock.monotonic() - began) / pauseMs) + 1;
    t.ok(shop.readings - readings <= rounds, `${shop.readings - readings} readings for 2,001 changes`);
    tabs.forEach((one, i) => {
      const told = heard(one).length - (frames[i] ?? 0);
      t.ok(told <= rounds * mostChanges, `${told} frames`);
    });
    shop.holds.clear();
    await Promise.all(tabs.map((one) => one.close()));
  },
);

t.test('after a doubt of the fan-out every socket that watches is told what its buyer has', async (t) => {
  const [adas, bens] = [await server.token(), await server.token()];
  const watching = await Promise.all([tab(adas), tab(adas), tab(bens)]);
  const elsewhere = await new LiveClient(server.port).opened();
  await elsewhere.hello(adas);
  const holder = await holderOf(adas);
  await systemClock.sleep(2 * pauseMs);
  const hold = { id: 'hld_missed', holder, seats: [3], phase: 'held' as const, expiresAt: 1, capAt: 1 };
  shop.holds.set('hld_missed', { ...hold, priceVersion: 1, bookingId: undefined });
  const readings = shop.readings;
  server.gateway.resumed(eventId);
  await until(() => watching.every((one) => heard(one).length === 2));
  t.same(
    watching.map((one) =>
      heard(one)
        .at(-1)
        ?.holds.map(({ id }) => id),
    ),
    [['hld_missed'], ['hld_missed'], []],
  );
  t.equal(shop.readings - readings, 2, 'a reading for each buyer');
  for (let i = 0; i < 3; i++) server.gateway.resumed(eventId);
  await until(() => watching.every((one) => heard(one).length >= 3));
  t.same(heard(elsewhere), []);
  shop.holds.clear();
  await Promise.all([...watching, elsewhere].map((one) => one.close()));
});

t.test('what could not be read is told when it can be', async () => {
  const token = await server.token();
  const one = await tab(token);
  await systemClock.sleep(2 * pauseMs);
  shop.failing = 1;
  shop.holderChanged(eventId, { holder: await holderOf(token), holdId: 'hld_a', change: 'expired' });
  await until(() => heard(one).some(({ change }) => change === 'expired'));
  await one.close();
});

t.test('[SUB-8] whoever unsubscribes while their holds are read is told nothing more', async (t) => {
  const { holdsOf } = shop.engine;
  t.teardown(() => Object.assign(shop.engine, { holdsOf }));
  Object.assign(shop.engine, {
    async holdsOf(event: string, holder: string) {
      await systemClock.sleep(100);
      return holdsOf(event, holder);
    },
  });
  const client = await new LiveClient(server.port).opened();
  await client.hello(await server.token());
  await client.ask({ type: 'subscribe', event: eventId });
  await client.ask({ type: 'unsubscribe', event: eventId });
  await systemClock.sleep(300);
  t.same(heard(client), []);
});
