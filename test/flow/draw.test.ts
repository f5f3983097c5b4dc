import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join as joinPath } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import t from 'tap';
import { drawLogSchema, drawSchema } from '../../protocol/http.js';
import { systemClock } from '../../server/core/clock.js';
import { root } from '../../server/core/paths.js';
import { roomKeys } from '../../server/redis/keys.js';
import { type Buyer, connectBuyer } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { startServer } from '../helpers/server.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';

/** Who comes before the line opens gets a place by lot, and anybody can check how. */
const server = await startServer({ demo: false });
t.teardown(server.stop);
const { desk } = await ownerOf(server);
const urls = server.workerUrls();
const rules = { state: 'drawing', ratePerMinute: 60_000, maxActive: 3, admissionMs: 600_000, message: '', beacon: '' };
/** Sooner than a line that was lost goes on: after a draw nobody has to come back. */
const soonMs = 10_000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const setRoom = (event: string, more: object) => desk.ask('PUT', `/events/${event}/room`, { ...rules, ...more });
const newBuyer = (at: number) => connectBuyer({ url: urls[at % urls.length] ?? '', key: server.storefrontKey });

async function house(): Promise<string> {
  const { id } = await draftEvent(desk, systemClock.now() - 60_000);
  await putOnSale(desk, id);
  return id;
}

async function placeOf(buyer: Buyer, event: string, receipt?: string) {
  const answer = await buyer.ask({ type: 'queueJoin', event, ...(receipt !== undefined && { receipt }) });
  if (!answer.ok) throw new Error(answer.reason);
  return { place: answer.place, receipt: answer.receipt ?? '', isIn: answer.admittedUntil !== undefined };
}

const draw = async (event: string) =>
  drawSchema.parse(await (await fetch(`${server.url}/v1/events/${event}/draw`)).json());

/** The page of Python that outsiders have. */
async function verify(...args: string[]): Promise<{ code: number; said: string }> {
  const script = joinPath(root, 'deploy/verify/verify-draw.py');
  try {
    const { stdout } = await promisify(execFile)('python3', [script, server.url, ...args]);
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, said: stdout };
  }
}

interface Entered {
  readonly buyer: Buyer;
  readonly entry: number;
  readonly receipt: string;
}

/** One after the other, over both workers, once both know of the draw. */
async function enterAll(event: string, count: number): Promise<Entered[]> {
  await systemClock.sleep(1_000);
  const entered: Entered[] = [];
  for (let at = 0; at < count; at++) {
    const buyer = await newBuyer(at);
    const { place = 0, receipt } = await placeOf(buyer, event);
    entered.push({ buyer, entry: place, receipt });
  }
  return entered;
}

