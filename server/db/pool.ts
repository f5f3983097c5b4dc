import type { Writable } from 'node:stream';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type Clock, systemClock } from '../core/clock.js';
import { Fault, reasonOf, unavailable } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { randomBelow } from '../core/random.js';
import { isOutage, overtakenPlan, retryPauseMs, uniqueViolation } from './sqlstate.js';

/**
 * The only importer of pg. Every error that leaves here is one of two: a Fault `unavailable` (an outage: nothing is
 * known about the effect of a statement that was under way), or a pg.DatabaseError without the values that Postgres
 * puts into its details, so that it can be logged.
 */

/** int8 arrives as a number (ours stay below 2^53), timestamptz as a Date, jsonb parsed. */
export interface Query {
  query<Row extends object = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** The only row; undefined when there is none. */
  one<Row extends object = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row | undefined>;
}

export interface Transaction extends Query {
  /** Waits for the advisory lock of this name; the end of the transaction gives it back. */
  lock(name: string): Promise<void>;
}

export interface TransactionOptions {
  /** Default: read committed. */
  readonly isolation?: 'repeatable read' | 'serializable';
}

/** An advisory lock on a connection of its own, for longer than a transaction. */
export interface SessionLock {
  /** Aborts when the connection breaks: the lock is then anyone's. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface Database extends Query {
  /**
   * Commits when `run` resolves, rolls back when it throws, and runs it again (at most 5 times) when Postgres has
   * undone the transaction in favour of another one: `run` must have no effect outside it.
   * @throws Fault `unavailable` in an outage. When it comes from the commit itself, the effect is unknown.
   */
  transaction<T>(run: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** The stream of a `copy … from stdin`; write lines made by `copyLine` to it. Done at 'finish'. */
  copyIn(tx: Transaction, sql: string): Writable;
  /** Runs while holding the advisory lock of this name; waits up to `waitMs` (30 s) for it. */
  withLock<T>(name: string, run: () => Promise<T>, waitMs?: number): Promise<T>;
  /** The advisory lock of this name, or undefined when another session has it. */
  tryLock(name: string): Promise<SessionLock | undefined>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly log: Logger;
  /** Connections, 10 by default. */
  readonly max?: number;
  readonly applicationName?: string;
  /** Every statement is planned for its own parameters, for texts that are put together and data that is spread unevenly. */
  readonly plansEach?: boolean;
  readonly clock?: Clock;
}

const attempts = 5;
const mostNames = 1_000;
const statementMs = 10_000;
const lockWaitMs = 30_000;
const LOCK_KEY = 'hashtextextended($1, 0)';

export function createDatabase(options: DatabaseOptions): Database {
  const { log, clock = systemClock } = options;
  const connection = connectionConfig(options);
  const pool = new pg.Pool({ ...connection, max: options.max ?? 10, idleTimeoutMillis: 30_000 });
  // An error that nobody listens to ends the process, and a connection can break at any time, idle or not.
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ reason: error.message }, 'a database connection broke'));
  });
  pool.on('error', () => {});
  const clients = new WeakMap<Transaction, pg.PoolClient>();

  const names = createNames(options.plansEach ? 0 : mostNames);
  const database: Database = {
    ...queries(pool, log, names),
    async transaction(run, { isolation } = {}) {
      const begin = isolation ? `begin isolation level ${isolation}` : 'begin';
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(begin, run);
        } catch (error) {
          const pauseMs = retryPauseMs[codeOf(error) ?? ''];
          if (pauseMs === undefined) throw error;
          if (attempt === attempts) throw unavailable('The database is too busy now.', 1_000, error);
          await clock.sleep(pauseMs * 2 ** (attempt - 1) + randomBelow(pauseMs));
        }
      }
    },
    copyIn(tx, sql) {
      const client = clients.get(tx);
      if (!client) throw new Error('copyIn needs an open transaction of this database');
      return client.query(copyFrom(sql));
    },
    async withLock(name, run, waitMs = lockWaitMs) {
      const lock = await sessionLock(connection, log, name, waitMs);
      try {
        return await run();
      } finally {
        await lock?.release();
      }
    },
    tryLock: (name) => sessionLock(connection, log, name, undefined),
    close: async () => {
      if (!pool.ended) await pool.end();
    },
  };

  async function once<T>(begin: string, run: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw translated(error, 'connect', log);
    });
    const { query, one } = queries(client, log, names);
    const lock = async (name: string) => {
      await query(`select pg_advisory_xact_lock(${LOCK_KEY})`, [name]);
    };
    const tx: Transaction = { query, one, lock };
    clients.set(tx, client);
    let usable = false;
    try {
      await query(begin);
      const value = await run(tx);
      await commit(client, log);
      usable = true;
      return value;
    } catch (error) {
      usable = await client.query('rollback').then(
        () => true,
        () => false,
      );
      throw error;
    } finally {
      clients.delete(tx);
      client.release(!usable);
    }
  }

  return database;
}

/** Whether the error is a violation of a unique index, of `constraint` when given. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === uniqueViolation &&
    (constraint === undefined || error.constraint === constraint)
  );
}

/** One line of `copy … from stdin` in text format. */
export function copyLine(values: readonly (string | number | boolean | Date | null | undefined)[]): string {
  return `${values.map(copyValue).join('\t')}\n`;
}

