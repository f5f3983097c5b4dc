import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { silentLog } from '../../../server/core/log.js';
import { root } from '../../../server/core/paths.js';
import { MigrationError, migrate, pendingMigrations } from '../../../server/db/migrate.js';
import { createDatabase } from '../../../server/db/pool.js';
import { createDatabase as createTestDatabase } from '../../helpers/postgres.js';

const run = promisify(execFile);
const log = silentLog;

interface Teardown {
  teardown(end: () => Promise<void>): unknown;
}

async function emptyDatabase(test: Teardown) {
  const { url, drop } = await createTestDatabase();
  const db = createDatabase({ url, log, max: 2 });
  test.teardown(async () => {
    await db.close();
    await drop();
  });
  return { url, db };
}

let folders = 0;
/** A folder of migrations, one text each. */
async function folderOf(parent: string, texts: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(parent, `files-${++folders}`);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
  return folder;
}

const first = { '000001.sql': 'create table a (n integer); select pg_sleep(0.3)' };
const second = { ...first, '000002.sql': 'create table b (n integer)' };

t.test('two processes at once: each migration runs once, both succeed', async (t) => {
  const { url, db } = await emptyDatabase(t);
  const folder = await folderOf(t.testdir(), second);
  const program = join(root, 'dist/test/server/db/migrate-once.js');
  const outputs = await Promise.all([1, 2].map(() => run(process.execPath, [program, url, folder])));
  const applied = outputs.map(({ stdout }) => JSON.parse(stdout) as string[]);
  t.strictSame(applied.flat().sort(), ['000001.sql', '000002.sql']);
  t.strictSame(applied.map(({ length }) => length).sort(), [0, 2], 'one of them had nothing left to do');
  const rows = await db.query('select number, name, length(sha256) as hash from schema_migrations order by number');
  t.strictSame(rows, [
    { number: 1, name: '000001.sql', hash: 64 },
    { number: 2, name: '000002.sql', hash: 64 },
  ]);
});

t.test('a second run applies only what is new', async (t) => {
  const { url } = await emptyDatabase(t);
  const parent = t.testdir();
  t.strictSame(await migrate({ url, log, folder: await folderOf(parent, first) }), { applied: ['000001.sql'] });
  t.strictSame(await migrate({ url, log, folder: await folderOf(parent, second) }), { applied: ['000002.sql'] });
  t.strictSame(await migrate({ url, log, folder: await folderOf(parent, second) }), { applied: [] });
});

t.test('a migration that fails leaves nothing behind, not even its row', async (t) => {
  const { url, db } = await emptyDatabase(t);
  const folder = await folderOf(t.testdir(), { '000001.sql': 'create table a (n integer); select 1 / 0' });
  await t.rejects(migrate({ url, log, folder }), { code: '22012' });
  t.strictSame(await db.query('select * from schema_migrations'), []);
  t.strictSame(await db.query("select from pg_class where relname = 'a'"), []);
});

t.test('refuses a changed and a missing file', async (t) => {
  const { url } = await emptyDatabase(t);
  const parent = t.testdir();
  await migrate({ url, log, folder: await folderOf(parent, second) });
  const changed = await folderOf(parent, { ...second, '000002.sql': 'create table b (n bigint)' });
  await t.rejects(migrate({ url, log, folder: changed }), MigrationError);
  const missing = await folderOf(parent, { '000002.sql': second['000002.sql'], '000003.sql': 'select 1' });
  await t.rejects(migrate({ url, log, folder: missing }), /000001.sql is applied but its file is missing/);
});

t.test('a newer database: refused when the change breaks this program, else a warning', async (t) => {
  const newer = (breaking: boolean) => [{ number: 2, name: '000002.sql', sha256: 'x', breaking }];
  const warnings: object[] = [];
  const warn = { warn: (fields: object) => warnings.push(fields) };
  t.strictSame(pendingMigrations([], newer(false), warn), []);
  t.strictSame(warnings, [{ migration: '000002.sql' }]);
  t.throws(() => pendingMigrations([], newer(true), warn), /newer version/);

  const { url } = await emptyDatabase(t);
  const parent = t.testdir();
  const breaking = await folderOf(parent, { ...first, '000002.sql': '--! breaking\nselect 1' });
  await migrate({ url, log, folder: breaking });
  await t.rejects(migrate({ url, log, folder: await folderOf(parent, first) }), MigrationError);
});
