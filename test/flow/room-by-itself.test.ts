import t from 'tap';
import { auditPageSchema, type RoomRules } from '../../protocol/admin.js';
import type { LineFrame } from '../../protocol/down.js';
import { systemClock } from '../../server/core/clock.js';
import { type Buyer, connectBuyer, held } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { startServer } from '../helpers/server.js';
import { draftEvent, everyWorkerKnows, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';

/** What a waiting room does by the clock and at its end, and what staff do for single people. */
const server = await startServer({ demo: false });
t.teardown(server.stop);
const { desk } = await ownerOf(server);
const key = server.storefrontKey;
const usual = { ratePerMinute: 60_000, maxActive: 100, admissionMs: 600_000, message: '' } as const;

async function house(): Promise<string> {
  const { id } = await draftEvent(desk, systemClock.now() - 60_000);
  await putOnSale(desk, id);
  return id;
}

const setRoom = (event: string, more: Partial<RoomRules>) =>
  desk.ask('PUT', `/events/${event}/room`, { ...usual, state: 'off', ...more });
const stateOf = async (event: string) =>
  ((await desk.ask('GET', `/events/${event}/room`)).json as { state: string }).state;
const connect = () => connectBuyer({ url: server.url, key });
const join = (buyer: Buyer, event: string) => buyer.ask({ type: 'queueJoin', event });
const lastLine = (buyer: Buyer, event: string): LineFrame | undefined =>
  buyer.frames.flatMap(({ frame }) => (frame.type === 'line' && frame.event === event ? [frame] : [])).at(-1);
const isWaiting = async (buyer: Buyer, event: string) => {
  const answer = await join(buyer, event);
  return answer.ok && answer.place !== undefined;
};
const isIn = async (buyer: Buyer, event: string) => {
  const answer = await join(buyer, event);
  return answer.ok && answer.admittedUntil !== undefined;
};

t.test('[QUEUE-6] by the clock: people enter, then places are drawn and people are called; written down', async (t) => {
  const event = await house();
  const [enterAt, openAt] = [systemClock.now() + 1_000, systemClock.now() + 5_000];
  t.match(await setRoom(event, { enterAt, openAt }), { status: 200, json: { state: 'off', enterAt, openAt } });
  await until('people may enter', async () => (await stateOf(event)) === 'drawing');
  const people = await Promise.all([connect(), connect(), connect()]);
  for (const buyer of people) await until('entered', () => isWaiting(buyer, event));
  const [first] = people;
  if (!first) throw new Error('there are three');
  await until('told', () => lastLine(first, event)?.state === 'drawing');
  t.match(lastLine(first, event), { opensAt: openAt });
  for (const buyer of people) await until('called', () => isIn(buyer, event), 20_000);
  t.equal(await stateOf(event), 'open');
  t.ok(systemClock.now() >= openAt, 'not before');
  const { items } = await desk.done(auditPageSchema, 'GET', `/audit?event=${event}`);
  const bySelf = items.filter(({ staff, action }) => staff === null && action === 'room.set');
  t.match(
    bySelf.map(({ detail }) => detail),
    [{ state: 'open' }, { state: 'drawing' }],
  );
  for (const buyer of people) await buyer.close();
});

t.test('what staff have set meanwhile stays; where people have waited nothing is drawn', async (t) => {
  const event = await house();
  await setRoom(event, { state: 'open' });
  const early = await connect();
  await until('in', () => isIn(early, event));
  await setRoom(event, { state: 'open', enterAt: systemClock.now() - 1 });
  await until('it has been looked at', async () => {
    const { json } = await desk.ask('GET', `/events/${event}/room`);
    return (json as { enterAt: number | null }).enterAt === null;
  });
  t.equal(await stateOf(event), 'open');
  await setRoom(event, { state: 'off', enterAt: systemClock.now() - 1 });
  await until('nobody is called yet', async () => (await stateOf(event)) === 'paused');
  await early.close();
});

t.test('draining: those who wait are called, then the room is off by itself', async (t) => {
  const event = await house();
  await setRoom(event, { state: 'paused' });
  await everyWorkerKnows(server, desk, event);
  const people = await Promise.all([connect(), connect()]);
  for (const buyer of people) t.match(await join(buyer, event), { ok: true, place: Number });
  await setRoom(event, { state: 'draining' });
  await until('off', async () => (await stateOf(event)) === 'off');
  const late = await connect();
  await until('the map is open to all', async () => (await late.subscribe(event)).ok);
  t.match(await join(late, event), { ok: true, place: undefined, admittedUntil: undefined });
  for (const buyer of [...people, late]) await buyer.close();
});

t.test('[QUEUE-6] closed by staff: those who wait are told, and may take seats', async (t) => {
  const event = await house();
  await setRoom(event, { state: 'paused' });
  await everyWorkerKnows(server, desk, event);
  const buyer = await connect();
  t.match(await join(buyer, event), { place: 1 });
  await setRoom(event, { state: 'off' });
  await until('told', () => lastLine(buyer, event)?.state === 'closed');
  await until('asked again', async () => (await join(buyer, event)).ok);
  await until('the map', async () => (await buyer.subscribe(event)).ok);
  held(await buyer.hold(event, [1]));
  await buyer.close();
});

t.test('staff let somebody in before their turn, and take somebody out; both are written down', async (t) => {
  const event = await house();
  await setRoom(event, { state: 'paused' });
  await everyWorkerKnows(server, desk, event);
  const [ann, bob, cat] = await Promise.all([connect(), connect(), connect()]);
  if (!ann || !bob || !cat) throw new Error('there are three');
  for (const buyer of [ann, bob, cat]) await join(buyer, event);
  const byHand = (verb: string, place: unknown) => desk.ask('POST', `/events/${event}/room/${verb}`, { place });
  t.match(await byHand('admit', 2), { status: 200 });
  await until('everybody is told', () => lastLine(bob, event)?.called?.join() === '2');
  t.ok(await isIn(bob, event));
  t.match(await bob.subscribe(event), { ok: true });
  t.match(await byHand('remove', 1), { status: 200 });
  t.match(await join(ann, event), { place: 4 }, 'at the end');
  t.match(await byHand('admit', 2), { status: 404 }, 'nobody waits there any more');
  t.match(await byHand('remove', 99), { status: 404 });
  t.match(await byHand('admit', 'x'), { status: 400 });
  const { items } = await desk.done(auditPageSchema, 'GET', `/audit?event=${event}`);
  t.match(
    items
      .filter(({ action }) => action === 'room.admit' || action === 'room.remove')
      .map(({ action, detail }) => [action, detail]),
    [
      ['room.remove', { place: 1 }],
      ['room.admit', { place: 2 }],
    ],
  );
  for (const buyer of [ann, bob, cat]) await buyer.close();
});

t.test('[QUEUE-8] whoever is called and does not come makes room for the next, and has one more chance', async (t) => {
  const event = await house();
  await setRoom(event, { state: 'paused' });
  await everyWorkerKnows(server, desk, event);
  const [ann, bob, cat] = await Promise.all([connect(), connect(), connect()]);
  if (!ann || !bob || !cat) throw new Error('there are three');
  for (const buyer of [ann, bob, cat]) t.match(await join(buyer, event), { ok: true, place: Number });
  // One inside at a time; ann is away.
  await setRoom(event, { state: 'open', maxActive: 1, showMs: 2_000 });
  await until('bob is called instead', () => isIn(bob, event));
  await systemClock.sleep(2_500);
  t.ok(await isIn(bob, event), 'who has come stays');
  t.match(await join(ann, event), { ok: true, place: 1 }, 'back at her place');
  t.match(await join(ann, event), { ok: true, place: 1 });
  await bob.ask({ type: 'queueLeave', event });
  // Before cat; and away again.
  const first = async () => {
    const [row] = await querySql<{ holders: number }>(
      server.database.url,
      `select count(*)::int as holders from admissions where event_id = '${event}' and place = 1 and chances = 2`,
    );
    return row?.holders === 1;
  };
  await until('ann is called again, before cat', first);
  await until('cat is called', () => isIn(cat, event));
  t.match(await join(ann, event), { ok: true, place: 4 }, 'there is no third chance');
  for (const buyer of [ann, bob, cat]) await buyer.close();
});

t.test('[QUEUE-9] a presale: who shows a code may join, once shown it stays; afterwards everybody', async (t) => {
  const event = await house();
  const presaleUntil = systemClock.now() + 3_600_000;
  await setRoom(event, { state: 'paused', presaleUntil });
  const addCodes = (body: object) => desk.ask('POST', `/events/${event}/room/codes`, body);
  t.match(await addCodes({ codes: ['FAN-2027-A', 'fan 2027 a', 'FAN-2027-B'] }), { status: 200, json: { added: 2 } });
  t.match(await addCodes({ codes: ['FAN-2027-B', 'MANY'], uses: 2 }), { json: { added: 1 } });
  t.match(await addCodes({ codes: ['x'] }), { status: 400 });
  await everyWorkerKnows(server, desk, event);
  const view = (await (await fetch(`${server.url}/v1/events/${event}`)).json()) as object;
  t.match(view, { presaleUntil });
  const [ann, bob, cat] = await Promise.all([connect(), connect(), connect()]);
  if (!ann || !bob || !cat) throw new Error('there are three');
  const show = (buyer: Buyer, code?: string) =>
    buyer.ask({ type: 'queueJoin', event, ...(code !== undefined && { code }) });
  t.match(await show(ann), { ok: false, reason: 'codeNeeded' });
  t.match(await show(ann, 'FAN-2028-A'), { ok: false, reason: 'codeWrong' });
  t.match(await show(ann, 'fan2027a'), { ok: true, place: 1 });
  t.match(await show(ann), { ok: true, place: 1 }, 'need not be shown again');
  t.match(await show(bob, 'FAN-2027-A'), { ok: false, reason: 'codeWrong' }, 'used up');
  const [one, two] = await Promise.all([show(bob, 'many'), show(bob, 'many')]);
  t.match([one, two], [{ place: 2 }, { place: 2 }], 'two tabs at once use it once');
  t.match(await show(cat, 'MANY'), { ok: true, place: 3 });
  const overHttp = (code?: string) =>
    fetch(`${server.url}/v1/events/${event}/place`, {
      method: 'POST',
      headers: { authorization: `Bearer ${late.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
  const late = await connect();
  t.match(await (await overHttp()).json(), { code: 'codeNeeded', status: 403 });
  t.match(await (await overHttp('FAN-2027-B')).json(), { state: 'waiting', place: 4 });
  const dump = JSON.stringify(await querySql(server.database.url, 'select * from presale_codes'));
  t.notMatch(dump, /2027|MANY/i, 'no code in the database');
  await setRoom(event, { state: 'paused', presaleUntil: systemClock.now() - 1 });
  await everyWorkerKnows(server, desk, event);
  const anybody = await connect();
  t.match(await show(anybody), { ok: true, place: 5 });
  for (const buyer of [ann, bob, cat, late, anybody]) await buyer.close();
});