function copyValue(value: string | number | boolean | Date | null | undefined): string {
  if (value === null || value === undefined) return '\\N';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return String(value);
  return value.replace(/[\\\t\n\r]/g, (char) => COPY_ESCAPES[char] ?? char);
}
const COPY_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function connectionConfig({ url, applicationName = 'cavea' }: DatabaseOptions): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    statement_timeout: statementMs,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 30_000,
    // For a connection that has gone silent; the server's own timeout comes first otherwise.
    query_timeout: statementMs + 5_000,
    types: { getTypeParser },
  };
}

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === pg.types.builtins.INT8) return parseInt8;
  // The format is always text here; pg's own types know no union.
  return pg.types.getTypeParser(oid, format === 'binary' ? 'text' : format);
}

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is beyond 2^53`);
  return value;
}

/**
 * Statements are planned once for each connection (postgresql.org/docs/current/sql-prepare.html): a purchase is 60 short ones,
 * and their planning was a quarter of its cost. Texts beyond the first `most` stay unnamed: they would fill the server.
 */
function createNames(most: number) {
  const names = new Map<string, string>();
  let made = 0;
  return {
    of(sql: string): string | undefined {
      if (names.size < most && !names.has(sql)) names.set(sql, `cavea_${made++}`);
      return names.get(sql);
    },
    /** It is planned anew, under another name. */
    forget: (sql: string) => void names.delete(sql),
  };
}

function queries(
  target: pg.Pool | pg.PoolClient | pg.Client,
  log: Logger,
  names: ReturnType<typeof createNames>,
): Query {
  const query: Query['query'] = async <Row extends object>(sql: string, params?: readonly unknown[]) => {
    try {
      const name = params && names.of(sql);
      const values = params && [...params];
      const result = await target.query<Row>({ text: sql, ...(values && { values }), ...(name && { name }) });
      // Several statements in one text answer with a list; nobody reads the rows of such a text.
      return Array.isArray(result) ? [] : result.rows;
    } catch (error) {
      if (codeOf(error) === overtakenPlan) {
        names.forget(sql);
        // Nothing has happened. A transaction is run again as a whole.
        if (target instanceof pg.Pool) return query<Row>(sql, params);
      }
      throw translated(error, sql, log);
    }
  };
  const one = async <Row extends object>(sql: string, params?: readonly unknown[]): Promise<Row | undefined> => {
    const rows: Row[] = await query<Row>(sql, params);
    if (rows.length > 1) throw new Error(`one row expected, got ${rows.length}: ${firstLine(sql)}`);
    return rows[0];
  };
  return { query, one };
}

async function commit(client: pg.PoolClient, log: Logger): Promise<void> {
  const { command } = await client.query('commit').catch((error: unknown) => {
    throw translated(error, 'commit', log);
  });
  // A transaction whose statement failed, and whose code went on regardless, is rolled back without an error.
  if (command !== 'COMMIT') throw new Error('the transaction had failed and was rolled back');
}

/** Waits up to `waitMs`; undefined means not at all. */
async function sessionLock(
  connection: pg.ClientConfig,
  log: Logger,
  name: string,
  waitMs: number | undefined,
): Promise<SessionLock | undefined> {
  const waits = { statement_timeout: waitMs ?? statementMs, lock_timeout: waitMs ?? statementMs };
  const client = new pg.Client({ ...connection, ...waits, query_timeout: waits.statement_timeout + 5_000 });
  const lost = new AbortController();
  let ended = false;
  client.on('error', (error) => {
    log.warn({ reason: error.message, lock: name }, 'the connection of a lock broke');
    lost.abort();
  });
  client.on('end', () => lost.abort());
  const release = async () => {
    if (ended) return;
    ended = true;
    await client.end();
  };
  try {
    await client.connect();
    const sql =
      waitMs === undefined
        ? `select pg_try_advisory_lock(${LOCK_KEY}) as got`
        : `select true as got from pg_advisory_lock(${LOCK_KEY})`;
    const { rows } = await client.query<{ got: boolean }>(sql, [name]);
    if (rows[0]?.got) return { lost: lost.signal, release };
    await release();
    return undefined;
  } catch (error) {
    await release();
    throw translated(error, 'advisory lock', log);
  }
}

/** Logs what can be logged and makes the error one of the two kinds that leave this file. */
function translated(error: unknown, sql: string, log: Logger): unknown {
  if (error instanceof Fault || error instanceof RangeError) return error;
  if (!(error instanceof pg.DatabaseError)) {
    const reason = reasonOf(error);
    log.warn({ reason, sql: firstLine(sql) }, 'the database cannot be reached');
    return unavailable('The database cannot be reached now.', 1_000, error);
  }
  const { code, constraint, table, routine } = error;
  // Both can hold the values of a row.
  error.detail = undefined;
  error.where = undefined;
  const expected = code === uniqueViolation || (code !== undefined && code in retryPauseMs);
  log[expected ? 'debug' : 'warn']({ code, constraint, table, routine, sql: firstLine(sql) }, 'a statement failed');
  return isOutage(code) ? unavailable('The database cannot answer now.', 1_000, error) : error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

function firstLine(sql: string): string {
  return sql.trimStart().split('\n', 1)[0]?.slice(0, 200) ?? '';
}
