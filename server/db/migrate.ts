import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../core/log.js';
import { root } from '../core/paths.js';
import { createDatabase, type Database } from './pool.js';

/**
 * Brings a database to this program's schema. The protocol (after graphile-worker's):
 * migrations are numbered files that never change once released; each runs in one transaction that first inserts its
 * own row into `schema_migrations`; one migrator works at a time. A file whose first line is `--! breaking` means that
 * older programs must not run against the new schema.
 */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
  readonly breaking: boolean;
  readonly sql: string;
}

/** The database and the program do not fit together. Says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

type AppliedRow = Omit<Migration, 'sql'>;

const TABLE = `create table if not exists schema_migrations (
  number integer primary key,
  name text not null,
  sha256 text not null,
  breaking boolean not null,
  applied_at timestamptz not null default now()
)`;

/**
 * @returns names of the files that this call has applied.
 * @throws MigrationError when a released file was changed or removed, or a newer program has made a breaking change.
 */
export async function migrate(options: {
  url: string;
  log: Logger;
  /** Default: the repository's own. */
  folder?: string;
}): Promise<{ applied: string[] }> {
  const { url, log, folder = join(root, 'server/db/migrations') } = options;
  const migrations = await readMigrations(folder);
  const db = createDatabase({ url, log, max: 1, applicationName: 'cavea-migrate' });
  try {
    return await db.withLock('cavea:migrate', () => applyMissing(db, migrations, log), 120_000);
  } finally {
    await db.close();
  }
}

async function applyMissing(
  db: Database,
  migrations: readonly Migration[],
  log: Logger,
): Promise<{ applied: string[] }> {
  await db.query(TABLE);
  const rows = await db.query<AppliedRow>('select number, name, sha256, breaking from schema_migrations');
  const missing = pendingMigrations(migrations, rows, log);
  for (const migration of missing) {
    await apply(db, migration);
    log.info({ migration: migration.name }, 'migrated');
  }
  return { applied: missing.map(({ name }) => name) };
}

async function apply(db: Database, { number, name, sha256, breaking, sql }: Migration): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('insert into schema_migrations (number, name, sha256, breaking) values ($1, $2, $3, $4)', [
      number,
      name,
      sha256,
      breaking,
    ]);
    await tx.query('set local statement_timeout = 0');
    await tx.query(sql);
  });
}

/** What is still to be applied, in order; throws when the two do not fit together. */
export function pendingMigrations(
  migrations: readonly Migration[],
  applied: readonly AppliedRow[],
  log: Pick<Logger, 'warn'>,
): readonly Migration[] {
  const files = new Map(migrations.map((migration) => [migration.number, migration]));
  const newest = migrations.at(-1)?.number ?? 0;
  for (const row of applied) {
    const file = files.get(row.number);
    if (file) {
      if (file.sha256 !== row.sha256) {
        throw new MigrationError(
          `migration ${row.name} was changed after it was applied: restore the file, and add a new one`,
        );
      }
    } else if (row.number <= newest) {
      throw new MigrationError(`migration ${row.name} is applied but its file is missing`);
    } else if (row.breaking) {
      throw new MigrationError(
        `the database was migrated by a newer version (${row.name}) that this one cannot work with: update the program`,
      );
    } else {
      log.warn({ migration: row.name }, 'the database was migrated by a newer version');
    }
  }
  const done = new Set(applied.map(({ number }) => number));
  return migrations.filter(({ number }) => !done.has(number));
}

export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{6}\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), 'utf8');
      return {
        number: Number.parseInt(name, 10),
        name,
        sha256: createHash('sha256').update(sql).digest('hex'),
        breaking: sql.startsWith('--! breaking'),
        sql,
      };
    }),
  );
}
