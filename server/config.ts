import { cpus } from 'node:os';
import { z } from 'zod';
import { reasonOf } from './core/faults.js';
import { englishSynonyms, readSynonyms, type Synonyms } from './search/synonyms.js';

/**
 * The environment, read once, checked by one schema, frozen. An unknown CAVEA_* is an error: a misspelt
 * setting must not be silently ignored. The descriptions are the text of docs/configuration.md.
 */
const flag = z.enum(['0', '1']).transform((value) => value === '1');
const list = z.string().transform((value) => value.split(/[\s,]+/).filter((item) => item !== ''));
const int = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const durationMs = int(1_000, 86_400_000);
export const roleNames = ['view', 'live', 'booking', 'webhook', 'background'] as const;
export type RoleName = (typeof roleNames)[number];

export const environmentSchema = z.object({
  NODE_ENV: z.string().default('development').describe('`production` refuses to start without real secrets.'),
  PORT: int(1, 65_535).optional().describe('Port of the server. Not given: 8080, or the next free one.'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on; `0.0.0.0` for all.'),
  DATABASE_URL: z
    .url()
    .optional()
    .describe('Postgres ≥ 15. Not given: an embedded Postgres, data in `CAVEA_DATA_DIR`.'),
  DATABASE_READ_URL: z.url().optional().describe('A read replica, for views and searching.'),
  REDIS_URL: list
    .pipe(z.array(z.url()).min(1))
    .optional()
    .describe('Redis ≥ 7.0; several, separated by commas, are a Cluster. Not given: an embedded Redis.'),
  STRIPE_SECRET_KEY: z.string().optional().describe('Not given, outside production: the payments sandbox.'),
  STRIPE_WEBHOOK_SECRET: list
    .pipe(z.array(z.string()).min(1).max(2))
    .optional()
    .describe('Signing secret of the webhook; two, separated by commas, while one replaces the other.'),
  STRIPE_PUBLISHABLE_KEY: z.string().optional().describe('The key that pages use.'),
  STRIPE_API_BASE: z.url().optional().describe('Another address of the payments API.'),
  TYPESENSE_URL: z
    .url()
    .optional()
    .describe('A Typesense server for search, with Postgres as its fall-back. Not given: Postgres searches.'),
  TYPESENSE_API_KEY: z.string().optional().describe('Its key.'),
  CAVEA_SYNONYMS: z
    .string()
    .transform((path, context) => {
      try {
        return readSynonyms(path);
      } catch (error) {
        context.addIssue({ code: 'custom', message: reasonOf(error) });
        return z.NEVER;
      }
    })
    .optional()
    .describe(
      'A file of words that mean the same to a search: a group on each line, with commas. Not given: a few English ones.',
    ),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe('Where mail goes. Not given: the sandbox’s mailbox; in production no mail is sent.'),
  CAVEA_MAIL_FROM: z
    .string()
    .regex(/^[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>$/, 'must be like Odeon <tickets@odeon.example>')
    .default('Cavea <tickets@cavea.invalid>')
    .describe('Who mail is from.'),
  CAVEA_WORKERS: int(1, 64)
    .default(Math.max(2, Math.min(cpus().length, 16)))
    .describe('Worker processes on the one port.'),
  CAVEA_ROLES: list
    .pipe(z.array(z.enum(roleNames)).min(1))
    .default([...roleNames])
    .describe('What this machine does: any of `view live booking webhook background`.'),
  CAVEA_SECRET: z.string().min(32).optional().describe('Signs sessions and tickets. Not given: made and kept.'),
  CAVEA_ADMIN_TOKEN: z
    .string()
    .min(16)
    .optional()
    .describe('Creates the first member of staff (`POST /v1/admin/staff`), nothing else.'),
  CAVEA_PUBLIC_URL: z.url().optional().describe('The address that buyers see.'),
  CAVEA_HOLD_TTL_MS: durationMs.default(600_000).describe('How long a hold lasts; events override it.'),
  CAVEA_HOLD_CAP_MS: durationMs.default(1_800_000).describe('How long extending can make it.'),
  CAVEA_PAY_WINDOW_MS: durationMs.default(300_000).describe('How long a payment may take.'),
  CAVEA_MAX_SEATS_PER_HOLD: int(1, 64).default(10).describe('Seats that one holder may hold of one event.'),
  CAVEA_EDGE_URLS: list
    .pipe(z.array(z.url()))
    .default([])
    .describe(
      'Caches in front of the nodes that are purged by tag, as in deploy/varnish. With one, answers are kept longer.',
    ),
  CAVEA_TRUSTED_PROXIES: list.default([]).describe('Networks whose forwarded addresses are believed.'),
  CAVEA_ALLOWED_ORIGINS: list.default([]).describe('Origins that may use the API besides the public one.'),
  CAVEA_SANDBOX: flag.optional().describe('`1` starts the payments sandbox, in production too; `0` never.'),
  CAVEA_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Log lines from this level on.'),
  CAVEA_DATA_DIR: z.string().default('.cavea').describe('Folder of the embedded services and of made secrets.'),
  CAVEA_REDIS_SERVER: z.string().optional().describe('Program of the embedded Redis.'),
  CAVEA_PROCESS_NAME: z.string().optional().describe('Name of a child process; the primary sets it.'),
});

export type Environment = z.infer<typeof environmentSchema>;
type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** The environment cannot be used. The message has one line per problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError */
export function readEnvironment(env: RawEnvironment): Readonly<Environment> {
  const problems = Object.keys(env)
    .filter(isUnknown)
    .map((name) => `${name}: there is no such setting`);
  const parsed = environmentSchema.safeParse(env);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(problems.join('\n'));
  }
  problems.push(...contradictions(parsed.data));
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return Object.freeze(parsed.data);
}

function isUnknown(name: string): boolean {
  return name.startsWith('CAVEA_') && !name.startsWith('CAVEA_TEST_') && !(name in environmentSchema.shape);
}

/** The rules between settings. */
function* contradictions(env: Environment): Iterable<string> {
  if (env.CAVEA_HOLD_TTL_MS > env.CAVEA_HOLD_CAP_MS) {
    yield 'CAVEA_HOLD_TTL_MS: must not be more than CAVEA_HOLD_CAP_MS';
  }
  if (env.STRIPE_SECRET_KEY && !env.STRIPE_WEBHOOK_SECRET) {
    yield 'STRIPE_WEBHOOK_SECRET: needed with STRIPE_SECRET_KEY, or no payment is ever recorded';
  }
  if (env.STRIPE_SECRET_KEY && !env.STRIPE_PUBLISHABLE_KEY) {
    yield 'STRIPE_PUBLISHABLE_KEY: needed with STRIPE_SECRET_KEY, or no page can take a payment';
  }
  if (env.NODE_ENV === 'production' && env.SMTP_URL && env.CAVEA_MAIL_FROM.includes('.invalid>')) {
    yield 'CAVEA_MAIL_FROM: needed with SMTP_URL, or no answer ever reaches you';
  }
  if (env.TYPESENSE_URL && !env.TYPESENSE_API_KEY) yield 'TYPESENSE_API_KEY: needed with TYPESENSE_URL';
  if (env.NODE_ENV === 'production') yield* missingInProduction(env);
}

function* missingInProduction(env: Environment): Iterable<string> {
  const needed = ['DATABASE_URL', 'REDIS_URL', 'CAVEA_SECRET', 'CAVEA_PUBLIC_URL'] as const;
  for (const name of needed) {
    if (env[name] === undefined) yield `${name}: needed in production`;
  }
  if (!env.STRIPE_SECRET_KEY && !env.CAVEA_SANDBOX) {
    yield 'STRIPE_SECRET_KEY: needed in production (CAVEA_SANDBOX=1 takes play money instead)';
  }
}

/** Whether payments go to the sandbox that ships with the server. */
export function usesSandbox(env: Environment): boolean {
  return env.CAVEA_SANDBOX ?? (env.STRIPE_SECRET_KEY === undefined && env.STRIPE_API_BASE === undefined);
}

/** What every process of the server works with: nothing left open. Durations in milliseconds. */
export interface Settings {
  readonly production: boolean;
  readonly processName: string;
  readonly host: string;
  readonly port: number;
  readonly roles: readonly RoleName[];
  readonly databaseUrl: string;
  readonly databaseReadUrl: string | undefined;
  readonly redisUrls: readonly string[];
  readonly secret: string;
  readonly adminToken: string | undefined;
  readonly publicUrl: string;
  readonly logLevel: Environment['CAVEA_LOG_LEVEL'];
  readonly allowedOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  /** Purged by tag whenever something changes. */
  readonly edgeUrls: readonly string[];
  readonly holds: {
    readonly holdTtlMs: number;
    readonly holdCapMs: number;
    readonly payWindowMs: number;
    readonly maxSeatsPerHolder: number;
  };
  readonly stripe: {
    readonly secretKey: string;
    readonly publishableKey: string;
    readonly webhookSecrets: readonly string[];
    readonly apiBase: string | undefined;
    readonly sandbox: boolean;
  };
  readonly synonyms: Synonyms;
  /** Undefined: Postgres searches. */
  readonly typesense: { readonly url: string; readonly apiKey: string } | undefined;
  /** `url` undefined: no mail is sent. */
  readonly mail: { readonly url: string | undefined; readonly from: string };
}

/**
 * The settings of a child process. The primary has filled in what the operator left open (embedded services,
 * made secrets), so everything must be there.
 * @throws ConfigError
 */
export function completeSettings(env: Environment): Settings {
  const databaseUrl = required(env, 'DATABASE_URL');
  const port = required(env, 'PORT');
  return {
    production: env.NODE_ENV === 'production',
    processName: env.CAVEA_PROCESS_NAME ?? 'cavea',
    host: env.HOST,
    port,
    roles: env.CAVEA_ROLES,
    databaseUrl,
    databaseReadUrl: env.DATABASE_READ_URL,
    redisUrls: required(env, 'REDIS_URL'),
    secret: required(env, 'CAVEA_SECRET'),
    adminToken: env.CAVEA_ADMIN_TOKEN,
    publicUrl: env.CAVEA_PUBLIC_URL ?? `http://localhost:${port}`,
    logLevel: env.CAVEA_LOG_LEVEL,
    allowedOrigins: env.CAVEA_ALLOWED_ORIGINS,
    trustedProxies: env.CAVEA_TRUSTED_PROXIES,
    edgeUrls: env.CAVEA_EDGE_URLS,
    holds: {
      holdTtlMs: env.CAVEA_HOLD_TTL_MS,
      holdCapMs: env.CAVEA_HOLD_CAP_MS,
      payWindowMs: env.CAVEA_PAY_WINDOW_MS,
      maxSeatsPerHolder: env.CAVEA_MAX_SEATS_PER_HOLD,
    },
    stripe: {
      secretKey: required(env, 'STRIPE_SECRET_KEY'),
      publishableKey: required(env, 'STRIPE_PUBLISHABLE_KEY'),
      webhookSecrets: required(env, 'STRIPE_WEBHOOK_SECRET'),
      apiBase: env.STRIPE_API_BASE,
      sandbox: usesSandbox(env),
    },
    synonyms: env.CAVEA_SYNONYMS ?? englishSynonyms,
    typesense:
      env.TYPESENSE_URL && env.TYPESENSE_API_KEY
        ? { url: env.TYPESENSE_URL, apiKey: env.TYPESENSE_API_KEY }
        : undefined,
    mail: { url: env.SMTP_URL, from: env.CAVEA_MAIL_FROM },
  };
}

function required<K extends keyof Environment>(env: Environment, name: K): NonNullable<Environment[K]> {
  const value = env[name];
  if (value === undefined || value === null) throw new ConfigError(`${name}: needed by ${env.CAVEA_PROCESS_NAME}`);
  return value as NonNullable<Environment[K]>;
}

const secretNames: readonly (keyof Environment)[] = [
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'TYPESENSE_API_KEY',
  'CAVEA_SECRET',
  'CAVEA_ADMIN_TOKEN',
];

/** One `NAME=value` line per setting, for an operator's eyes: secrets and passwords in addresses are masked. */
export function describeEnvironment(env: Environment): string {
  return Object.entries(env)
    .map(([name, value]) => {
      const text = [value].flat().join(',');
      const masked = secretNames.some((secret) => secret === name) ? '(set)' : text.replace(/\/\/[^@/]*@/g, '//(set)@');
      return `${name}=${masked}`;
    })
    .join('\n');
}
