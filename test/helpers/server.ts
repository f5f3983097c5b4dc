import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readEnvironment } from '../../server/config.js';
import { systemClock } from '../../server/core/clock.js';
import { createLogger } from '../../server/core/log.js';
import { launch } from '../../server/launch.js';
import { freePort } from '../../server/services/ports.js';
import { makeSecrets } from '../../server/services/secrets.js';
import { createSupervisor } from '../../server/services/supervisor.js';
import { createDemoDatabase, createMigratedDatabase, querySql, type TestDatabase } from './postgres.js';
import { startRedis, type TestRedis } from './redis.js';

/**
 * The whole server as an operator runs it: workers, background role and payments sandbox as processes of their own,
 * on a database and a Redis of this test file alone.
 */
export interface TestServer {
  /** The port that all workers share. */
  readonly url: string;
  /** One address per worker, so that a test can place its sockets. */
  workerUrls(): readonly string[];
  readonly sandboxUrl: string;
  /** For `Authorization: Bearer` on the sandbox's own steering calls. */
  readonly sandboxSecretKey: string;
  readonly sandboxWebhookSecret: string;
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  readonly secret: string;
  readonly adminToken: string;
  /** The publishable key that the server gives to its own pages. */
  readonly storefrontKey: string;
  /** SIGKILL; the primary starts it again. Resolves when the process is dead. */
  killWorker(number: number): Promise<void>;
  signalWorker(number: number, signal: NodeJS.Signals): void;
  /** Of a worker's process as it is now. */
  workerPid(number: number): number;
  /** SIGKILL; the primary starts it again. */
  killBackground(): Promise<void>;
  /** SIGKILL of all workers and the background role; what the primary starts in their place gets no further until `run` is through. */
  whileDead(run: () => Promise<void>): Promise<void>;
  /** Ends the background role for good. */
  stopBackground(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly workers?: number;
  /** Demo venues and events; without it the database is empty. Default true. */
  readonly demo?: boolean;
  /** A Postgres that is there already, empty: without demo. */
  readonly database?: TestDatabase;
  /** A Redis that is there already, and the address by which the server is to reach it. */
  readonly redis?: TestRedis & { readonly through: string };
  /** Run on the database before the server starts. */
  readonly sql?: string;
  /** Any other setting, as an environment variable. */
  readonly env?: Readonly<Record<string, string>>;
}

const configSchema = z.object({ key: z.string() });

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const [database, redis, dataDir, port] = await Promise.all([
    options.database ?? (options.demo === false ? createMigratedDatabase() : createDemoDatabase()),
    options.redis ?? startRedis(),
    mkdtemp(join(tmpdir(), 'cavea-test-')),
    freePort(),
  ]);
  if (options.sql !== undefined) await querySql(database.url, options.sql);
  const workers = options.workers ?? 2;
  const secrets = makeSecrets();
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    CAVEA_LOG_LEVEL: 'error',
    CAVEA_WORKERS: String(workers),
    ...options.env,
    PORT: String(port),
    DATABASE_URL: database.url,
    REDIS_URL: options.redis?.through ?? redis.url,
  };
  const environment = readEnvironment(env);
  const clock = systemClock;
  const log = createLogger(environment.CAVEA_LOG_LEVEL, { process: 'primary' });
  const supervisor = createSupervisor({ clock, log });

  async function stop(): Promise<void> {
    await supervisor.stop();
    await Promise.all([redis.stop(), database.drop(), rm(dataDir, { recursive: true, force: true })]);
  }

  async function kill(name: string): Promise<void> {
    const child = supervisor.child(name);
    if (!child) return;
    const dead = once(child, 'exit');
    child.kill('SIGKILL');
    await dead;
  }

  async function whileDead(run: () => Promise<void>): Promise<void> {
    const names = [...Array.from({ length: workers }, (_, at) => `worker-${at + 1}`), 'background'];
    await Promise.all(names.map(kill));
    const signalAll = (signal: NodeJS.Signals) => {
      for (const name of names) supervisor.child(name)?.kill(signal);
    };
    // Long before a new process could listen.
    const keeping = clock.every(20, () => signalAll('SIGSTOP'));
    try {
      await run();
    } finally {
      keeping.cancel();
      signalAll('SIGCONT');
    }
  }

  try {
    const cavea = await launch({ env, environment, dataDir, secrets, supervisor, clock, log, demo: false });
    const config = configSchema.parse(await (await fetch(`${cavea.url}/config.json`)).json());
    return {
      url: cavea.url,
      workerUrls: cavea.workerUrls,
      sandboxUrl: cavea.sandboxUrl ?? '',
      sandboxSecretKey: secrets.sandboxSecretKey,
      sandboxWebhookSecret: secrets.sandboxWebhookSecret,
      database,
      redis,
      secret: secrets.secret,
      adminToken: secrets.adminToken,
      storefrontKey: config.key,
      killWorker: (number) => kill(`worker-${number}`),
      killBackground: () => kill('background'),
      whileDead,
      signalWorker: (number, signal) => void supervisor.child(`worker-${number}`)?.kill(signal),
      workerPid: (number) => supervisor.child(`worker-${number}`)?.pid ?? 0,
      stopBackground: () => supervisor.end('background'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
