import pg from 'pg';
import { newSecret } from '../../server/core/random.js';

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
  const admin = process.env.CAVEA_TEST_DATABASE_URL;
  if (!admin) throw new Error('CAVEA_TEST_DATABASE_URL is not set: run the tests with `npm test`');
  const name = `test_${newSecret(9)
    .replace(/[^a-zA-Z0-9]/g, '')
    .toLowerCase()}`;
  await run(admin, `create database ${name}${template ? ` template ${template}` : ''}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, name, drop: () => run(admin, `drop database if exists ${name} with (force)`) };
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
