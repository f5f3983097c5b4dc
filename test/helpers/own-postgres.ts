import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../server/core/clock.js';
import { newSecret } from '../../server/core/random.js';
import { embeddedPostgres } from '../../server/services/embedded-postgres.js';
import { findPostgresHome } from '../../server/services/postgres-home.js';
import type { TestDatabase } from './postgres.js';

/** A Postgres of one test file alone, as durable as in production, so that it can be killed. */
export interface OwnPostgres extends TestDatabase {
  /** SIGKILL of the postmaster: nothing is written any more, its children end by themselves. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export async function startOwnPostgres(maxConnections = 100): Promise<OwnPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'cavea-postgres-'));
  // Postgres may run as another user, who must be able to pass through.
  await chmod(folder, 0o755);
  const home = await findPostgresHome(join(folder, 'data'));
  const { url, child } = await embeddedPostgres({
    home,
    password: newSecret(24),
    durable: true,
    maxConnections,
    logFile: join(folder, 'postgres.log'),
    clock: systemClock,
  });
  let server = child.spawn();
  await child.ready(server);
  const isUp = () => server.exitCode === null && server.signalCode === null;

  return {
    url,
    name: 'cavea',
    async kill() {
      const gone = once(server, 'exit');
      server.kill('SIGKILL');
      await gone;
    },
    async start() {
      // It refuses while a child of the one before still lives.
      for (let attempt = 0; attempt < 100; attempt++) {
        server = child.spawn();
        await child.ready(server);
        if (isUp()) return;
        await systemClock.sleep(100);
      }
      throw new Error('Postgres does not start again');
    },
    async drop() {
      if (isUp()) {
        const gone = once(server, 'exit');
        child.stop(server);
        await gone;
      }
      await rm(home.dataDir, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
