import t from 'tap';
import {
  ConfigError,
  completeSettings,
  describeEnvironment,
  readEnvironment,
  usesSandbox,
} from '../../server/config.js';

const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://cavea:pass@db.example/cavea',
  REDIS_URL: 'redis://redis.example',
  CAVEA_SECRET: 'a secret of at least 32 characters',
  CAVEA_PUBLIC_URL: 'https://tickets.example',
  STRIPE_SECRET_KEY: 'sk_live_x',
  STRIPE_WEBHOOK_SECRET: 'whsec_x',
  STRIPE_PUBLISHABLE_KEY: 'pk_live_x',
};

function problemsOf(env: Record<string, string>): string {
  try {
    readEnvironment(env);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

function without(name: keyof typeof production): Record<string, string> {
  return Object.fromEntries(Object.entries(production).filter(([other]) => other !== name));
}

t.test('an empty environment is complete for trying things out', async (t) => {
  const environment = readEnvironment({});
  t.match(environment, { HOST: '127.0.0.1', CAVEA_HOLD_TTL_MS: 600_000, CAVEA_PAY_WINDOW_MS: 300_000 });
  t.ok(environment.CAVEA_WORKERS >= 2);
  t.ok(usesSandbox(environment));
});

t.test('a misspelt setting is an error, one of a test or of another program is not', async (t) => {
  t.equal(problemsOf({ CAVEA_HOLD_TTL: '5000' }), 'CAVEA_HOLD_TTL: there is no such setting');
  t.equal(problemsOf({ CAVEA_TEST_DATABASE_URL: 'x', PATH: '/bin' }), '');
});

t.test('every problem is said, a line each', async (t) => {
  const lines = problemsOf({ PORT: '99999', CAVEA_LOG_LEVEL: 'loud', CAVEA_NOPE: '1' }).split('\n');
  t.equal(lines.length, 3);
  t.match(lines.sort(), [/^CAVEA_LOG_LEVEL: /, /^CAVEA_NOPE: /, /^PORT: /]);
});

t.test('production needs what only the operator can bring', async (t) => {
  t.equal(problemsOf(production), '');
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'CAVEA_SECRET', 'CAVEA_PUBLIC_URL', 'STRIPE_SECRET_KEY'] as const) {
    t.match(problemsOf(without(name)), new RegExp(`^${name}: needed in production`), name);
  }
});

t.test('production takes play money only when told to', async (t) => {
  const environment = readEnvironment({ ...without('STRIPE_SECRET_KEY'), CAVEA_SANDBOX: '1' });
  t.ok(usesSandbox(environment));
  t.notOk(usesSandbox(readEnvironment(production)));
});

t.test('settings that contradict each other', async (t) => {
  t.match(problemsOf({ CAVEA_HOLD_TTL_MS: '5000', CAVEA_HOLD_CAP_MS: '4000' }), /^CAVEA_HOLD_TTL_MS: /);
  t.match(problemsOf(without('STRIPE_WEBHOOK_SECRET')), /^STRIPE_WEBHOOK_SECRET: /);
  t.match(problemsOf(without('STRIPE_PUBLISHABLE_KEY')), /^STRIPE_PUBLISHABLE_KEY: /);
  t.match(problemsOf({ TYPESENSE_URL: 'http://search.example' }), /^TYPESENSE_API_KEY: /);
});

t.test('a child process gets everything, or does not start', async (t) => {
  const settings = completeSettings(readEnvironment({ ...production, PORT: '8080', REDIS_URL: 'redis://a,redis://b' }));
  t.match(settings, { production: true, redisUrls: ['redis://a', 'redis://b'], publicUrl: 'https://tickets.example' });
  t.equal(settings.databaseReadUrl, undefined);
  t.ok(settings.synonyms.of('theater').includes('theatre'), 'without a list of the house’s own');
  t.throws(() => readEnvironment({ ...production, CAVEA_SYNONYMS: '/nonexistent' }), /CAVEA_SYNONYMS.*ENOENT/s);
  t.equal(settings.stripe.sandbox, false);
  t.throws(() => completeSettings(readEnvironment({ PORT: '8080' })), ConfigError);
});

t.test('what an operator is shown has no secret in it', async (t) => {
  const shown = describeEnvironment(readEnvironment(production));
  t.notMatch(shown, /pass|a secret of|sk_live|whsec_x/);
  t.match(shown, 'DATABASE_URL=postgres://(set)@db.example/cavea');
});
