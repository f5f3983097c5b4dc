import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { runCli } from '../helpers/cli.js';
import { connectBuyer, held } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { redisAt } from '../helpers/redis.js';
import { readTruth } from '../helpers/redis-truth.js';
import { startServer } from '../helpers/server.js';
import { buy, eventAt } from '../helpers/shop.js';

/** What an operator does by hand, beside servers that run: `npm run cavea -- rebuild` and `archive`. */
const server = await startServer();
t.teardown(server.stop);
const { id: event } = await eventAt(server.url, 'Sternsaal Playhouse');
const redis = redisAt(server.redis.url);
t.teardown(() => redis.disconnect());

const cli = (words: readonly string[], redisUrl = server.redis.url) =>
  runCli(words, { DATABASE_URL: server.database.url, REDIS_URL: redisUrl });

t.test('rebuild mends what somebody has broken in Redis: sales, holds and every map are right again', async (t) => {
  const [url = ''] = server.workerUrls();
  const buyer = await connectBuyer({ url, key: server.storefrontKey });
  await buyer.subscribe(event);
  const isFree = (seat: number) => buyer.maps.get(event)?.state(seat) === 'available';
  const [one = 0, two = 0, ...others] = Array.from({ length: 200 }, (_, seat) => seat).filter(isFree);
  const sold = [one, two];
  const paid = held(await buyer.hold(event, sold));
  await buy({ url: server.url, token: buyer.token }, paid.id);
  const free = others.slice(0, 2);
  const { id: holdId } = held(await buyer.hold(event, free));
  await buyer.until(() => sold.every((seat) => buyer.maps.get(event)?.state(seat) === 'sold'));
  const epoch = buyer.maps.get(event)?.epoch ?? 0;

  const nothing = Buffer.alloc(50);
  await redis.setrange(`{e:${event}}:status`, 0, nothing);
  t.notOk((await readTruth(server.redis.url, event)).taken.has(one), 'a sold seat looks free');
  const { code, text } = await cli(['rebuild', event]);
  t.equal(code, 0, text);
  t.match(text, new RegExp(`^${event}: epoch \\d+, \\d+ seats sold, \\d+ blocked, 0 being paid for$`, 'm'));

  const truth = await readTruth(server.redis.url, event);
  t.ok(sold.every((seat) => truth.taken.get(seat) === 'sold'));
  await buyer.until(() => (buyer.maps.get(event)?.epoch ?? 0) > epoch, 10_000);
  t.ok(free.every((seat) => buyer.maps.get(event)?.state(seat) === 'held'));
  t.match(await buyer.release(event, holdId), { ok: true }, 'the hold was still the buyer’s');
  // Whoever watches an event brings it back.
  await buyer.close();
});

t.test('archive takes an event out of Redis once it is over and settled, and not before', async (t) => {
  t.match(await cli(['archive', event]), { code: 1, text: /not over/ });
  t.ok((await redis.keys(`{e:${event}}:*`)).length > 0);
  await querySql(server.database.url, "update events set status = 'cancelled' where id = $1", [event]);
  // The servers take the new status to Redis and drain the journal first.
  for (let left = 20; left > 0 && (await cli(['archive', event])).code !== 0; left--) await systemClock.sleep(500);
  // Not its keys: a worker that still watches may bring it back at once.
  const sql = 'select from generations where event_id = $1 and archived_at is not null';
  t.ok((await querySql(server.database.url, sql, [event])).length > 0);
});

t.test('what it is not told, or cannot reach', async (t) => {
  t.match(await cli(['rebuild']), { code: 1, text: /Name the event/ });
  t.match(await cli(['archive', 'evt_none']), { code: 1 });
  t.match(await cli(['rebuild', 'evt_none']), { code: 1, text: /no such event/ });
  t.match(await cli(['rebuild', event], 'redis://127.0.0.1:1'), { code: 1, text: /Redis does not answer/ });
});
