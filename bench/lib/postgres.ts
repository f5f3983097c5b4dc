import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../server/core/clock.js';
import { newSecret } from '../../server/core/random.js';
import { embeddedPostgres } from '../../server/services/embedded-postgres.js';
import { findPostgresHome } from '../../server/services/postgres-home.js';

/** A Postgres of this bench alone, as durable as in production. */
export interface BenchPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startBenchPostgres(): Promise<BenchPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'cavea-bench-'));
  // Postgres may run as another user, who must be able to pass through.
  await chmod(folder, 0o755);
  const home = await findPostgresHome(join(folder, 'data'));
  const { url, child } = await embeddedPostgres({
    home,
    password: newSecret(24),
    durable: true,
    maxConnections: 100,
    logFile: join(folder, 'postgres.log'),
    clock: systemClock,
  });
  const server = child.spawn();
  const end = () => child.stop(server);
  process.once('exit', end);
  await child.ready(server);
  return {
    url,
    async stop() {
      process.off('exit', end);
      if (server.exitCode === null && server.signalCode === null) {
        const gone = once(server, 'exit');
        end();
        await gone;
      }
      await rm(home.dataDir, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
