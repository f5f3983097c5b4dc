import pg from 'pg';
import t from 'tap';
import type { Down } from '../../protocol/down.js';
import { limits } from '../../protocol/limits.js';
import { systemClock } from '../../server/core/clock.js';
import { newId } from '../../server/core/random.js';
import { type Buyer, connectBuyer, held, newOpId } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';

/** The rules of protocol/README.md about subscribing and holding, on the whole server with two workers. */

const holdTtlMs = 1_500;
const server = await startServer();
t.teardown(() => server.stop());
const db = new pg.Client({ connectionString: server.database.url });
await db.connect();
t.teardown(() => db.end());
const [first = '', second = ''] = server.workerUrls();
const { rows } = await db.query("select id from events where status = 'onSale' order by starts_at, id limit 5");
const events = rows.map(({ id }) => String(id));
const [event = ''] = events;
/** The same event, but for how long a hold lives. */
const shortEvent = newId('evt');
const changed = JSON.stringify({ id: shortEvent, hold_ttl_ms: holdTtlMs });
await db.query('insert into events select (jsonb_populate_record(events, $1)).* from events where id = $2', [
  changed,
  event,
]);

const connect = (url = first, before?: Buyer) =>
  connectBuyer(before ? { url, token: before.token } : { url, key: server.storefrontKey });
const typesOf = (buyer: Buyer, of = event) =>
  buyer.frames.flatMap(({ frame }) =>
    ('event' in frame && frame.event === of) || frame.type === 'outcome' ? [frame.type] : [],
  );
const newsOf = (buyer: Buyer) => buyer.frames.flatMap(({ frame }) => (frame.type === 'holds' ? [frame] : []));
const scout = await connect();
for (const one of [event, shortEvent]) await scout.subscribe(one);
let lastSeat = 0;
/** Free seats that no other test wants. */
function freshSeats(count: number): number[] {
  const free = (seat: number) => [event, shortEvent].every((one) => scout.maps.get(one)?.state(seat) === 'available');
  return Array.from({ length: count }, () => {
    do lastSeat++;
    while (!free(lastSeat));
    return lastSeat;
  });
}
t.teardown(() => scout.close());

t.test('[SUB-6] [HOLD-4] subscribe: the map, then the outcome, then the buyer’s holds', async (t) => {
  const buyer = await connect();
  t.match(await buyer.subscribe(event), { ok: true });
  await buyer.until(() => newsOf(buyer).length === 1);
  t.same(typesOf(buyer).slice(0, 3), ['snapshot', 'outcome', 'holds']);
  t.match(newsOf(buyer)[0], { change: 'current', holds: [] });
  t.match(await buyer.subscribe('evt_none'), { ok: false, reason: 'notFound' });
  await buyer.close();
});

t.test('[SUB-7] a socket watches at most four events', async (t) => {
  const buyer = await connect();
  t.equal(events.length, limits.subscriptionsPerSocket + 1, 'there are enough events');
  for (const [at, one] of events.entries()) {
    const outcome = await buyer.subscribe(one);
    if (at < limits.subscriptionsPerSocket) t.match(outcome, { ok: true });
    else t.match(outcome, { ok: false, reason: 'badRequest' });
  }
  t.match(await buyer.subscribe(event), { ok: true }, 'one that it watches already may be asked for again');
  await buyer.close();
});

t.test('[SECT-1] [SECT-2] [SECT-4] some sections of the map, and counts of all', async (t) => {
  const [watcher, other] = [await connect(), await connect(second)];
  const heard = (type: Down['type']) => watcher.frames.flatMap(({ frame }) => (frame.type === type ? [frame] : []));
  t.match(await watcher.ask({ type: 'subscribe', event, sections: [9_999] }), { ok: false, reason: 'badRequest' });
  t.match(await watcher.ask({ type: 'subscribe', event, sections: [1] }), { ok: true });
  t.match(heard('snapshot'), [{ sections: [1] }]);
  const [counts] = heard('counts');
  const free = counts?.type === 'counts' ? counts.free : [];
  t.ok(free.length > 1, 'a number for each section');
  await other.subscribe(event);
  const [seat = 0] = freshSeats(1);
  held(await other.hold(event, [seat]));
  await watcher.until(() => heard('counts').length > 1);
  t.match(heard('counts')[1], { free: [(free[0] ?? 0) - 1, ...free.slice(1)] }, 'the seat is of the first section');
  await watcher.until(() => heard('heartbeat').length > 0);
  for (const frame of heard('diff')) t.match(frame, { changes: { length: 0 } });
  for (const buyer of [watcher, other]) await buyer.close();
});

