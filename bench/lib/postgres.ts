import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../server/core/clock.js';
import { newSecret } from '../../server/core/random.js';
import { embeddedPostgres } from '../../server/services/embedded-postgres.js';
import { findPostgresHome } from '../../server/services/postgres-home.js';

/** A Postgres of one bench alone, or of a test that kills it, as durable as in production. */
export interface BenchPostgres {
  readonly url: string;
  /** SIGKILL of the postmaster: nothing is written any more, its children end by themselves. */
  kill(): Promise<void>;
  /** After `kill`. */
  start(): Promise<void>;
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
  let server = child.spawn();
  const end = () => child.stop(server);
  process.once('exit', end);
  await child.ready(server);
  const isUp = () => server.exitCode === null && server.signalCode === null;

  async function endedBy(run: () => void): Promise<void> {
    const gone = once(server, 'exit');
    run();
    await gone;
  }

  return {
    url,
    kill: () => endedBy(() => server.kill('SIGKILL')),
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
    async stop() {
      process.off('exit', end);
      if (isUp()) await endedBy(end);
      await rm(home.dataDir, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
