import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { type Environment, type RoleName, usesSandbox } from './config.js';
import type { Clock } from './core/clock.js';
import type { Logger } from './core/log.js';
import { root } from './core/paths.js';
import type { ChildMessage } from './core/process-link.js';
import { migrate } from './db/migrate.js';
import { createDatabase } from './db/pool.js';
import { seedDemo } from './seed/demo.js';
import { embeddedPostgres } from './services/embedded-postgres.js';
import { embeddedRedis } from './services/embedded-redis.js';
import { createMetricsRelay } from './services/metrics-relay.js';
import { choosePort, freePort } from './services/ports.js';
import { findPostgresHome } from './services/postgres-home.js';
import { roleProcess } from './services/role-process.js';
import { sandboxProcess } from './services/sandbox-process.js';
import type { Secrets } from './services/secrets.js';
import type { ChildSpec, Supervisor } from './services/supervisor.js';

/**
 * Brings up one whole server: what the operator did not bring (Postgres, Redis, payments), then the schema and the
 * demo data, then workers and the background role.
 */
export interface LaunchOptions {
  /** What the operator set, as it came and as it was read. */
  readonly env: NodeJS.ProcessEnv;
  readonly environment: Environment;
  readonly dataDir: string;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Logger;
  /** Its `stop` ends all that was launched, also half-way. */
  readonly supervisor: Supervisor;
  /** Demo venues and events, when the database has no event yet. */
  readonly demo: boolean;
  /** Called with the name of each step as it begins. */
  readonly onStep?: (step: string) => void;
}

export interface Cavea {
  readonly url: string;
  readonly port: number;
  /** One address per worker, on the loopback interface. */
  workerUrls(): readonly string[];
  readonly sandboxUrl: string | undefined;
  /** Mail ends in the sandbox. */
  readonly hasMailbox: boolean;
  readonly databaseUrl: string;
  readonly redisUrls: readonly string[];
}

const servingRoles: readonly RoleName[] = ['view', 'live', 'booking', 'webhook'];

export async function launch(options: LaunchOptions): Promise<Cavea> {
  const { environment, secrets, supervisor, log, clock } = options;
  const production = environment.NODE_ENV === 'production';
  const step = options.onStep ?? (() => {});
  const port = await choosePort(environment.HOST, environment.PORT);
  const origin = `http://127.0.0.1:${port}`;

  const { databaseUrl, redisUrls } = await startStores(options);
  const childEnv: NodeJS.ProcessEnv = {
    ...options.env,
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrls.join(','),
    CAVEA_SECRET: environment.CAVEA_SECRET ?? secrets.secret,
    // In production staff begin with a token that the operator chose, or with none.
    CAVEA_ADMIN_TOKEN: environment.CAVEA_ADMIN_TOKEN ?? (production ? undefined : secrets.adminToken),
  };

  let sandboxUrl: string | undefined;
  let hasMailbox = false;
  if (usesSandbox(environment)) {
    step('payments sandbox');
    const sandboxPort = await freePort();
    sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
    const webhookUrl = `${origin}/v1/webhooks/stripe`;
    const env = { ...options.env, CAVEA_DATA_DIR: options.dataDir };
    // In production everyone's mail must not lie open on a page.
    const smtpPort = environment.SMTP_URL || production ? undefined : await freePort();
    await supervisor.start([sandboxProcess({ port: sandboxPort, smtpPort, webhookUrl, secrets, env })]);
    hasMailbox = smtpPort !== undefined;
    if (hasMailbox) childEnv.SMTP_URL = `smtp://127.0.0.1:${smtpPort}`;
    childEnv.CAVEA_SANDBOX = '1';
    childEnv.STRIPE_API_BASE = sandboxUrl;
    childEnv.STRIPE_SECRET_KEY = secrets.sandboxSecretKey;
    childEnv.STRIPE_PUBLISHABLE_KEY = secrets.sandboxPublishableKey;
    childEnv.STRIPE_WEBHOOK_SECRET = secrets.sandboxWebhookSecret;
  }

  step('database schema');
  await migrate({ url: databaseUrl, log });
  if (options.demo) await seed(databaseUrl, options, step);

  step('workers');
  const loopbackPorts = new Map<string, number>();
  const specs = roles(environment, childEnv, {
    onReady: (name, loopbackPort) => loopbackPorts.set(name, loopbackPort),
    relay: createMetricsRelay(() => childrenOf(supervisor, specs), clock),
  });
  await supervisor.start(specs);

  return {
    url: `http://localhost:${port}`,
    port,
    workerUrls: () => [...loopbackPorts].sort().map(([, loopbackPort]) => `http://127.0.0.1:${loopbackPort}`),
    sandboxUrl,
    hasMailbox,
    databaseUrl,
    redisUrls,
  };
}