t.test('thirty enter, two leave; the places follow from what was published', async (t) => {
  const event = await house();
  t.equal((await setRoom(event, { beacon: 'lottery of 27 November' })).status, 200);
  const entered = await enterAll(event, 30);
  const buyers = entered.map(({ buyer }) => buyer);
  t.same(
    entered.map(({ entry }) => entry),
    Array.from({ length: 30 }, (_, at) => at + 1),
  );
  await until('all are in the log', async () => (await draw(event)).entries === 30);
  const before = await draw(event);
  t.equal(before.secret, undefined, 'the secret is not told yet');
  t.match((await verify(event)).said, /not drawn yet: 30 entries/);
  const poll = await fetch(`${server.url}/v1/events/${event}/place`, {
    method: 'POST',
    headers: { authorization: `Bearer ${buyers[0]?.token}` },
  });
  t.match(await poll.json(), { state: 'drawing', place: 1 });
  const leavers = entered.filter(({ entry }) => entry === 4 || entry === 9);
  for (const { buyer } of leavers) await buyer.ask({ type: 'queueLeave', event });
  t.match((await setRoom(event, { beacon: 'another' })).problem, { code: 'wrongStatus' }, 'the beacon stands');

  await setRoom(event, { state: 'open', beacon: 'lottery of 27 November' });
  await until('drawn', async () => (await draw(event)).secret !== undefined);
  const after = await draw(event);
  t.equal(after.commitment, before.commitment);
  t.equal(after.chain, before.chain);
  t.equal(sha256(after.secret ?? ''), after.commitment);
  const log = drawLogSchema.parse(await (await fetch(`${server.url}/v1/events/${event}/draw/log`)).json());
  const seed = sha256(`${after.secret}${after.chain}lottery of 27 November`);
  const order = [...log.entries]
    .sort((a, b) => (sha256(seed + a.tag) < sha256(seed + b.tag) ? -1 : 1))
    .map(({ entry }) => entry);
  t.notSame(
    order,
    [...order].sort((a, b) => a - b),
    'not the order of coming',
  );
  const stay = entered.filter(({ entry }) => entry !== 4 && entry !== 9);
  const firstInside = order.filter((entry) => entry !== 4 && entry !== 9).slice(0, 3);
  for (const { buyer, entry, receipt } of stay) {
    t.equal(log.entries[entry - 1]?.tag, sha256(receipt), 'the receipt proves the entry');
    if (firstInside.includes(entry))
      await until(`${entry} is in`, async () => (await placeOf(buyer, event, receipt)).isIn, soonMs);
    else t.equal((await placeOf(buyer, event, receipt)).place, order.indexOf(entry) + 1);
  }

  const [one] = stay;
  const checked = await verify(event, one?.receipt ?? '');
  t.equal(checked.code, 0, checked.said);
  t.match(checked.said, `entry 1; it has drawn place ${order.indexOf(1) + 1}`);
  t.equal((await verify(event, '1.1.AAAAAAAAAAAAAAAAAAAAAA')).code, 1, 'a receipt of somebody’s own making');

  const late = await newBuyer(0);
  t.equal((await placeOf(late, event)).place, 31, 'who comes now comes behind');
  const [leaver] = leavers;
  if (!leaver) throw new Error('nobody left');
  t.equal((await placeOf(leaver.buyer, event, leaver.receipt)).place, 32, 'who gave up has given up');
  t.match((await setRoom(event, {})).problem, { code: 'wrongStatus' }, 'nobody draws twice');

  await querySql(server.database.url, 'update room_entries set tag = $2 where event_id = $1 and entry = 7', [
    event,
    sha256('x'),
  ]);
  const altered = await verify(event);
  t.equal(altered.code, 1, 'an entry that was changed afterwards');
  t.match(altered.said, /WRONG: the log/);
  for (const buyer of [...buyers, late]) await buyer.close();
});

t.test('a draw that was broken off is made again with the same result, and finished', async (t) => {
  const event = await house();
  await setRoom(event, {});
  const buyers = (await enterAll(event, 6)).map(({ buyer }) => buyer);
  const redis = new Redis(server.redis.url);
  // As if the process had died after it shut the line.
  await redis.hset(roomKeys(event).line, 'shut', 1);
  await setRoom(event, { state: 'paused' });
  await until('drawn', async () => (await draw(event)).secret !== undefined);
  await until('open again', async () => (await redis.hexists(roomKeys(event).line, 'shut')) === 0);
  const places = [];
  for (const buyer of buyers) places.push((await placeOf(buyer, event)).place);
  t.same([...places].sort(), [1, 2, 3, 4, 5, 6]);
  // As if it had died after Postgres knew of the draw, before Redis did.
  await redis.hset(roomKeys(event).line, 'shut', 1, 'life', 1);
  await until('finished', async () => (await redis.hexists(roomKeys(event).line, 'shut')) === 0);
  for (const [at, buyer] of buyers.entries()) t.equal((await placeOf(buyer, event)).place, places[at]);
  redis.disconnect();
  for (const buyer of buyers) await buyer.close();
});

t.test('who gives up and enters again is drawn once', async (t) => {
  const event = await house();
  await setRoom(event, {});
  const buyers = (await enterAll(event, 3)).map(({ buyer }) => buyer);
  const [again] = buyers;
  if (!again) throw new Error('nobody');
  await until('written down', async () => (await draw(event)).entries === 3);
  await again.ask({ type: 'queueLeave', event });
  t.equal((await placeOf(again, event)).place, 4);
  await setRoom(event, { state: 'paused' });
  await until('drawn', async () => (await draw(event)).secret !== undefined);
  await systemClock.sleep(1_000);
  const redis = new Redis(server.redis.url);
  const keys = roomKeys(event);
  t.equal(await redis.zcard(keys.waiting), 3);
  t.equal(await redis.zcard(keys.left), 1, 'the first entry’s place is nobody’s');
  redis.disconnect();
  for (const buyer of buyers) await buyer.close();
});

t.test('people who wait already are not drawn over', async (t) => {
  const event = await house();
  await setRoom(event, { state: 'paused' });
  await systemClock.sleep(1_000);
  const buyer = await newBuyer(0);
  await placeOf(buyer, event);
  t.match((await setRoom(event, {})).problem, { code: 'wrongStatus' });
  t.equal((await fetch(`${server.url}/v1/events/${event}/draw`)).status, 404);
  await buyer.close();
});
