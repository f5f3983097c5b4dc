import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { connectBuyer, held } from '../helpers/client.js';
import { bestRound } from '../helpers/rounds.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';

/** A hold ends exactly when it says it ends: seen from another worker's socket, and by the next buyer. */
const holdTtlMs = 3_000;
const shownWithinMs = 100;
const theatre = 'Sternsaal Playhouse';

const server = await startServer({ sql: `update events set hold_ttl_ms = ${holdTtlMs}` });
t.teardown(server.stop);
const [first = '', second = ''] = server.workerUrls();
const { id: event } = await eventAt(server.url, theatre);

t.test('50 abandoned holds are shown free within 100 ms of their end, none early', async (t) => {
  const watcher = await connectBuyer({ url: second, key: server.storefrontKey });
  await watcher.subscribe(event);
  const map = watcher.maps.get(event);
  const seats = Array.from({ length: 1_200 }, (_, seat) => seat).filter((seat) => map?.state(seat) === 'available');

  let earliest = Number.POSITIVE_INFINITY;
  const latest = await bestRound(shownWithinMs, async () => {
    const lateMs = await Promise.all(seats.slice(0, 50).map(abandon));
    earliest = Math.min(earliest, ...lateMs);
    return lateMs;
  });
  t.ok(earliest >= 0, `earliest: ${earliest} ms after its end`);
  t.ok(latest <= shownWithinMs, `latest: ${latest} ms after its end`);

  /** Resolves with how long after its end the hold was shown free. */
  async function abandon(seat: number, i: number): Promise<number> {
    // Scattered over two seconds; 37 and 50 share no factor, so neighbours lapse far apart.
    await systemClock.sleep(((i * 37) % 50) * 40);
    const buyer = await connectBuyer({ url: first, key: server.storefrontKey });
    const { expiresAt } = held(await buyer.hold(event, [seat]));
    await buyer.close();
    await watcher.until(() => map?.state(seat) === 'held');
    await watcher.until(() => map?.state(seat) === 'available', holdTtlMs + 2_000);
    // Redis runs on this machine, so both read one clock.
    return systemClock.now() - expiresAt;
  }
});

t.test('with no background role, the next buyer gets the seat at the first try', async (t) => {
  await server.stopBackground();
  const before = await connectBuyer({ url: first, key: server.storefrontKey });
  const next = await connectBuyer({ url: second, key: server.storefrontKey });
  await next.subscribe(event);
  const map = next.maps.get(event);
  const seat =
    Array.from({ length: 1_200 }, (_, index) => index).find((index) => map?.state(index) === 'available') ?? -1;
  const outcome = await before.hold(event, [seat]);
  const endsAt = held(outcome).expiresAt;
  // A killed worker arms no timers: only the next call can end the hold.
  await server.killWorker(1);
  const refused = await next.hold(event, [seat]);
  t.equal(refused.ok ? 'held' : refused.reason, 'taken', 'before its end');
  await systemClock.sleep(endsAt - refused.now + 5);
  t.ok((await next.hold(event, [seat])).ok, 'after its end');
});