/** Postgres and Redis: the operator's own, or embedded ones. */
async function startStores(options: LaunchOptions): Promise<{ databaseUrl: string; redisUrls: readonly string[] }> {
  const { environment, dataDir, secrets, supervisor, clock, onStep } = options;
  const specs: ChildSpec[] = [];
  let databaseUrl = environment.DATABASE_URL;
  let redisUrls = environment.REDIS_URL;
  if (databaseUrl === undefined) {
    onStep?.('Postgres');
    const postgres = await embeddedPostgres({
      home: await findPostgresHome(join(dataDir, 'postgres-data')),
      password: secrets.databasePassword,
      durable: true,
      maxConnections: 200,
      logFile: join(dataDir, 'postgres.log'),
      clock,
    });
    databaseUrl = postgres.url;
    specs.push(postgres.child);
  }
  if (redisUrls === undefined) {
    onStep?.('Redis');
    const program = environment.CAVEA_REDIS_SERVER ?? 'redis-server';
    const redis = await embeddedRedis({ dataDir, program, password: secrets.redisPassword, clock });
    redisUrls = [redis.url];
    specs.push(redis.child);
  }
  await supervisor.start(specs);
  return { databaseUrl, redisUrls };
}

async function seed(
  url: string,
  { environment, clock, log }: LaunchOptions,
  step: (name: string) => void,
): Promise<void> {
  step('demo venues and events');
  const db = createDatabase({ url, log, applicationName: 'cavea seed' });
  try {
    const defaults = {
      holdTtlMs: environment.CAVEA_HOLD_TTL_MS,
      holdCapMs: environment.CAVEA_HOLD_CAP_MS,
      payWindowMs: environment.CAVEA_PAY_WINDOW_MS,
      maxSeatsPerHolder: environment.CAVEA_MAX_SEATS_PER_HOLD,
    };
    await seedDemo({ db, clock, log, defaults });
  } finally {
    await db.close();
  }
}

/** Workers and the background role, as far as this machine has their roles. */
function roles(
  environment: Environment,
  env: NodeJS.ProcessEnv,
  hooks: {
    onReady: (name: string, loopbackPort: number) => void;
    relay: ReturnType<typeof createMetricsRelay>;
  },
): ChildSpec[] {
  const role = (name: string, program: string) =>
    roleProcess({
      name,
      program: join(root, 'dist/server', program),
      env,
      onMessage(child: ChildProcess, message: ChildMessage) {
        if (message.type === 'ready' && message.info.loopbackPort) hooks.onReady(name, message.info.loopbackPort);
        hooks.relay.onMessage(child, message);
      },
    });
  const specs: ChildSpec[] = [];
  if (environment.CAVEA_ROLES.some((name) => servingRoles.includes(name))) {
    for (let number = 1; number <= environment.CAVEA_WORKERS; number++)
      specs.push(role(`worker-${number}`, 'worker.js'));
  }
  if (environment.CAVEA_ROLES.includes('background')) specs.push(role('background', 'background.js'));
  return specs;
}

function childrenOf(supervisor: Supervisor, specs: readonly ChildSpec[]): ChildProcess[] {
  return specs.flatMap((spec) => supervisor.child(spec.name) ?? []);
}
