import t, { type Test } from 'tap';
import { WebSocket as NodeSocket } from 'ws';
import { type Cavea, createCavea } from '../../client-sdk/cavea.js';
import type { SocketConstructor } from '../../client-sdk/wire.js';
import { systemClock } from '../../server/core/clock.js';
import { connectBuyer, createSession, held } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { startSocketlessProxy } from '../helpers/socketless.js';
import { draftEvent, everyWorkerKnows, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';

/** Buyers behind a proxy that lets no socket through: the same over server-sent events and single requests. */
const server = await startServer({ demo: false });
t.teardown(server.stop);
const proxy = await startSocketlessProxy(server.url);
t.teardown(proxy.stop);
const { desk } = await ownerOf(server);
const key = server.storefrontKey;
const { id: event } = await draftEvent(desk, systemClock.now() - 1_000);
await putOnSale(desk, event);

function shopOf(t: Test, token: string, { url = proxy.url, of = event } = {}): Cavea {
  const cavea = createCavea({
    url,
    event: of,
    getToken: async () => token,
    environment: { WebSocket: NodeSocket as unknown as SocketConstructor },
  });
  t.teardown(() => cavea.close());
  return cavea;
}

const isLive = (cavea: Cavea) => cavea.seats.getSnapshot()?.live === true;
const statusIn = (cavea: Cavea, seat: number) => cavea.seats.getSnapshot()?.status(seat);

t.test(
  '[HTTP-1] [HTTP-2] the map is live, holds are taken and told, and a page that comes back continues',
  async (t) => {
    const token = await createSession(server.url, key);
    const cavea = shopOf(t, token);
    t.match(await cavea.open(), { ok: true });
    await until('live', () => isLive(cavea));
    t.match(cavea.connection.getSnapshot(), { name: 'live', over: 'http' });

    const rival = await connectBuyer({ url: server.url, key });
    const theirs = held(await rival.hold(event, [1, 2]));
    await until('the rival’s hold is seen', () => statusIn(cavea, 1) === 1 && statusIn(cavea, 2) === 1);
    t.match(await cavea.holds.hold([2]), { ok: false, reason: 'taken', seats: [2] });
    t.match(await cavea.holds.hold([4, 5]), { ok: true, hold: { seats: [4, 5] } });
    await until('the own hold is seen', () => statusIn(cavea, 5) === 1);

    const twin = await connectBuyer({ url: server.url, token });
    await twin.subscribe(event);
    const [hold] = cavea.holds.getSnapshot().holds;
    t.match(await twin.release(event, hold?.id ?? '', [5]), { ok: true });
    await until('another tab’s release is told', () => cavea.holds.getSnapshot().holds[0]?.seats.join() === '4');

    await Promise.all([server.killWorker(1), server.killWorker(2)]);
    await until('in doubt', () => !isLive(cavea));
    // Two workers that start at once take their time on a busy machine.
    await until('live again', () => isLive(cavea), 30_000);
    t.match(cavea.connection.getSnapshot(), { over: 'http' });
    t.equal(statusIn(cavea, 1), 1);
    const again = await connectBuyer({ url: server.url, token: rival.token });
    t.match(await again.release(event, theirs.id), { ok: true });
    await until('what happens afterwards is seen', () => statusIn(cavea, 1) === 0);
    t.same(cavea.holds.getSnapshot().holds[0]?.seats, [4], 'the hold is still there');
    await Promise.all([rival, twin, again].map((buyer) => buyer.close()));
  },
);

t.test('[HTTP-1] some sections only, with counts of the others', async (t) => {
  const cavea = shopOf(t, await createSession(server.url, key));
  await cavea.open();
  cavea.seats.watch([0]);
  await until('counted', () => cavea.seats.getSnapshot()?.sections?.length === 1 && isLive(cavea));
  const whole = await connectBuyer({ url: server.url, key });
  await whole.subscribe(event);
  await whole.hold(event, [0]);
  await until('seen', () => statusIn(cavea, 0) === 1);
  await whole.close();
});

t.test('[HTTP-3] the waiting room: a place, the line, the admission', async (t) => {
  const { id } = await draftEvent(desk, systemClock.now() - 60_000);
  await putOnSale(desk, id);
  const room = { ratePerMinute: 60_000, maxActive: 1, admissionMs: 600_000, message: 'Welcome' };
  await desk.ask('PUT', `/events/${id}/room`, { ...room, state: 'open' });
  await everyWorkerKnows(server, desk, id);
  const inside = await connectBuyer({ url: server.url, key });
  await until('one is inside', async () => {
    const answer = await inside.ask({ type: 'queueJoin', event: id });
    return answer.ok && answer.admittedUntil !== undefined;
  });
  const cavea = shopOf(t, await createSession(server.url, key), { of: id });
  await cavea.open();
  cavea.queue.join();
  await until('told of the line', () => {
    const state = cavea.queue.getSnapshot();
    return state.name === 'waiting' && state.ahead === 1 && state.message === 'Welcome';
  });
  t.notOk(isLive(cavea), 'nothing of the map before');
  await inside.ask({ type: 'queueLeave', event: id });
  await until('admitted', () => cavea.queue.getSnapshot().name === 'admitted');
  await until('the map', () => isLive(cavea));
  await inside.close();
});

t.test('a token that is not taken ends it; with sockets there is no HTTP', async (t) => {
  const bad = shopOf(t, 'not a token');
  void bad.open();
  await until('closed', () => bad.connection.getSnapshot().name === 'closed');
  t.match(bad.connection.getSnapshot(), { reason: 'badToken' });
  const good = shopOf(t, await createSession(server.url, key), { url: server.url });
  await good.open();
  await until('live', () => isLive(good));
  t.match(good.connection.getSnapshot(), { over: 'socket' });
});
