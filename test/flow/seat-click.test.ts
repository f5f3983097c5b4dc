import t, { type Test } from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { type Buyer, connectBuyer, held } from '../helpers/client.js';
import { differences, readTruth } from '../helpers/redis-truth.js';
import { bestRound } from '../helpers/rounds.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';

/** A click on a seat, and what every other screen shows of it: two workers, raw sockets, real Redis. */
const shownWithinMs = 200;
const arena = 'Halcyon Dome';

async function seatedOf(url: string, chartHash: string): Promise<number> {
  const answer = await fetch(`${url}/v1/charts/${chartHash}`, { headers: { accept: 'application/json' } });
  return ((await answer.json()) as { seated: number }).seated;
}

function freeSeats(buyer: Buyer, event: string, count: number, from = 0): number[] {
  const map = buyer.maps.get(event);
  const seats: number[] = [];
  for (let seat = from; seats.length < count; seat++) if (map?.state(seat) === 'available') seats.push(seat);
  return seats;
}

/** Every client's map is the truth of Redis, seat by seat, once it has the truth's position. */
async function allMapsTrue(t: Test, event: string, seated: number, buyers: readonly Buyer[]) {
  const truth = await readTruth(server.redis.url, event);
  await Promise.all(buyers.map((buyer) => buyer.until(() => (buyer.maps.get(event)?.seq ?? -1) >= truth.seq, 10_000)));
  const wrong = buyers.filter((buyer) => {
    const map = buyer.maps.get(event);
    return !map || map.broken || differences(map, truth, seated).length > 0;
  });
  t.equal(wrong.length, 0, `${buyers.length} maps equal Redis`);
  return truth;
}

const server = await startServer();
t.teardown(server.stop);

t.test('a seat held on one worker is shown held on the other within 200 ms, 50 times in a row', async (t) => {
  const [first = '', second = ''] = server.workerUrls();
  const { id: event } = await eventAt(server.url, arena);
  const clicker = await connectBuyer({ url: first, key: server.storefrontKey });
  const watcher = await connectBuyer({ url: second, key: server.storefrontKey, format: 'json' });
  t.not(clicker.welcome.worker, watcher.welcome.worker, 'two workers');
  await Promise.all([clicker.subscribe(event), watcher.subscribe(event)]);

  const slowest = await bestRound(shownWithinMs, async () => {
    const tookMs: number[] = [];
    for (const seat of freeSeats(clicker, event, 50)) {
      const clicked = systemClock.monotonic();
      const outcome = await clicker.hold(event, [seat]);
      await watcher.until(() => watcher.maps.get(event)?.state(seat) === 'held');
      tookMs.push(systemClock.monotonic() - clicked);
      await clicker.release(event, held(outcome).id);
      await watcher.until(() => watcher.maps.get(event)?.state(seat) === 'available');
      // The budget of one socket is 20 requests a second.
      await systemClock.sleep(100);
    }
    return tookMs;
  });
  t.ok(slowest <= shownWithinMs, `slowest of 50: ${slowest.toFixed(1)} ms`);
});

t.test('200 sockets fight for 50 seats: each seat once, every other request a typed refusal', async (t) => {
  const { id: event, chartHash } = await eventAt(server.url, arena);
  const seated = await seatedOf(server.url, chartHash);
  const urls = server.workerUrls();
  const buyers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => connectBuyer({ url: urls[i % 2] ?? '', key: server.storefrontKey })),
  );
  await Promise.all(buyers.map((buyer) => buyer.subscribe(event)));
  const [someone] = buyers;
  if (!someone) throw new Error('no buyer');
  const wanted = freeSeats(someone, event, 50);

  // Each buyer tries for five of the seats, so that each seat is wanted by twenty.
  const outcomes = await Promise.all(
    buyers.flatMap((buyer, i) =>
      [0, 1, 2, 3, 4].map((n) => buyer.hold(event, [wanted[(i * 7 + n * 11) % wanted.length] ?? 0])),
    ),
  );
  const holds = outcomes.flatMap((outcome) => (outcome.ok && outcome.hold ? [outcome.hold] : []));
  const reasons = new Set(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.reason])));
  t.equal(holds.length, 50, '50 holds');
  t.equal(new Set(holds.flatMap(({ seats }) => seats)).size, 50, 'each seat once');
  t.same([...reasons], ['taken'], 'every other request is refused as taken');
  const truth = await allMapsTrue(t, event, seated, buyers);
  t.ok(wanted.every((seat) => truth.taken.get(seat) === 'held'));
});

t.test('a worker is killed in the middle of the fight: its clients go on at the other', async (t) => {
  const { id: event, chartHash } = await eventAt(server.url, arena);
  const seated = await seatedOf(server.url, chartHash);
  const [first = '', second = ''] = server.workerUrls();
  const connect = (url: string) => connectBuyer({ url, key: server.storefrontKey });
  const onFirst = await Promise.all(Array.from({ length: 100 }, () => connect(first)));
  const onSecond = await Promise.all(Array.from({ length: 100 }, () => connect(second)));
  await Promise.all([...onFirst, ...onSecond].map((buyer) => buyer.subscribe(event)));
  const [someone] = onSecond;
  if (!someone) throw new Error('no buyer');
  const wanted = freeSeats(someone, event, 50);
  const fight = (buyers: readonly Buyer[]) =>
    buyers.flatMap((buyer, i) => [buyer.hold(event, [wanted[(i * 13) % wanted.length] ?? 0])]);

  const asked = Promise.allSettled(fight([...onFirst, ...onSecond]));
  await server.killWorker(1);
  await asked;
  const resumed = await Promise.all(
    onFirst.map(async (buyer) => {
      const map = buyer.maps.get(event);
      const again = await connectBuyer({ url: second, before: buyer });
      await again.subscribe(event, map && { epoch: map.epoch, seq: map.seq });
      return again;
    }),
  );
  // The answer of a killed worker is unknown to its buyer; asking for any seat again is refused or granted, never lost.
  await Promise.all(fight([...resumed, ...onSecond]));
  const truth = await allMapsTrue(t, event, seated, [...resumed, ...onSecond]);
  t.ok(
    wanted.every((seat) => truth.taken.get(seat) === 'held'),
    'all 50 seats are held',
  );
});
