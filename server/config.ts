import { cpus } from 'node:os';
import { z } from 'zod';

/**
 * The environment, read once, checked by one schema, frozen. An unknown CAVEA_* is an error: a misspelt
 * setting must not be silently ignored.
 */
const flag = z.enum(['0', '1']).transform((value) => value === '1');
const list = z.string().transform((value) => value.split(/[\s,]+/).filter((item) => item !== ''));
const int = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
export const roleNames = ['view', 'live', 'booking', 'webhook', 'background'] as const;
export type RoleName = (typeof roleNames)[number];

const schema = z.object({
  NODE_ENV: z.string().default('development'),
  PORT: int(1, 65_535).optional(),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: z.url().optional(),
  DATABASE_READ_URL: z.url().optional(),
  REDIS_URL: list.pipe(z.array(z.url()).min(1)).optional(),
  STRIPE_SECRET_KEY: z.string().optional(),
  /** Two secrets, comma-separated, while one replaces the other. */
  STRIPE_WEBHOOK_SECRET: list.pipe(z.array(z.string()).min(1).max(2)).optional(),
  STRIPE_PUBLISHABLE_KEY: z.string().optional(),
  STRIPE_API_BASE: z.url().optional(),
  TYPESENSE_URL: z.url().optional(),
  TYPESENSE_API_KEY: z.string().optional(),
  SMTP_URL: z.url().optional(),
  CAVEA_WORKERS: int(1, 64).default(Math.max(2, Math.min(cpus().length, 16))),
  CAVEA_ROLES: list.pipe(z.array(z.enum(roleNames)).min(1)).default([...roleNames]),
  CAVEA_SECRET: z.string().min(32).optional(),
  CAVEA_ADMIN_TOKEN: z.string().min(16).optional(),
  CAVEA_PUBLIC_URL: z.url().optional(),
  CAVEA_HOLD_TTL_MS: int(1_000, 86_400_000).default(600_000),
  CAVEA_HOLD_CAP_MS: int(1_000, 86_400_000).default(1_800_000),
  CAVEA_PAY_WINDOW_MS: int(1_000, 86_400_000).default(300_000),
  CAVEA_MAX_SEATS_PER_HOLD: int(1, 64).default(10),
  CAVEA_TRUSTED_PROXIES: list.default([]),
  CAVEA_ALLOWED_ORIGINS: list.default([]),
  CAVEA_SANDBOX: flag.optional(),
  CAVEA_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  CAVEA_DATA_DIR: z.string().default('.cavea'),
  CAVEA_REDIS_SERVER: z.string().optional(),
});

export type Environment = z.infer<typeof schema>;

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError with one line per problem. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Readonly<Environment> {
  const problems: string[] = [];
  for (const name of Object.keys(env)) {
    if (name.startsWith('CAVEA_') && !name.startsWith('CAVEA_TEST_') && !(name in schema.shape)) {
      problems.push(`${name}: there is no such setting`);
    }
  }
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join('.')}: ${issue.message}`);
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems.join('\n'));
  return Object.freeze(parsed.data);
}
