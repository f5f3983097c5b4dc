import t from 'tap';
import { connectBuyer, held } from '../helpers/client.js';
import { differences, readTruth } from '../helpers/redis-truth.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';

/** What a buyer keeps when a worker, or Redis, starts again. */
const arena = 'Halcyon Dome';
const seatsLookedAt = 18_000;

const server = await startServer();
t.teardown(server.stop);
const { id: event } = await eventAt(server.url, arena);

t.test('a short absence costs a few diffs, not a map', async (t) => {
  const [first = '', second = ''] = server.workerUrls();
  const buyer = await connectBuyer({ url: first, key: server.storefrontKey });
  const other = await connectBuyer({ url: second, key: server.storefrontKey });
  await Promise.all([buyer.subscribe(event), other.subscribe(event)]);
  const map = buyer.maps.get(event);
  const seats = Array.from({ length: 2_000 }, (_, seat) => seat).filter((seat) => map?.state(seat) === 'available');
  const at = { epoch: map?.epoch ?? 0, seq: map?.seq ?? 0 };
  await buyer.close();
  for (const seat of seats.slice(0, 5)) held(await other.hold(event, [seat]));

  const again = await connectBuyer({ url: first, before: buyer });
  await again.subscribe(event, at);
  const truth = await readTruth(server.redis.url, event);
  await again.until(() => (again.maps.get(event)?.seq ?? 0) >= truth.seq);
  t.notOk(
    again.frames.some(({ frame }) => frame.type === 'snapshot'),
    'no snapshot was sent',
  );
  const resumed = again.maps.get(event);
  t.same(resumed && differences(resumed, truth, seatsLookedAt), []);
});

t.test('a hold outlives its worker, and its buyer sees it on the next one', async (t) => {
  const [first = '', second = ''] = server.workerUrls();
  const buyer = await connectBuyer({ url: first, key: server.storefrontKey });
  await buyer.subscribe(event);
  const map = buyer.maps.get(event);
  const seat =
    Array.from({ length: 2_000 }, (_, index) => index).find((index) => map?.state(index) === 'available') ?? -1;
  const hold = held(await buyer.hold(event, [seat]));
  await server.killWorker(1);
  t.ok((await buyer.closed) >= 1_000, 'the socket ends with its worker');
  const again = await connectBuyer({ url: second, before: buyer });
  await again.subscribe(event);
  await again.until(() => again.frames.some(({ frame }) => frame.type === 'holds'));
  const holds = again.frames.flatMap(({ frame }) => (frame.type === 'holds' ? frame.holds : []));
  t.ok(holds.some(({ id, expiresAt }) => id === hold.id && expiresAt === hold.expiresAt));
});

t.test('Redis restarts with its data: a new epoch, a new snapshot, the hold kept', async (t) => {
  const [, second = ''] = server.workerUrls();
  const buyer = await connectBuyer({ url: second, key: server.storefrontKey });
  await buyer.subscribe(event);
  const map = buyer.maps.get(event);
  const seat =
    Array.from({ length: 2_000 }, (_, index) => index).find((index) => map?.state(index) === 'available') ?? -1;
  const hold = held(await buyer.hold(event, [seat]));
  const epoch = map?.epoch ?? 0;
  await server.redis.kill();
  await server.redis.start();
  await buyer.until(() => (buyer.maps.get(event)?.epoch ?? 0) > epoch, 15_000);
  const truth = await readTruth(server.redis.url, event);
  await buyer.until(() => (buyer.maps.get(event)?.seq ?? -1) >= truth.seq);
  const recovered = buyer.maps.get(event);
  t.same(recovered && differences(recovered, truth, seatsLookedAt), []);
  t.equal(recovered?.state(seat), 'held');
  t.ok((await buyer.release(event, hold.id)).ok, 'and it is still the buyer’s to release');
});
