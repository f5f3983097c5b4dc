import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import type { BookingReply } from '../../protocol/http.js';
import { systemClock } from '../../server/core/clock.js';
import { type Buyer, connectBuyer, held, newOpId } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { differences, readTruth } from '../helpers/redis-truth.js';
import { startServer } from '../helpers/server.js';
import { bookingIs, eventAt, pay } from '../helpers/shop.js';
import { until } from '../helpers/until.js';

/** Processes and connections that end in the middle of purchases: the whole server, two workers. */
const buyerDetails = { name: 'Ada Buyer', email: 'ada@example.org' };

const server = await startServer({ env: { CAVEA_LOG_LEVEL: 'fatal' } });
const redis = new Redis(server.redis.url);
t.teardown(async () => {
  redis.disconnect();
  await server.stop();
});
const { id: event, chartHash } = await eventAt(server.url, 'Halcyon Dome');
const accept = { accept: 'application/json' };
const chart = await (await fetch(`${server.url}/v1/charts/${chartHash}`, { headers: accept })).json();
const { seated } = chart as { seated: number };

const connect = (worker: number) => connectBuyer({ url: server.workerUrls()[worker] ?? '', key: server.storefrontKey });
const watcher = await connect(1);
await watcher.subscribe(event);

let next = 0;
function freeSeat(): number {
  while (watcher.maps.get(event)?.state(next) !== 'available') next++;
  return next++;
}

interface Shopper {
  readonly token: string;
  readonly holdId: string;
  readonly seat: number;
}

async function shopper(worker: number): Promise<Shopper> {
  const buyer = await connect(worker);
  const seat = freeSeat();
  const { id: holdId } = held(await buyer.hold(event, [seat]));
  await buyer.close();
  return { token: buyer.token, holdId, seat };
}

/**
 * As a page of a shop does it: until there is an answer that is not an outage. `reloads`: the buyer loads the page anew
 * after each, so that nothing says that it is the same request.
 */
