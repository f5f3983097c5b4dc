import type { Clock } from '../core/clock.js';
import { isUnavailable, reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { within } from '../core/within.js';
import type { Database, Query } from './pool.js';

/**
 * Reads from a replica while it has all that this process has heard of, and from the primary otherwise.
 *
 *   unknown ── the primary says how far its log is ──→ behind ── the replica has replayed that much ──→ current
 *   any ── a change is heard of ──→ unknown            any ── the replica does not answer ──→ away, for 5 s
 *
 * A copy that is read because of a change, and kept for minutes, must not be of before it. Where changes are not heard of
 * nothing tells how old a replica may be: then it is not used, unless the primary does not answer.
 */
export interface ReadDatabase extends Query, Pick<Database, 'transaction'> {}

export interface Replica {
  readonly reads: ReadDatabase;
  /** What is read from now on must be no older than this moment. */
  heard(): void;
}

const awayMs = 5_000;
const againMs = 50;
const answerMs = 500;
/** Of a view. A search has its own limit. */
const readMs = 2_000;

export function createReplica(options: {
  readonly primary: Database;
  readonly replica: Database;
  readonly isTold: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}): Replica {
  const { primary, replica, isTold, clock, log } = options;
  let needed: string | undefined;
  let isCurrent = false;
  let awayUntil = Number.NEGATIVE_INFINITY;
  let checkAt = Number.NEGATIVE_INFINITY;
  let checking: Promise<boolean> | undefined;
  /** Of what was heard; a check that began before does not count. */
  let word = 0;

  function leave(error: unknown): void {
    if (clock.monotonic() >= awayUntil) {
      log.warn({ reason: reasonOf(error) }, 'the replica is away: reading from the primary');
    }
    awayUntil = clock.monotonic() + awayMs;
  }

  async function check(): Promise<boolean> {
    const begun = word;
    checkAt = clock.monotonic() + againMs;
    const at = needed ?? (await within(clock, answerMs, 'The primary', logOf(primary)).catch(() => undefined));
    // While the primary cannot be asked, nobody else can answer.
    if (at === undefined) return true;
    if (begun === word) needed = at;
    try {
      const row = await within(clock, answerMs, 'The replica', replica.one<{ has: boolean }>(hasReplayed, [at]));
      const has = row?.has === true && begun === word;
      isCurrent ||= has;
      return has;
    } catch (error) {
      leave(error);
      return false;
    }
  }

  async function mayRead(): Promise<boolean> {
    if (!isTold() || clock.monotonic() < awayUntil) return false;
    if (isCurrent) return true;
    if (!checking && clock.monotonic() < checkAt) return false;
    checking ??= check().finally(() => {
      checking = undefined;
    });
    return checking;
  }

  /** A view is small: where one fails the other answers. */
  async function either<T>(ask: (from: Query) => Promise<T>): Promise<T> {
    const isReplica = await mayRead();
    try {
      return await (isReplica ? within(clock, readMs, 'The replica', ask(replica)) : ask(primary));
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (isReplica) leave(error);
      return ask(isReplica ? primary : replica);
    }
  }

  return {
    heard() {
      word++;
      isCurrent = false;
      needed = undefined;
      checkAt = Number.NEGATIVE_INFINITY;
    },
    reads: {
      query: (sql, params) => either((from) => from.query(sql, params)),
      one: (sql, params) => either((from) => from.one(sql, params)),
      // What takes long on the replica is not asked again: the primary has more to do than searching.
      transaction: async (run, limits) => ((await mayRead()) ? replica : primary).transaction(run, limits),
    },
  };
}

async function logOf(primary: Query): Promise<string | undefined> {
  return (await primary.one<{ at: string }>('select pg_current_wal_lsn()::text as at'))?.at;
}

/** Null on a server that replays nothing: a primary has what it has. */
const hasReplayed = 'select coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, true) as has';
