import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../core/clock.js';
import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { gauge } from '../core/metrics.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import type { Role } from '../core/role.js';
import { copyLine, type Database, isUniqueViolation, type Transaction } from '../db/pool.js';
import type { JournalRow, SeatStore } from './operations.js';

/**
 * Drains the journal from Redis into Postgres. A batch: read → copied and committed → trimmed. A crash between the
 * last two leaves entries that are drained again: their rows are in Postgres already and are passed over.
 */

const drainEveryMs = 500;
/** Script calls per batch. A call changes at most some thousand seats, each a row. */
const entriesPerBatch = 256;
const rowsPerWrite = 500;
/** An event that is over still sees refunds, so all events that Redis has are read now and then. */
const wholeEveryRuns = 120;
const alarmAt = 0.8;

const filledGauge = gauge('journal_filled_ratio', 'How full the fullest journal in Redis is; at 1 holds are refused');

export function createJournalDrain(options: {
  readonly store: Pick<SeatStore, 'readJournal' | 'trimJournal'>;
  readonly db: Database;
  readonly openEvents: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly log: Logger;
}): Role {
  const { store, db, openEvents, clock, log } = options;
  const alarmed = new Set<string>();
  let runs = 0;

  async function eventsToDrain(): Promise<readonly string[]> {
    if (runs++ % wholeEveryRuns !== 0) return openEvents();
    const rows = await db.query<{ event_id: string }>(
      'select distinct event_id from generations where archived_at is null',
    );
    return rows.map(({ event_id }) => event_id);
  }

  /** Once each time that a journal crosses the line. */
  function alarm(event: string, filled: number): void {
    if (filled < alarmAt) alarmed.delete(event);
    else if (!alarmed.has(event)) {
      alarmed.add(event);
      log.error({ event, filled }, 'the journal in Redis is nearly full; when it is, holds are refused');
    }
  }

  /** One batch. @returns whether there may be more, and how full the journal was. */
  async function drainBatch(event: string): Promise<{ more: boolean; filled: number }> {
    const { rows, upTo, more, filled } = await store.readJournal(event, entriesPerBatch);
    alarm(event, filled);
    if (upTo === undefined) return { more: false, filled };
    await write(db, event, rows);
    await store.trimJournal(event, upTo);
    return { more, filled };
  }

  /** A batch of each event, so that a busy one does not keep the others waiting. @returns whether there may be more. */
  async function drainRound(signal: AbortSignal): Promise<boolean> {
    let anyMore = false;
    let fullest = 0;
    for (const event of await eventsToDrain()) {
      if (signal.aborted) return false;
      try {
        const { more, filled } = await drainBatch(event);
        anyMore ||= more;
        fullest = Math.max(fullest, filled);
      } catch (error) {
        log.warn({ event, reason: reasonOf(error) }, 'journal not drained');
      }
    }
    filledGauge.set(fullest);
    return anyMore;
  }

  return createPeriodicRole({
    name: 'journal drain',
    everyMs: drainEveryMs,
    clock,
    log,
    async run(signal) {
      while (await drainRound(signal));
    },
  });
}

const columns = 'event_id, epoch, seq, ordinal, at, seat, status, kind, actor, op_id, hold_id';

async function write(db: Database, event: string, rows: readonly JournalRow[]): Promise<void> {
  try {
    await db.transaction((tx) => copy(db, tx, 'journal', event, rows));
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    await writeMissing(db, event, rows);
  }
}

/** The slower way, for rows of which some are there already. */
async function writeMissing(db: Database, event: string, rows: readonly JournalRow[]): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('create temporary table drained (like journal) on commit drop');
    await copy(db, tx, 'drained', event, rows);
    await tx.query(`insert into journal (${columns}) select ${columns} from drained on conflict do nothing`);
  });
}

function copy(db: Database, tx: Transaction, table: string, event: string, rows: readonly JournalRow[]): Promise<void> {
  return pipeline(Readable.from(lines(event, rows)), db.copyIn(tx, `copy ${table} (${columns}) from stdin`));
}

function* lines(event: string, rows: readonly JournalRow[]): Generator<string> {
  for (let from = 0; from < rows.length; from += rowsPerWrite) {
    yield rows
      .slice(from, from + rowsPerWrite)
      .map((row) => line(event, row))
      .join('');
  }
}

function line(event: string, row: JournalRow): string {
  const { epoch, seq, ordinal, at, seat, status, kind, actor, opId, holdId } = row;
  return copyLine([event, epoch, seq, ordinal, new Date(at), seat, status, kind, actor, opId, holdId].map(withoutNul));
}

/** Postgres keeps no NUL in a text: one would stop the drain of its event for ever. */
function withoutNul<T>(value: T): T | string {
  return typeof value === 'string' ? value.replaceAll('\0', '') : value;
}
