import t from 'tap';
import { WebSocket as NodeSocket } from 'ws';
import { z } from 'zod';
import { createCavea } from '../../client-sdk/cavea.js';
import type { SocketConstructor } from '../../client-sdk/wire.js';
import { auditPageSchema, staffEventSchema } from '../../protocol/admin.js';
import { systemClock } from '../../server/core/clock.js';
import { connectBuyer, held } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { book, bookingIs, pay } from '../helpers/shop.js';
import { chartSource, draftEvent, everyWorkerKnows, ownerOf, putOnSale } from '../helpers/staff.js';

/** An event on sale gets another chart: what is held and sold stays, everybody's map is read anew. */
const server = await startServer({ demo: false });
t.teardown(server.stop);

const { desk } = await ownerOf(server);
const [first = '', second = ''] = server.workerUrls();
const connect = (url: string) => connectBuyer({ url, key: server.storefrontKey });
const { id: event } = await draftEvent(desk, systemClock.now() - 1_000);
const { venue } = await desk.done(staffEventSchema, 'GET', `/events/${event}`);

const [platea] = chartSource.sections;
const [front, back] = platea?.rows ?? [];
const galleria = {
  key: 'G',
  name: 'Galleria',
  category: 'standing',
  rows: [{ type: 'arc', name: '1', origin: [0, 900], count: 8, spacing: 60 }],
};

/** Stores a chart of these sections. @returns its hash. */
async function store(...sections: object[]): Promise<string> {
  const source = { ...chartSource, categories: ['stalls', 'standing'], areas: [], sections };
  return (await desk.done(z.object({ hash: z.string() }), 'POST', `/venues/${venue.id}/charts`, source)).hash;
}

async function replace(chartHash: string, etag?: string) {
  const current = etag ?? (await desk.ask('GET', `/events/${event}`)).etag ?? '';
  return desk.ask('PUT', `/events/${event}/chart`, { chartHash }, { 'if-match': current });
}

t.test('a draft can get any chart', async (t) => {
  const seatsOnly = await store({ ...platea });
  const answer = await replace(seatsOnly);
  t.equal(answer.status, 200, JSON.stringify(answer.problem));
  t.match(answer.json, { chartHash: seatsOnly, settled: true });
  await putOnSale(desk, event);
});

t.test('an event on sale gets more seats, other names and places', async (t) => {
  const [buyer, keeper, watcher] = [await connect(first), await connect(first), await connect(second)];
  await Promise.all([watcher.subscribe(event), keeper.subscribe(event)]);
  const shopper = { url: server.url, token: buyer.token };
  const bought = await book(shopper, {
    holdId: held(await buyer.hold(event, [3])).id,
    buyer: { name: 'Ada', email: 'ada@example.org' },
  });
  await pay(server.url, bought);
  await bookingIs(shopper, bought.id, 'confirmed');
  const kept = held(await keeper.hold(event, [12, 13]));
  const map = watcher.maps.get(event);
  const shows = (seat: number, state: string) => watcher.until(() => map?.state(seat) === state);
  await Promise.all([shows(3, 'sold'), shows(12, 'held')]);
  const epoch = map?.epoch ?? 0;

  const swapped = await replace(
    await store({
      ...platea,
      rows: [
        { ...front, name: '2' },
        { ...back, name: '1' },
      ],
    }),
  );
  t.equal(swapped.problem?.code, 'seatsDiffer');
  t.match(swapped.problem?.errors?.[0], { pointer: '/chartHash', detail: /^P-1-1: .* gives its name to another seat/ });
  const shorter = await replace(await store({ ...platea, rows: [front] }));
  t.match(shorter.problem?.errors?.[0]?.detail, /^P-2-1: the new chart has no such seat$/);
  t.equal((await replace('0'.repeat(64))).problem?.code, 'badRequest');
  const renamed = { ...platea, rows: [front, { ...back, name: 'B', origin: [0, 450], spacing: 55 }] };
  const larger = await store(renamed, galleria);
  t.equal((await replace(larger, '"1"')).status, 412, 'somebody has edited it meanwhile');
  t.equal(map?.epoch, epoch, 'what is refused disturbs nobody');

  const answer = await replace(larger);
  t.equal(answer.status, 200, JSON.stringify(answer.problem));
  t.match(answer.json, { chartHash: larger, settled: true });
  await watcher.until(() => (map?.epoch ?? 0) > epoch);
  t.strictSame(
    [3, 12, 13, 14, 20].map((seat) => map?.state(seat)),
    ['sold', 'held', 'held', 'available', 'available'],
  );
  t.ok((await keeper.extend(event, kept.id)).ok, 'the hold goes on');

  const balcony = held(await buyer.hold(event, [20, 27]));
  await Promise.all([shows(20, 'held'), shows(27, 'held')]);
  t.equal(balcony.seats.length, 2, 'new seats are sold like all others');
  await keeper.until(() => keeper.maps.get(event)?.state(27) === 'held');
  t.notOk(map?.broken);
  const { items } = await desk.done(auditPageSchema, 'GET', `/audit?event=${event}`);
  t.match(
    items.find(({ action }) => action === 'event.chart'),
    { staff: { name: 'Olga' }, detail: { after: larger } },
  );
});

t.test('labels are those of the new chart', async (t) => {
  const shopper = await connect(second);
  await everyWorkerKnows(server, desk, event);
  const hold = (seats: string[]) =>
    fetch(`${second}/v1/events/${event}/holds`, {
      method: 'POST',
      headers: { authorization: `Bearer ${shopper.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ seats }),
    });
  t.equal((await hold(['P-2-5'])).status, 400, 'the old name is nobody’s');
  t.equal((await hold(['P-B-5', 'G-1-2'])).status, 201);
});

t.test('a page that shows the old chart is told, also when the new one has as many seats', async (t) => {
  const shop = createCavea({
    url: second,
    key: server.storefrontKey,
    event,
    environment: { WebSocket: NodeSocket as unknown as SocketConstructor, storage: undefined },
  });
  t.teardown(() => shop.close());
  const opened = await shop.open();
  if (!opened.ok) throw new Error(opened.message);
  await new Promise<void>((resolve) => {
    shop.seats.subscribe(() => shop.seats.getSnapshot()?.live && resolve());
  });
  const told = new Promise<void>((resolve) => {
    shop.onChartChange(resolve);
  });
  const renamed = { ...platea, rows: [front, { ...back, name: 'C' }] };
  const chartHash = await store(renamed, { ...galleria, rows: galleria.rows.map((row) => ({ ...row, spacing: 80 })) });
  t.not(chartHash, opened.event.chartHash);
  const swappedAt = systemClock.monotonic();
  t.equal((await replace(chartHash)).status, 200);
  await told;
  const tookMs = systemClock.monotonic() - swappedAt;
  t.ok(tookMs < 10_000, `within ${Math.round(tookMs)} ms`);
  const again = await shop.open();
  t.equal(again.ok && again.event.chartHash, chartHash);
});
