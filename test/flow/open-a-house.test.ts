import t from 'tap';
import { z } from 'zod';
import { blockPageSchema, seatJournalSchema, staffEventSchema, staffSeatSchema } from '../../protocol/admin.js';
import { systemClock } from '../../server/core/clock.js';
import { connectBuyer, held } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { book, bookingIs, pay } from '../helpers/shop.js';
import { deskOf, draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';

/** A house from an empty database to open sale by the API alone; then pausing, blocking, and opening at a moment. */
const server = await startServer({ demo: false });
t.teardown(server.stop);

const madeSchema = z.object({ id: z.string() });
const { token, desk } = await ownerOf(server);
const [first = '', second = ''] = server.workerUrls();
const connect = (url = first) => connectBuyer({ url, key: server.storefrontKey });

async function openEvent(opensAt: number, more: object = {}): Promise<string> {
  const { id } = await draftEvent(desk, opensAt, more);
  await putOnSale(desk, id);
  return id;
}

/** Other workers keep what they know of an event for half a second. */
const everywhereMs = 600;

t.test('venue, chart, event, prices, announce, open: a buyer holds and buys', async (t) => {
  const { id, chart } = await draftEvent(desk, systemClock.now() - 1_000);
  const shown = () => fetch(`${second}/v1/events/${id}`);
  t.equal((await shown()).status, 404, 'a draft is nobody’s business');
  const prices = [
    { category: 'stalls', name: 'Platea', amount: 4_400 },
    { category: 'standing', name: 'In piedi', amount: 1_500 },
  ];
  const { etag = '' } = await desk.ask('GET', `/events/${id}`);
  t.equal((await desk.ask('PUT', `/events/${id}/prices`, { prices }, { 'if-match': etag })).status, 200);
  await desk.done(staffEventSchema, 'POST', `/events/${id}/announce`);
  await systemClock.sleep(everywhereMs);
  t.match(await (await shown()).json(), { title: 'Aida', status: 'announced', chartHash: chart });
  const buyer = await connect();
  const early = await buyer.hold(id, [0]);
  t.match(early, { ok: false, reason: 'notOpen' }, 'announced is not on sale');
  t.match(await desk.done(staffEventSchema, 'POST', `/events/${id}/open`), { status: 'onSale', settled: true });
  const hold = held(await buyer.hold(id, [0, 1]));
  const shopper = { url: server.url, token: buyer.token };
  const booking = await book(shopper, { holdId: hold.id, buyer: { name: 'Ada', email: 'ada@example.org' } });
  t.equal(booking.amount, 8_800, 'the new prices');
  await pay(server.url, booking);
  t.equal((await bookingIs(shopper, booking.id, 'confirmed')).tickets.length, 2);
});

t.test('paused: new holds are refused, holds and payments under way end in peace', async (t) => {
  const id = await openEvent(systemClock.now() - 1_000);
  const [payer, keeper, late] = [await connect(first), await connect(second), await connect(second)];
  const [paying, kept] = [held(await payer.hold(id, [0])), held(await keeper.hold(id, [1]))];
  const shopper = { url: server.url, token: payer.token };
  const booking = await book(shopper, { holdId: paying.id, buyer: { name: 'Ada', email: 'ada@example.org' } });
  t.match(await desk.done(staffEventSchema, 'POST', `/events/${id}/pause`), { status: 'paused', settled: true });

  t.match(await late.hold(id, [2]), { ok: false, reason: 'paused' }, 'on another worker, at once');
  t.match(await keeper.hold(id, [3]), { ok: false, reason: 'paused' }, 'whoever asks');
  await pay(server.url, booking);
  await bookingIs(shopper, booking.id, 'confirmed');
  const keeping = { url: server.url, token: keeper.token };
  const begun = await book(keeping, { holdId: kept.id, buyer: { name: 'Bo', email: 'bo@example.org' } });
  await pay(server.url, begun);
  t.equal((await bookingIs(keeping, begun.id, 'confirmed')).tickets.length, 1, 'a hold becomes a booking');
  await desk.done(staffEventSchema, 'POST', `/events/${id}/resume`);
  t.ok((await late.hold(id, [2])).ok, 'and it goes on');
});

t.test('blocks: seen by everybody at once, refused where somebody sits, released by their time', async (t) => {
  const id = await openEvent(systemClock.now() - 1_000);
  const watcher = await connect(second);
  await watcher.subscribe(id);
  const map = watcher.maps.get(id);
  const shows = (seat: number, state: string) => watcher.until(() => map?.state(seat) === state);
  const mine = held(await watcher.hold(id, [0]));
  const block = (body: object) => desk.ask('POST', `/events/${id}/blocks`, { reason: 'camera', ...body });

  t.match((await block({ rows: [{ section: 'P', row: '1' }] })).problem, { code: 'taken', seats: ['P-1-1'] });
  const row = await block({ rows: [{ section: 'P', row: '2' }], seats: ['P-1-2'] });
  t.equal(row.status, 201);
  await Promise.all([1, 10, 19].map((seat) => shows(seat, 'blocked')));
  t.equal(map?.state(2), 'available');
  t.match(await watcher.hold(id, [10]), { ok: false, reason: 'taken' });
  t.match(
    (await block({ seats: ['P-9-9', 'X'] })).problem?.errors?.map(({ pointer }) => pointer),
    ['/seats/0', '/seats/1'],
  );
  t.equal((await block({})).status, 400, 'nothing chosen');

  const seat = await desk.done(staffSeatSchema, 'GET', `/events/${id}/seat?label=P-2-1`);
  t.match(seat, { status: 'blocked', hold: null, booking: null, block: { reason: 'camera', staff: { name: 'Olga' } } });
  const listed = await desk.done(blockPageSchema, 'GET', `/events/${id}/blocks`);
  t.equal(listed.items[0]?.seats.length, 11);
  const freed = await desk.ask('POST', `/events/${id}/unblock`, { seats: ['P-2-1', 'P-1-5'] });
  t.match(freed.json, { seats: ['P-2-1'] });
  await shows(10, 'available');
  const { id: blockId } = madeSchema.parse(row.json);
  t.equal((await desk.ask('DELETE', `/events/${id}/blocks/${blockId}`)).status, 200);
  await shows(19, 'available');
  t.equal((await desk.ask('DELETE', `/events/${id}/blocks/blk_none`)).problem?.code, 'notFound');

  const soon = await block({ sections: ['G'], releaseAt: systemClock.now() + 1_200 });
  t.equal(soon.status, 201);
  await watcher.until(() => map?.areas.get(0) === 0);
  await watcher.until(() => map?.areas.get(0) === 12);
  t.pass('an area is back by itself');

  await systemClock.sleep(1_000);
  const holding = await desk.done(staffSeatSchema, 'GET', `/events/${id}/seat?label=P-1-1`);
  t.match(holding, { status: 'held', hold: { id: mine.id, phase: 'held', seats: ['P-1-1'] } });
  t.equal((await desk.ask('DELETE', `/holds/${mine.id}`)).status, 204);
  await shows(0, 'available');
  t.equal((await desk.ask('DELETE', `/holds/${mine.id}`)).problem?.code, 'gone');
  await systemClock.sleep(1_000);
  const journal = await desk.done(seatJournalSchema, 'GET', `/events/${id}/journal?seat=P-1-1`);
  t.match(journal.items, [
    { kind: 'release', status: 'available', holdId: mine.id, actor: /^stf_/ },
    { kind: 'hold', status: 'held', holdId: mine.id, actor: /^guest:/ },
  ]);
});

t.test('two of staff edit one event: one of them is told', async (t) => {
  const { id } = await draftEvent(desk, systemClock.now());
  const { etag = '' } = await desk.ask('GET', `/events/${id}`);
  const [urlOne, urlTwo] = [first, second];
  const edits = [deskOf(urlOne, token), deskOf(urlTwo, token)].map((one, i) =>
    one.ask('PATCH', `/events/${id}`, { title: `Title ${i}` }, { 'if-match': etag }),
  );
  t.same((await Promise.all(edits)).map(({ status }) => status).sort(), [200, 412]);
});
