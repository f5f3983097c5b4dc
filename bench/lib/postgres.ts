import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../server/core/clock.js';
import { newSecret } from '../../server/core/random.js';
import { embeddedPostgres } from '../../server/services/embedded-postgres.js';
import { findPostgresHome, type PostgresHome } from '../../server/services/postgres-home.js';

/** A Postgres of one bench alone, or of a test that kills it, as durable as in production. */
export interface BenchPostgres {
  readonly url: string;
  /** SIGKILL of the postmaster: nothing is written any more, its children end by themselves. */
  kill(): Promise<void>;
  /** After `kill`. */
  start(): Promise<void>;
  /** Another one that follows this one; for the copy this one is ended and started again. */
  standby(): Promise<BenchPostgres>;
  stop(): Promise<void>;
}

interface Place {
  readonly folder: string;
  readonly home: PostgresHome;
}

export async function startBenchPostgres(): Promise<BenchPostgres> {
  return startIn(await makePlace());
}

async function makePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'cavea-bench-'));
  // Postgres may run as another user, who must be able to pass through.
  await chmod(folder, 0o755);
  return { folder, home: await findPostgresHome(join(folder, 'data')) };
}

async function startIn({ folder, home }: Place): Promise<BenchPostgres> {
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

  async function start(): Promise<void> {
    // It refuses while a child of the one before still lives.
    for (let attempt = 0; attempt < 100; attempt++) {
      server = child.spawn();
      await child.ready(server);
      if (isUp()) return;
      await systemClock.sleep(100);
    }
    throw new Error('Postgres does not start again');
  }

  return {
    url,
    kill: () => endedBy(() => server.kill('SIGKILL')),
    start,
    async standby() {
      await endedBy(end);
      const place = await copyOf(home, url);
      await start();
      const standby = await startIn(place);
      // It knows the passwords of the one that it follows.
      return { ...standby, url: url.replace(/:\d+\//, `:${new URL(standby.url).port}/`) };
    },
    async stop() {
      process.off('exit', end);
      if (isUp()) await endedBy(end);
      await rm(home.dataDir, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** As postgresql.org/docs/current/warm-standby.html says, from the files of a server that has ended. */
async function copyOf(home: PostgresHome, url: string): Promise<Place> {
  const place = await makePlace();
  const { dataDir, owner } = place.home;
  await promisify(execFile)('cp', ['-a', home.dataDir, dataDir]);
  await appendFile(join(dataDir, 'postgresql.auto.conf'), `primary_conninfo = '${url}'\n`);
  const signal = join(dataDir, 'standby.signal');
  await writeFile(signal, '');
  if ('uid' in owner) await chown(signal, owner.uid, owner.gid);
  return place;
}
