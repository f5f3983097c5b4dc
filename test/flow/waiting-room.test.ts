import { Redis } from 'ioredis';
import t from 'tap';
import { z } from 'zod';
import type { LineFrame } from '../../protocol/down.js';
import { placeReplySchema } from '../../protocol/http.js';
import { aheadOf, waitOf } from '../../protocol/line.js';
import { systemClock } from '../../server/core/clock.js';
import { type Buyer, connectBuyer, held, newOpId } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { startServer } from '../helpers/server.js';
import { buy } from '../helpers/shop.js';
import { draftEvent, everyWorkerKnows, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';

/** The waiting room on two workers: exact order, nothing without an admission, slots freed, sold out told to all. */
const server = await startServer({ demo: false });
t.teardown(server.stop);
const { desk } = await ownerOf(server);
const [first = '', second = ''] = server.workerUrls();
const key = server.storefrontKey;
const roomSchema = z.looseObject({ serving: z.int(), joined: z.int(), active: z.int() });

async function house(): Promise<string> {
  const { id } = await draftEvent(desk, systemClock.now() - 60_000, { maxSeatsPerHolder: 32 });
  await putOnSale(desk, id);
  return id;
}

const rules = { state: 'open', ratePerMinute: 60_000, maxActive: 100, admissionMs: 600_000, message: 'Welcome' };
const setRoom = (event: string, more: object) => desk.ask('PUT', `/events/${event}/room`, { ...rules, ...more });
const join = (buyer: Buyer, event: string) => buyer.ask({ type: 'queueJoin', event });
const linesOf = (buyer: Buyer, event: string) =>
  buyer.frames.flatMap(({ frame }) => (frame.type === 'line' && frame.event === event ? [frame] : []));
const lastLine = (buyer: Buyer, event: string): LineFrame | undefined => linesOf(buyer, event).at(-1);

async function placed(buyer: Buyer, event: string): Promise<number> {
  const answer = await join(buyer, event);
  if (!answer.ok || answer.place === undefined) throw new Error(`no place: ${JSON.stringify(answer)}`);
  return answer.place;
}

const isIn = async (buyer: Buyer, event: string) => {
  const answer = await join(buyer, event);
  return answer.ok && answer.admittedUntil !== undefined;
};

t.test(
  '[QUEUE-2] without an admission: no map, no stream, no seats, no hold, no best; counts are for all',
  async (t) => {
    const event = await house();
    t.equal((await setRoom(event, { state: 'paused' })).status, 200);
    await everyWorkerKnows(server, desk, event);
    const buyer = await connectBuyer({ url: first, key });
    const refused = { ok: false, reason: 'notAdmitted' };
    t.match(await buyer.subscribe(event), refused);
    t.match(await buyer.hold(event, [1]), refused);
    t.match(await buyer.ask({ type: 'best', opId: newOpId(), event, count: 2 }), refused);
    for (const part of ['seats', 'stream']) {
      for (const headers of [new Headers(), new Headers({ authorization: `Bearer ${buyer.token}` })]) {
        const answer = await fetch(`${second}/v1/events/${event}/${part}`, { headers });
        t.match({ status: answer.status, ...((await answer.json()) as object) }, { status: 403, code: 'notAdmitted' });
      }
    }
    t.equal((await fetch(`${second}/v1/events/${event}/availability`)).status, 200);
    t.equal(await placed(buyer, event), 1);
    t.equal(await placed(buyer, event), 1, 'the same place however often');
    await setRoom(event, {});
    await until('let in', () => isIn(buyer, event));
    t.match(await buyer.subscribe(event), { ok: true });
    held(await buyer.hold(event, [1]));
    await buyer.close();
  },
);

t.test(
  '[QUEUE-1] 60 people on two workers are let in exactly in their order, at the set rate; ahead is right and never grows',
  async (t) => {
    const event = await house();
    await setRoom(event, { state: 'paused' });
    await everyWorkerKnows(server, desk, event);
    const people = await Promise.all(
      Array.from({ length: 60 }, (_, at) => connectBuyer({ url: at % 2 === 0 ? first : second, key })),
    );
    const places = new Map<Buyer, number>();
    for (const buyer of people) places.set(buyer, await placed(buyer, event));
    t.same(
      [...places.values()],
      Array.from({ length: 60 }, (_, at) => at + 1),
    );
    const [, leaver, , , gone] = people;
    if (!leaver || !gone) throw new Error('there are sixty');
    t.match(await leaver.ask({ type: 'queueLeave', event }), { ok: true });
    const left = await fetch(`${first}/v1/events/${event}/place`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${gone.token}` },
    });
    t.equal(left.status, 204);
    const began = systemClock.monotonic();
    // Inventory lets 32 in: the house has 32 places, and everybody inside may take one.
    await setRoom(event, { ratePerMinute: 600 });
    const last = people[33];
    await until('the 34th place is called', async () => last !== undefined && (await isIn(last, event)));
    const tookMs = systemClock.monotonic() - began;
    t.ok(tookMs > 2_000, `32 people at 10 a second took ${Math.round(tookMs)} ms`);
    const rows = await querySql(
      server.database.url,
      `select place::int from admissions where event_id = '${event}' order by admitted_at, place`,
    );
    const called = rows.map((row) => Number((row as { place: number }).place));
    t.same(
      called,
      Array.from({ length: 34 }, (_, at) => at + 1).filter((place) => place !== 2 && place !== 5),
    );
    for (const buyer of people.slice(40, 60)) {
      const place = places.get(buyer) ?? 0;
      const shown = linesOf(buyer, event).map((line) => aheadOf(place, line));
      t.ok(shown.length > 3);
      t.same(
        [...shown].sort((a, b) => b - a),
        shown,
        'never grows',
      );
      t.equal(shown.at(-1), place - 34, 'and ends with what is true');
    }
    for (const buyer of people) await buyer.close();
  },
);

t.test('a slot is free for the next when somebody leaves or buys; sold out is told to everybody', async (t) => {
  const event = await house();
  await setRoom(event, { state: 'paused' });
  await everyWorkerKnows(server, desk, event);
  const people = await Promise.all(Array.from({ length: 4 }, () => connectBuyer({ url: second, key })));
  const [ann, bob, cat, dan] = people;
  if (!ann || !bob || !cat || !dan) throw new Error('there are four');
  for (const buyer of people) await placed(buyer, event);
  await setRoom(event, { maxActive: 1 });
  await until('ann is in', () => isIn(ann, event));
  await systemClock.sleep(1_200);
  t.notOk(await isIn(bob, event), 'one at a time');
  t.match(await ann.ask({ type: 'queueLeave', event }), { ok: true });
  await until('bob is in when ann has left', () => isIn(bob, event));
  t.match(await ann.hold(event, [3]), { reason: 'notAdmitted' }, 'who has left is out');

  const hold = held(
    await bob.hold(
      event,
      Array.from({ length: 20 }, (_, seat) => seat),
    ),
  );
  const both = held(
    await bob.ask({
      type: 'hold',
      opId: newOpId(),
      event,
      holdId: hold.id,
      seats: [],
      areas: [{ area: 0, count: 12 }],
    }),
  );
  t.equal(both.seats.length, 32);
  await until('held seats may come back', async () => lastLine(cat, event)?.state === 'open');
  await buy({ url: second, token: bob.token }, hold.id);
  await dan.until(() => lastLine(dan, event)?.state === 'soldOut');
  await cat.until(() => lastLine(cat, event)?.state === 'soldOut');
  t.notOk(await isIn(cat, event), 'nobody is called to find nothing');
  for (const buyer of people) await buyer.close();
});

t.test(
  '[QUEUE-11] [QUEUE-12] how many seats are left, and how fast the line moves; a party’s worth of seats for each',
  async (t) => {
    const event = await house();
    await setRoom(event, { state: 'paused' });
    await everyWorkerKnows(server, desk, event);
    const people = await Promise.all(Array.from({ length: 4 }, () => connectBuyer({ url: first, key })));
    const [ann, bob, , dan] = people;
    if (!ann || !bob || !dan) throw new Error('there are four');
    for (const buyer of people) await placed(buyer, event);
    await setRoom(event, { maxActive: 1 });
    await until('ann is in', () => isIn(ann, event));
    // Nothing is known of stays here: of ten minutes, half is taken for granted, and somebody leaves every five.
    await dan.until(() => lastLine(dan, event)?.outflow?.room === 0);
    t.match(lastLine(dan, event), { seatsLeft: 32, outflow: { stepMs: 30_000 } });
    const { outflow } = lastLine(dan, event) ?? {};
    const [likely = 0, surely = 0] = (outflow && waitOf(3, outflow)) ?? [];
    t.ok(480_000 < likely && likely < 1_200_000 && surely > likely, `${likely} ms, nearly surely ${surely}`);

    // 26 seats are held and 6 are free: of parties of (26 + 10) / (1 + 10) one may yet come, and ann is inside.
    const seats = Array.from({ length: 20 }, (_, seat) => seat);
    const { id } = held(await ann.ask({ type: 'hold', opId: newOpId(), event, seats, areas: [{ area: 0, count: 6 }] }));
    await setRoom(event, { maxActive: 100 });
    await dan.until(() => lastLine(dan, event)?.outflow?.likely.at(-1) === 0);
    t.notOk(await isIn(bob, event), 'nobody is called to find too few');
    t.match(await ann.release(event, id, seats.slice(10)), { ok: true });
    await until('dan is in', () => isIn(dan, event));
    for (const buyer of people) await buyer.close();
  },
);

t.test('over HTTP; a killed worker and a reload keep the place; staff see the line', async (t) => {
  const event = await house();
  await setRoom(event, { state: 'paused' });
  await everyWorkerKnows(server, desk, event);
  const buyer = await connectBuyer({ url: first, key });
  const other = await connectBuyer({ url: second, key });
  await placed(other, event);
  const post = async (token: string) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}/v1/events/${event}/place`, { method: 'POST', headers });
    return placeReplySchema.parse(await answer.json());
  };
  t.match(await post(buyer.token), { state: 'waiting', place: 2, ahead: 2 });
  await server.killWorker(1);
  const back = await connectBuyer({ url: second, token: buyer.token });
  t.equal(await placed(back, event), 2);
  t.match(await desk.done(roomSchema, 'GET', `/events/${event}/room`), { joined: 2, serving: 0, active: 0 });
  await setRoom(event, { state: 'off' });
  await everyWorkerKnows(server, desk, event);
  t.match(await post(buyer.token), { state: 'noRoom' });
  t.match(await back.subscribe(event), { ok: true }, 'no room, no line');
  for (const one of [back, other]) await one.close();
});

