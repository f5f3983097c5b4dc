import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../../server/core/paths.js';
import { freePort } from '../../server/services/ports.js';
import { createMigratedDatabase } from '../helpers/postgres.js';
import { startRedis } from '../helpers/redis.js';

/** Starts the background process; resolves with what ends first: it is ready, or it has exited with this code. */
async function start(redisUrl: string, databaseUrl: string) {
  const child = fork(join(root, 'dist/server/background.js'), {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: {
      PATH: process.env.PATH,
      PORT: '1',
      CAVEA_SECRET: 'a secret of at least 32 characters',
      CAVEA_LOG_LEVEL: 'silent',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      STRIPE_SECRET_KEY: 'sk_test_x',
      STRIPE_PUBLISHABLE_KEY: 'pk_test_x',
      STRIPE_WEBHOOK_SECRET: 'whsec_x',
    },
  });
  const exit = once(child, 'exit').then(([code]): number => code);
  const first = await Promise.race([once(child, 'message').then(([said]) => said as { type: string }), exit]);
  const stop = async () => {
    child.send({ type: 'stop' });
    return exit;
  };
  return { first, stop };
}

t.test('the background process begins its work although Redis is away: payments have to be asked after', async (t) => {
  const database = await createMigratedDatabase();
  t.teardown(database.drop);
  const background = await start(`redis://127.0.0.1:${await freePort()}`, database.url);
  t.match(background.first, { type: 'ready' });
  t.equal(await background.stop(), 0);
});

t.test('a Redis that would drop seats is refused', async (t) => {
  const [database, redis] = await Promise.all([
    createMigratedDatabase(),
    startRedis(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru']),
  ]);
  t.teardown(() => Promise.all([database.drop(), redis.stop()]));
  t.equal((await start(redis.url, database.url)).first, 1);
});
