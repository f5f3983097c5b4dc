import pg from 'pg';
import type { Work } from './checkout/drive.js';
import type { OursCalls } from './checkout/ours.js';
import type { SandboxCalls } from './checkout/sandbox.js';
import type { BareCalls } from './comparators/bare-checkout.js';
import { type Child, startChild } from './lib/child.js';
import { median } from './lib/median.js';
import { startBenchPostgres } from './lib/postgres.js';
import type { BenchRedis } from './lib/redis.js';
import type { Figures } from './lib/report.js';

/**
 * From the hold of a seat to its confirmed booking, 16 buyers at once, each side one process with a payments sandbox of its
 * own, on one Postgres as durable as in production; the sides take turns.
 *
 * ratioToBareSql: purchases per second, ours to the few statements that a shop would write first.
 * webhooks, lost: then so many deliveries with a fifth of all events sent twice or more; events that are in no inbox.
 * Invariants: nothing lost; as many tickets as purchases; captured is what they cost.
 */
const WARMING = 200;
const ROUNDS = 2;
const PER_ROUND = 250;
const WITH_DUPLICATES = 1_450;

export async function runCheckout({ redis }: { redis: BenchRedis }): Promise<Figures> {
  const postgres = await startBenchPostgres();
  const children = {
    ours: startChild<OursCalls>(new URL('./checkout/ours.js', import.meta.url)),
    bare: startChild<BareCalls>(new URL('./comparators/bare-checkout.js', import.meta.url)),
    oursSandbox: startChild<SandboxCalls>(new URL('./checkout/sandbox.js', import.meta.url)),
    bareSandbox: startChild<SandboxCalls>(new URL('./checkout/sandbox.js', import.meta.url)),
  };
  const { ours, bare, oursSandbox, bareSandbox } = children;
  try {
    const bareUrl = await anotherDatabase(postgres.url, 'bare');
    await open(ours, oursSandbox, { databaseUrl: postgres.url, redisUrl: redis.url });
    await open(bare as Child<never> as Child<OursCalls>, bareSandbox, { databaseUrl: bareUrl, redisUrl: redis.url });
    await Promise.all([ours.call('run', WARMING), bare.call('run', WARMING)]);
    const [oursWork, bareWork]: [Work[], Work[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      oursWork.push(await ours.call('run', PER_ROUND));
      bareWork.push(await bare.call('run', PER_ROUND));
    }
    await oursSandbox.call('duplicates', 0.2);
    const before = (await oursSandbox.call('settle')).deliveries;
    const more = await ours.call('run', WITH_DUPLICATES);
    const sent = await oursSandbox.call('settle');
    const books = await ours.call('books');
    const kept = new Set(books.events);
    return {
      ratioToBareSql: rate(oursWork) / rate(bareWork),
      purchasesPerSecond: rate(oursWork),
      barePurchasesPerSecond: rate(bareWork),
      p50Ms: middle(oursWork, 'p50Ms'),
      p99Ms: middle(oursWork, 'p99Ms'),
      bareP50Ms: middle(bareWork, 'p50Ms'),
      cpuMsPerPurchase: cpuMs(oursWork),
      bareCpuMsPerPurchase: cpuMs(bareWork),
      withDuplicatesPerSecond: more.purchases / more.seconds,
      webhooks: sent.deliveries - before,
      lost: sent.events.filter((event) => !kept.has(event)).length,
      missingTickets: WARMING + ROUNDS * PER_ROUND + WITH_DUPLICATES - books.tickets,
      unexplainedMoney: sent.captured - books.sold,
    };
  } finally {
    await Promise.all(Object.values(children).map((child) => child.end()));
    await postgres.stop();
  }
}

async function open(
  side: Child<OursCalls>,
  sandbox: Child<SandboxCalls>,
  at: { databaseUrl: string; redisUrl: string },
): Promise<void> {
  const sandboxUrl = await sandbox.call('open', await side.call('listen'));
  await side.call('open', { ...at, sandboxUrl });
}

async function anotherDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

const sum = (works: readonly Work[], of: keyof Work) => works.reduce((total, work) => total + work[of], 0);
const rate = (works: readonly Work[]) => sum(works, 'purchases') / sum(works, 'seconds');
const cpuMs = (works: readonly Work[]) => (1_000 * sum(works, 'cpuSeconds')) / sum(works, 'purchases');
const middle = (works: readonly Work[], of: keyof Work) => median(works.map((work) => work[of]));