t.test('[SUB-8] after unsubscribe nothing about the event follows', async (t) => {
  const [leaver, other] = [await connect(), await connect(second)];
  for (const buyer of [leaver, other]) await buyer.subscribe(event);
  await leaver.ask({ type: 'unsubscribe', event });
  const before = leaver.frames.length;
  held(await other.hold(event, freshSeats(1)));
  await other.until(() => other.frames.some(({ frame }) => frame.type === 'diff'));
  await systemClock.sleep(limits.heartbeatMs + 300);
  t.same(
    leaver.frames.slice(before).map(({ frame }) => frame.type),
    [],
  );
  for (const buyer of [leaver, other]) await buyer.close();
});

t.test('[HOLD-1] all of the seats or none', async (t) => {
  const [ada, eve] = [await connect(), await connect(second)];
  const [a = 0, b = 0, c = 0] = freshSeats(3);
  await eve.subscribe(event);
  held(await ada.hold(event, [b]));
  t.match(await eve.hold(event, [a, b, c]), { ok: false, reason: 'taken', seats: [b] });
  held(await eve.hold(event, [a, c]));
  await eve.until(() => [a, b, c].every((seat) => eve.maps.get(event)?.state(seat) === 'held'));
  for (const buyer of [ada, eve]) await buyer.close();
});

t.test('[HOLD-2] a repeated opId gets the first answer, on any worker', async (t) => {
  const [here, rival] = [await connect(), await connect(second)];
  const there = await connect(second, here);
  await rival.subscribe(event);
  const [seat = 0, other = 0] = freshSeats(2);
  const intent = { type: 'hold', opId: newOpId(), event, seats: [seat] };
  const hold = held(await here.ask(intent));
  t.same(held(await here.ask(intent)), hold);
  t.same(held(await there.ask(intent)), hold);
  held(await rival.hold(event, [other]));
  const refused = { type: 'hold', opId: newOpId(), event, seats: [other] };
  t.match(await here.ask(refused), { ok: false, reason: 'taken' });
  const release = { type: 'release', opId: newOpId(), event, holdId: hold.id };
  t.match(await here.ask(release), { ok: true });
  // A worker refuses by its own copy, which hears of the release a moment later.
  await rival.until(() => rival.maps.get(event)?.state(seat) === 'available');
  held(await rival.hold(event, [seat]));
  t.match(await there.ask(release), { ok: true }, 'the second release is the first');
  t.match(await there.hold(event, [seat]), { ok: false, reason: 'taken' }, 'and frees nothing of others');
  for (const buyer of [here, there, rival]) await buyer.close();
});

t.test('[HOLD-3] [HOLD-4] the outcome carries the hold, and every socket of the holder hears of it', async (t) => {
  const here = await connect();
  const there = await connect(second, here);
  const stranger = await connect(second);
  for (const buyer of [here, there, stranger]) await buyer.subscribe(event);
  const seats = freshSeats(3);
  const hold = held(await here.hold(event, seats));
  t.match(hold, { event, seats, phase: 'held' });
  t.ok(hold.expiresAt > 0 && hold.capAt >= hold.expiresAt);
  const extended = held(await here.extend(event, hold.id));
  t.ok(extended.expiresAt >= hold.expiresAt && extended.expiresAt <= hold.capAt);
  const part = held(await here.release(event, hold.id, seats.slice(0, 1)));
  t.same([...part.seats].sort(), seats.slice(1).sort());
  t.match(await here.release(event, hold.id), { ok: true });
  for (const buyer of [here, there]) {
    await buyer.until(() => newsOf(buyer).length === 5);
    t.same(
      newsOf(buyer).map(({ change }) => change),
      ['current', 'held', 'extended', 'released', 'released'],
    );
    t.ok(newsOf(buyer).every(({ holdId, change }) => change === 'current' || holdId === hold.id));
    t.same(newsOf(buyer).at(-1)?.holds, []);
  }
  t.same(
    newsOf(stranger).map(({ change }) => change),
    ['current'],
  );
  for (const buyer of [here, there, stranger]) await buyer.close();
});

t.test('[HOLD-5] a hold lapses at its time, not before, and is seen free at once', async (t) => {
  const [ada, eve] = [await connect(), await connect(second)];
  for (const buyer of [ada, eve]) await buyer.subscribe(shortEvent);
  const [seat = 0] = freshSeats(1);
  const hold = held(await ada.hold(shortEvent, [seat]));
  await eve.until(() => eve.maps.get(shortEvent)?.state(seat) === 'held');
  const early = await eve.hold(shortEvent, [seat]);
  t.match(early, { ok: false, reason: 'taken' });
  await eve.until(() => eve.maps.get(shortEvent)?.state(seat) === 'available');
  const after = await eve.ask({ type: 'ping' });
  t.ok(after.now >= hold.expiresAt, `${after.now - hold.expiresAt} ms after`);
  t.ok(after.now - hold.expiresAt < 3_000, `${after.now - hold.expiresAt} ms after`);
  await ada.until(() => newsOf(ada).some(({ change, holdId }) => change === 'expired' && holdId === hold.id));
  held(await eve.hold(shortEvent, [seat]));
  for (const buyer of [ada, eve]) await buyer.close();
});

