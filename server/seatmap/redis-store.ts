import { assert } from '../core/assert.js';
import { unavailable } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import type { RedisConnections } from '../redis/client.js';
import {
  archiveScript,
  growScript,
  positionScript,
  readHoldsScript,
  readOverdueScript,
  settleScript,
  snapshotScript,
} from '../redis/definitions.js';
import { answering } from '../redis/failures.js';
import { diffChannel, eventKeys } from '../redis/keys.js';
import { runScript } from '../redis/script.js';
import { decodeJournalEntry } from './messages.js';
import type { BatchReply, EventShape, HoldRecord, SeatStore } from './operations.js';
import { rebuildEvent, suspendEvent } from './rebuild.js';
import { packOperations, readHold, readOutcome, readRules } from './script-codec.js';

/** Entries of an event's journal from which on holds are refused: Postgres has not taken any for a long time. */
const JOURNAL_BOUND = 100_000;

export interface SeatStoreSettings {
  readonly redis: Pick<RedisConnections, 'commands'>;
  readonly log: Logger;
  readonly journalBound?: number;
}

/** The SeatStore of operations.ts on Redis. */
export function createSeatStore({ redis, log, journalBound = JOURNAL_BOUND }: SeatStoreSettings): SeatStore {
  const client = redis.commands;
  const answered = <T>(call: Promise<T>) => answering(call, log);

  return {
    async grow(event, operations) {
      assert(operations.length > 0, 'a call has operations');
      const args = { channel: diffChannel(event), operations: packOperations(operations), journalBound };
      return readBatch(await answered(runScript(client, growScript, eventKeys(event), args)));
    },

    async settle(event, operations) {
      assert(operations.length > 0, 'a call has operations');
      const args = { channel: diffChannel(event), operations: packOperations(operations) };
      return readBatch(await answered(runScript(client, settleScript, eventKeys(event), args)));
    },

    async snapshot(event) {
      const read = await answered(runScript(client, snapshotScript, eventKeys(event), {}));
      if (!read) return { stale: true };
      const { generation, holds, rules, shape, ...position } = read;
      return {
        ...position,
        epoch: generation,
        expiries: expiriesOf(holds),
        holds: holds.length,
        rules: readRules(rules),
        shape: readShape(shape),
      };
    },

    async position(event) {
      const read = await answered(runScript(client, positionScript, eventKeys(event), {}));
      return read ? { epoch: read.generation, seq: read.seq, digest: read.digest, now: read.now } : { stale: true };
    },

    suspend: (event, generation) => answered(suspendEvent(client, event, generation)),

    rebuild: (event, input) => answered(rebuildEvent(client, event, input)),

    async hold(event, holdId) {
      const args = { holdId, holder: '' };
      return found(await answered(runScript(client, readHoldsScript, eventKeys(event), args)))[0];
    },

    async holdsOf(event, holder) {
      const args = { holdId: '', holder };
      const holds = await answered(runScript(client, readHoldsScript, eventKeys(event), args));
      return holds ? holds.map(readHold) : { stale: true };
    },

    async overduePayments(event, limit) {
      return found(await answered(runScript(client, readOverdueScript, eventKeys(event), { limit })));
    },

    async readJournal(event, limit) {
      const { journal } = eventKeys(event);
      const read = client.call('xrange', [journal, '-', '+', 'COUNT', limit]) as Promise<StreamEntry[]>;
      const [entries, length] = await answered(Promise.all([read, client.call('xlen', [journal])]));
      const rows = entries.flatMap(([, [, message]]) => decodeJournalEntry(message));
      const filled = Math.min(1, Number(length) / journalBound);
      return { rows, upTo: entries.at(-1)?.[0].toString(), more: entries.length === limit, filled };
    },

    archive: (event) => answered(runScript(client, archiveScript, eventKeys(event), {})),

    async trimJournal(event, upTo) {
      await answered(client.call('xtrim', [eventKeys(event).journal, 'MINID', idAfter(upTo)]));
    },
  };
}

function readBatch(fields: readonly unknown[]): BatchReply {
  const [state, now, epoch, seq, nextDue, ...outcomes] = fields as BatchFields;
  if (state === 'stale') return { stale: true };
  if (state === 'full') throw unavailable('the journal of this event is full', 5_000);
  return { stale: false, now, epoch, seq, nextDue: nextDue || undefined, outcomes: outcomes.map(readOutcome) };
}

type BatchFields = [
  state: 'ok' | 'stale' | 'full',
  now: number,
  epoch: number,
  seq: number,
  nextDue: number,
  ...outcomes: unknown[],
];

type StreamEntry = [id: Buffer, fields: [name: Buffer, message: Buffer]];

function readShape([seats, seated, areas]: [seats: number, seated: number, areas: number[]]): EventShape {
  const starts = areas.filter((_, at) => at % 2 === 0);
  return { seats, seated, areas: starts.map((start, at) => ({ start, capacity: areas[at * 2 + 1] ?? 0 })) };
}

/** Lapse of each seat whose hold can lapse. */
function expiriesOf(holds: readonly (readonly unknown[])[]): Map<number, number> {
  const expiries = new Map<number, number>();
  for (const { phase, seats, expiresAt } of holds.map(readHold)) {
    if (phase === 'held') for (const seat of seats) expiries.set(seat, expiresAt);
  }
  return expiries;
}

/** Nothing is found in a stale event: the caller looks at its position before believing that. */
function found(holds: readonly (readonly unknown[])[] | undefined): HoldRecord[] {
  return holds ? holds.map(readHold) : [];
}

/** The smallest stream id above `id`. */
function idAfter(id: string): string {
  const [ms, count] = id.split('-');
  return `${ms}-${Number(count) + 1}`;
}
