import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { systemClock } from '../../server/core/clock.js';
import { silentLog } from '../../server/core/log.js';
import { root } from '../../server/core/paths.js';
import { newSecret } from '../../server/core/random.js';
import { migrate } from '../../server/db/migrate.js';
import { createDatabase as connect } from '../../server/db/pool.js';
import { seedDemo } from '../../server/seed/demo.js';

/**
 * A database of one test file, on the server that the test run has started (CAVEA_TEST_DATABASE_URL, a superuser).
 * Empty unless `template` names a database to clone.
 */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  drop(): Promise<void>;
}

export async function createDatabase(template?: string): Promise<TestDatabase> {
  const name = `test_${newSecret(9)
    .replace(/[^a-zA-Z0-9]/g, '')
    .toLowerCase()}`;
  const copy = template ? ` template ${template}` : '';
  await withServer((client) => client.query(`create database ${name}${copy}`));
  return {
    url: urlOf(name),
    name,
    drop: () => withServer((client) => drop(client, name)),
  };
}

/** A replication slot keeps its database from being dropped. */
async function drop(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query<{ slot_name: string; active_pid: number | null }>(
    'select slot_name, active_pid from pg_replication_slots where database = $1',
    [name],
  );
  for (const { slot_name, active_pid } of rows) {
    if (active_pid !== null) await client.query('select pg_terminate_backend($1, 5000)', [active_pid]);
    await client.query('select pg_drop_replication_slot($1)', [slot_name]);
  }
  await client.query(`drop database if exists ${name} with (force)`);
}

/** A database with the whole schema: a copy of one that the first test file to ask has made. */
export function createMigratedDatabase(): Promise<TestDatabase> {
  return copyOf(`template_${sourceMark('server/db/migrations')}`, (url) => migrate({ url, log: silentLog }));
}

/** A database with the schema and the demo's venues and events. */
export function createDemoDatabase(): Promise<TestDatabase> {
  // On-sales of the demo open and close by the clock: a template of another day is no use.
  const day = new Date(systemClock.now()).toISOString().slice(0, 10).replaceAll('-', '');
  const mark = sourceMark('server/db/migrations', 'server/seed', 'server/catalog');
  return copyOf(`template_demo_${day}_${mark}`, async (url) => {
    await migrate({ url, log: silentLog });
    const db = connect({ url, log: silentLog });
    await seedDemo({ db, clock: systemClock, log: silentLog, defaults: demoRules });
    await db.close();
  });
}

const demoRules = { holdTtlMs: 600_000, holdCapMs: 1_800_000, payWindowMs: 300_000, maxSeatsPerHolder: 10 };

async function copyOf(template: string, make: (url: string) => Promise<unknown>): Promise<TestDatabase> {
  await withServer(async (client) => {
    // Test files run side by side: one makes the template, the others wait for it.
    await client.query('select pg_advisory_lock(hashtext($1))', [template]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
    if (rowCount) return;
    const making = `${template}_making`;
    await client.query(`drop database if exists ${making} with (force)`);
    await client.query(`create database ${making}`);
    await make(urlOf(making));
    await client.query(`alter database ${making} rename to ${template}`);
  });
  return createDatabase(template);
}

/** Changes when a file of these folders does. */
function sourceMark(...folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}

function serverUrl(): string {
  const url = process.env.CAVEA_TEST_DATABASE_URL;
  if (!url) throw new Error('CAVEA_TEST_DATABASE_URL is not set: run the tests with `npm test`');
  return url;
}

function urlOf(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  return url.href;
}

/** Rows of one statement on a test's database. */
export async function querySql<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  params: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...params])).rows;
  } finally {
    await client.end();
  }
}

/** On one connection, so that an advisory lock is given back at the end. */
async function withServer<T>(run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