async function buy(
  who: Shopper,
  workers: readonly number[],
  { reloads = false } = {},
): Promise<{ booking: BookingReply; statuses: number[] }> {
  const statuses: number[] = [];
  let key = newOpId();
  for (let attempt = 0; attempt < 60; attempt++) {
    const url = server.workerUrls()[workers[attempt % workers.length] ?? 0] ?? '';
    const answer = await fetch(`${url}/v1/bookings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${who.token}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ holdId: who.holdId, buyer: buyerDetails }),
    }).catch(() => undefined);
    statuses.push(answer?.status ?? 0);
    if (answer?.status === 201) return { booking: (await answer.json()) as BookingReply, statuses };
    if (reloads) key = newOpId();
    await systemClock.sleep(200);
  }
  throw new Error(`no booking: ${statuses.join(' ')}`);
}

async function allConfirmed(t: Test, bought: readonly { booking: BookingReply }[], who: readonly Shopper[]) {
  await Promise.all(bought.map(({ booking }) => pay(server.url, booking)));
  const confirmed = await Promise.all(
    bought.map(({ booking }, i) =>
      bookingIs({ url: server.url, token: who[i]?.token ?? '' }, booking.id, 'confirmed', 15_000),
    ),
  );
  t.ok(
    confirmed.every(({ tickets }) => tickets.length === 1),
    `${confirmed.length} tickets`,
  );
  const shows = (buyer: Buyer) => who.every(({ seat }) => buyer.maps.get(event)?.state(seat) === 'sold');
  await watcher.until(() => shows(watcher), 10_000);
}

t.test('a worker is killed in the middle of purchases: each buyer has their one booking all the same', async (t) => {
  const shoppers = await Promise.all(Array.from({ length: 12 }, () => shopper(0)));
  const buying = Promise.all(shoppers.map((who) => buy(who, [0, 1])));
  await systemClock.sleep(15);
  await server.killWorker(1);
  const bought = await buying;
  t.equal(new Set(bought.map(({ booking }) => booking.id)).size, shoppers.length);
  await allConfirmed(t, bought, shoppers);
  const rows = await querySql(server.database.url, "select from bookings where status <> 'confirmed'");
  t.equal(rows.length, 0, 'and nobody has two');
});

t.test('every connection to Postgres is cut, again and again: purchases are late, none is lost', async (t) => {
  const shoppers = await Promise.all(Array.from({ length: 12 }, () => shopper(1)));
  const cutting = { on: true };
  const cuts = (async () => {
    for (let i = 0; i < 6 && cutting.on; i++) {
      await querySql(
        server.database.url,
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      await systemClock.sleep(60);
    }
  })();
  const bought = await Promise.all(shoppers.map((who) => buy(who, [1], { reloads: true })));
  cutting.on = false;
  await cuts;
  const statuses = new Set(bought.flatMap((one) => one.statuses));
  statuses.delete(201);
  t.ok(
    [...statuses].every((status) => status === 503 || status === 409),
    `outages are called outages: ${[...statuses]}`,
  );
  await allConfirmed(t, bought, shoppers);
});

t.test(
  'every connection to Redis is cut while seats change: no map is wrong afterwards, no answer a lie',
  async (t) => {
    // One was killed, and could not begin while Postgres was cut.
    const isUp = (url: string) =>
      fetch(`${url}/readyz/live`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until('both workers are up', async () => (await Promise.all(server.workerUrls().map(isUp))).every(Boolean));
    const buyers = await Promise.all(Array.from({ length: 20 }, (_, i) => connect(i % 2)));
    await Promise.all(buyers.map((buyer) => buyer.subscribe(event)));
    const mine = new Map<Buyer, Set<number>>(buyers.map((buyer) => [buyer, new Set()]));
    const unknown = new Set<number>();
    const work = buyers.map(async (buyer) => {
      for (let i = 0; i < 6; i++) {
        const seat = freeSeat();
        const outcome = await buyer.hold(event, [seat]);
        if (outcome.ok) mine.get(buyer)?.add(seat);
        else if (outcome.reason === 'unavailable') unknown.add(seat);
        else t.fail(`refused: ${outcome.reason}`);
        await systemClock.sleep(40);
      }
    });
    for (let i = 0; i < 4; i++) {
      await systemClock.sleep(50);
      await redis.call('client', 'kill', 'type', i % 2 === 0 ? 'normal' : 'pubsub', 'skipme', 'yes');
    }
    await Promise.all(work);
    const truth = await readTruth(server.redis.url, event);
    for (const seats of mine.values()) for (const seat of seats) t.equal(truth.taken.get(seat), 'held', `seat ${seat}`);
    const right = (buyer: Buyer) => {
      const map = buyer.maps.get(event);
      return map !== undefined && !map.broken && map.seq >= truth.seq && differences(map, truth, seated).length === 0;
    };
    await Promise.all(buyers.map((buyer) => buyer.until(() => right(buyer), 10_000)));
    // What a buyer is told that they have is what they hold, and that is in the `holds` frame since the last doubt.
    const told = (buyer: Buyer) => {
      const last = buyer.frames.findLast(({ frame }) => frame.type === 'holds')?.frame;
      return last?.type === 'holds' ? last.holds.flatMap(({ seats }) => seats) : [];
    };
    const knows = (buyer: Buyer) => [...(mine.get(buyer) ?? [])].every((seat) => told(buyer).includes(seat));
    await Promise.all(buyers.map((buyer) => buyer.until(() => knows(buyer), 10_000)));
    await Promise.all(buyers.map((buyer) => buyer.close()));
  },
);

t.test('Redis is full: nothing is taken, what is there is let go and paid for, and then all is well', async (t) => {
  const [who, other] = [await shopper(1), await connect(1)];
  const mine = freeSeat();
  const { id: holdId } = held(await other.hold(event, [mine]));
  await redis.config('SET', 'maxmemory', '1mb');
  t.match(await other.hold(event, [freeSeat()]), { ok: false, reason: 'unavailable' });
  t.match(await other.release(event, holdId), { ok: true });
  const bought = await buy(who, [1]);
  await allConfirmed(t, [bought], [who]);
  await redis.config('SET', 'maxmemory', '0');
  t.ok((await other.hold(event, [mine])).ok);
  await other.close();
});