t.test(
  '[QUEUE-4] Redis loses everything: receipts bring the order back, nobody is overtaken, who was in is in',
  async (t) => {
    const event = await house();
    await setRoom(event, { state: 'paused' });
    await everyWorkerKnows(server, desk, event);
    const people = await Promise.all(
      Array.from({ length: 8 }, (_, at) => connectBuyer({ url: at % 2 === 0 ? server.url : second, key })),
    );
    const receipts = new Map<Buyer, string>();
    for (const buyer of people) {
      const answer = await join(buyer, event);
      receipts.set(buyer, answer.ok ? (answer.receipt ?? '') : '');
    }
    const [ann, bob, cat, dan] = people;
    if (!ann || !bob || !cat || !dan) throw new Error('there are eight');
    await setRoom(event, { maxActive: 1 });
    await until('ann is in', () => isIn(ann, event));
    const { life } = lastLine(dan, event) ?? { life: 0 };
    const redis = new Redis(server.redis.url);
    await redis.flushall();
    redis.disconnect();
    await dan.until(() => (lastLine(dan, event)?.life ?? 0) > life, 5_000);
    const late = await connectBuyer({ url: second, key });
    const again = async (buyer: Buyer, receipt = receipts.get(buyer) ?? '') => {
      const answer = await buyer.ask({ type: 'queueJoin', event, receipt });
      return answer.ok ? answer.place : undefined;
    };
    const lateAt = (await again(late, '')) ?? 0;
    t.ok(lateAt > 8, `a newcomer gets ${lateAt}`);
    t.ok(((await again(late, receipts.get(bob))) ?? 0) === lateAt, 'somebody else’s receipt is worth nothing');
    for (const buyer of [...people].reverse()) {
      if (buyer !== ann) t.equal(await again(buyer), people.indexOf(buyer) + 1);
    }
    t.ok(await isIn(ann, event), 'who was in is in');
    t.match(await ann.subscribe(event), { ok: true });
    await ann.ask({ type: 'queueLeave', event });
    await systemClock.sleep(1_500);
    t.notOk(await isIn(bob, event), 'nobody is called before all have had time to come back');
    await until('bob is next', () => isIn(bob, event));
    t.notOk(await isIn(cat, event));
    for (const one of [...people, late]) await one.close();
  },
);