t.test('[HOLD-6] seats join a hold of the buyer, and of nobody else', async (t) => {
  const [ada, eve] = [await connect(), await connect(second)];
  const [a = 0, b = 0, c = 0] = freshSeats(3);
  const hold = held(await ada.hold(event, [a]));
  const both = held(await ada.hold(event, [b], hold.id));
  t.match(both, { id: hold.id, expiresAt: hold.expiresAt, capAt: hold.capAt });
  t.same([...both.seats].sort(), [a, b].sort());
  t.match(await eve.hold(event, [c], hold.id), { ok: false, reason: 'gone' });
  for (const buyer of [ada, eve]) await buyer.close();
});

t.test('[HOLD-7] a swap: the new seats or still the old ones, in the same hold; others see both at once', async (t) => {
  const [ada, eve] = [await connect(), await connect(second)];
  for (const buyer of [ada, eve]) await buyer.subscribe(event);
  const [a = 0, b = 0, c = 0, d = 0] = freshSeats(4);
  const hold = held(await ada.hold(event, [a, b]));
  held(await eve.hold(event, [d]));
  const swap = (leaving: number[], seats: number[]) =>
    ada.ask({ type: 'swap', opId: newOpId(), event, holdId: hold.id, leaving, seats });
  t.match(await swap([a], [d]), { ok: false, reason: 'taken', seats: [d] });
  t.match(await swap([a], [a]), { ok: false, reason: 'badRequest' });
  const swapped = held(await swap([a], [c]));
  t.same(swapped, { ...hold, seats: [b, c] });
  const map = () => eve.maps.get(event);
  await eve.until(() => map()?.state(c) === 'held');
  t.equal(map()?.state(a), 'available');
  await ada.until(() => newsOf(ada).some(({ change }) => change === 'swapped'));
  t.match(await eve.ask({ type: 'swap', opId: newOpId(), event, holdId: hold.id, leaving: [b], seats: [a] }), {
    ok: false,
    reason: 'gone',
  });
  for (const buyer of [ada, eve]) await buyer.close();
});

t.test('[SUB-2] a server that has just begun to watch continues from the journal', async (t) => {
  const quiet = events[3] ?? '';
  const [before, other] = [await connect(), await connect()];
  for (const buyer of [before, other]) await buyer.subscribe(quiet);
  const { epoch = 0, seq = 0 } = before.maps.get(quiet) ?? {};
  await before.close();
  const free = Array.from({ length: 500 }, (_, seat) => seat).filter(
    (seat) => other.maps.get(quiet)?.state(seat) === 'available',
  );
  for (const seat of free.slice(0, 3)) held(await other.hold(quiet, [seat]));
  const back = await connectBuyer({ url: second, token: before.token });
  t.match(await back.subscribe(quiet, { epoch, seq }), { ok: true });
  const [frame] = back.frames.flatMap(({ frame }) => ('event' in frame && frame.event === quiet ? [frame] : []));
  t.match(frame, { type: 'diff', fromSeq: seq + 1, toSeq: seq + 3 });
  t.equal(frame?.type === 'diff' && frame.changes.length, 12);
  const whole = await connect(second);
  await whole.subscribe(quiet);
  const digest = whole.frames.flatMap(({ frame }) => (frame.type === 'snapshot' ? [frame.digest] : []));
  t.equal(frame?.type === 'diff' && frame.digest, digest[0]);
  for (const buyer of [back, other, whole]) await buyer.close();
});

t.test('[HB-1] [DIG-3] [SUB-2] a quiet map is confirmed, and resumes where it was', async (t) => {
  const buyer = await connect();
  await buyer.subscribe(event);
  const beat = (frame: Down) => frame.type === 'heartbeat' && frame.event === event;
  await buyer.until(() => buyer.frames.some(({ frame }) => beat(frame)), limits.staleMs);
  const map = buyer.maps.get(event);
  await buyer.close();
  const again = await connectBuyer({ url: second, before: buyer });
  await again.subscribe(event, { epoch: map?.epoch ?? 0, seq: map?.seq ?? 0 });
  t.equal(typesOf(again)[0], 'diff');
  t.notOk(again.maps.get(event)?.broken);
  await again.close();
});
