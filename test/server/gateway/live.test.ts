import t from 'tap';
import type { Down, SnapshotFrame } from '../../../protocol/down.js';
import { systemClock } from '../../../server/core/clock.js';
import { LiveClient, upgradeStatus } from './live-client.js';
import { startServer } from './server.js';
import { eventId } from './shop.js';

const server = await startServer();
const { port } = server;
t.teardown(() => server.stop());
const is =
  <T extends Down['type']>(type: T) =>
  (frame: Down): frame is Extract<Down, { type: T }> =>
    frame.type === type;
const opId = (name: string) => `operation-${name}`;

async function connect(token?: string): Promise<LiveClient> {
  const client = await new LiveClient(port).opened();
  await client.hello(token ?? (await server.token()));
  return client;
}

t.test('[HELLO-2] [REQ-1] [REQ-2] [REQ-4] hello, welcome, subscribe, hold, release', async (t) => {
  const [ada, eve] = [await connect(), await connect()];
  const welcome = ada.heard[0];
  t.match(welcome, { type: 'welcome', protocol: 1, worker: 'worker-1', heartbeatMs: 2_000, staleMs: 5_000 });

  for (const client of [ada, eve]) t.match(await client.ask({ type: 'subscribe', event: eventId }), { ok: true });
  const snapshot = await ada.expect(is('snapshot'));
  t.match(snapshot, { event: eventId, epoch: 1, seq: 0 });
  t.ok((snapshot as SnapshotFrame).status instanceof Uint8Array);
  t.match(await ada.expect(is('holds')), { change: 'current', holds: [] });

  const held = await ada.ask({ type: 'hold', opId: opId('a'), event: eventId, seats: [1, 2] });
  t.match(held, { ok: true, hold: { event: eventId, seats: [1, 2], phase: 'held' } });
  t.match(await eve.expect(is('diff')), { fromSeq: 1, toSeq: 1 });
  const taken = await eve.ask({ type: 'hold', opId: opId('b'), event: eventId, seats: [2, 3] });
  t.match(taken, { ok: false, reason: 'taken', seats: [2, 3] });
  t.ok(taken.now > 0);

  const holdId = held.ok && held.hold ? held.hold.id : '';
  t.match(await ada.ask({ type: 'extend', opId: opId('c'), event: eventId, holdId }), {
    ok: true,
    hold: { id: holdId },
  });
  t.match(await ada.ask({ type: 'release', opId: opId('d'), event: eventId, holdId }), { ok: true });
  t.match(await ada.ask({ type: 'release', opId: opId('e'), event: 'evt_other', holdId }), {
    ok: false,
    reason: 'gone',
  });
  t.match(await ada.ask({ type: 'ping' }), { ok: true });
  t.match(await ada.ask({ type: 'unsubscribe', event: eventId }), { ok: true });
  t.match(await ada.ask({ type: 'subscribe', event: 'evt_none' }), { ok: false, reason: 'notFound' });
  t.match(await ada.ask({ type: 'subscribe', event: 'evt_draft' }), { ok: false, reason: 'notFound' });
  await Promise.all([ada.close(), eve.close()]);
  await systemClock.sleep(20);
  t.equal(server.shop.attached, 0, 'nobody is left attached');
});

t.test('[HOLD-4] all tabs of a buyer hear what became of their holds', async (t) => {
  const token = await server.token();
  const [one, two, other] = [await connect(token), await connect(token), await connect()];
  for (const client of [one, two, other]) await client.ask({ type: 'subscribe', event: eventId });
  await one.ask({ type: 'hold', opId: opId('tabs'), event: eventId, seats: [7] });
  const heard = (frame: Down): frame is Extract<Down, { type: 'holds' }> =>
    frame.type === 'holds' && frame.change === 'held';
  for (const client of [one, two]) t.match(await client.expect(heard), { holds: [{ seats: [7] }] });
  await systemClock.sleep(20);
  t.notOk(other.heard.find(heard), 'nobody else does');
  await Promise.all([one.close(), two.close(), other.close()]);
});

t.test('areas: any free places, all or none', async (t) => {
  const client = await connect();
  const hold = (name: string, areas: object[], seats: number[] = []) =>
    client.ask({ type: 'hold', opId: opId(name), event: eventId, seats, areas });
  const six = await hold('area1', [{ area: 0, count: 6 }], [0]);
  t.equal(six.ok && six.hold?.seats.length, 7);
  t.ok(six.ok && six.hold?.seats.slice(1).every((place) => place >= 8 && place < 18));
  t.match(await hold('area2', [{ area: 0, count: 5 }]), { ok: false, reason: 'soldOut' });
  t.match(await hold('area3', [{ area: 0, count: 4 }], [0]), { ok: false, reason: 'taken' });
  t.match(await hold('area4', [{ area: 0, count: 4 }]), { ok: true });
  t.match(await hold('area5', [{ area: 9, count: 1 }]), { ok: false, reason: 'unknownSeat' });
  await client.close();
});

t.test('[NET-1] subprotocols: MessagePack, or the same as JSON', async (t) => {
  const json = await new LiveClient(port, ['cavea.v1.json']).opened();
  await json.hello(await server.token());
  await json.ask({ type: 'subscribe', event: eventId });
  t.type((await json.expect(is('snapshot'))).status, 'string', 'bytes as base64');
  t.equal(json.protocol, 'cavea.v1.json');
  await json.close();
  const none = await new LiveClient(port, []).opened();
  await none.hello(await server.token());
  await none.close();
  t.equal(await upgradeStatus(port, {}, ['soap']), 400);
});

t.test('[HELLO-5] what follows a hello at once waits for it', async (t) => {
  const client = await new LiveClient(port).opened();
  const hello = client.hello(await server.token());
  const asked = client.ask({ type: 'subscribe', event: eventId });
  await hello;
  t.match(await asked, { ok: true });
  t.equal(client.heard[0]?.type, 'welcome');
  await client.close();
});

t.test('subscribing and leaving over and over leaves one viewer', async (t) => {
  const client = await connect();
  const asked = Array.from({ length: 12 }, (_, at) =>
    client.ask({ type: at % 3 === 1 ? 'unsubscribe' : 'subscribe', event: eventId }),
  );
  for (const outcome of await Promise.all(asked)) t.ok(outcome.ok);
  t.equal(server.shop.attached, 1);
  await client.close();
  await systemClock.sleep(20);
  t.equal(server.shop.attached, 0);
});

t.test('[NET-3] origins', async (t) => {
  await server.identity.createApiKey('publishable', 'web', ['https://tickets.example']);
  const good = ['https://shop.example', 'https://tickets.example', server.url];
  const bad = ['https://shop.example.evil.com', 'https://evil.com/https://shop.example', 'null', 'http://shop.example'];
  for (const origin of good) t.equal(await upgradeStatus(port, { origin }), 101, origin);
  for (const origin of bad) t.equal(await upgradeStatus(port, { origin }), 403, origin);
  t.equal(await upgradeStatus(port, {}), 101, 'no page: no origin');
});

t.test('[CLOSE-2] stop: goodbye, then close 4000', async (t) => {
  const leaving = await startServer();
  const client = await new LiveClient(leaving.port).opened();
  await client.hello(await leaving.token());
  await leaving.gateway.stop();
  t.same((await client.closed).code, 4000);
  t.match(client.heard.at(-1), { type: 'goodbye' });
  await t.rejects(new LiveClient(leaving.port).opened(), 'no more connections');
  await leaving.stop();
});
