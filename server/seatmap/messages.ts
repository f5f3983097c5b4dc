import { Status } from '../../protocol/status.js';
import { unpack } from '../core/codec.js';
import type { HoldChange, JournalRow, SeatDiff, SeatOperation } from './operations.js';
import { readHold, readRules } from './script-codec.js';

/**
 * What a script call has changed, as it published it and wrote it to the journal: the same bytes, laid out in
 * `redis/scripts/includes/message.lua`. A replay of the journal is therefore the same as having listened.
 */
type Message = [
  epoch: number,
  seq: number,
  digest: number,
  now: number,
  nextDue: number,
  rules: unknown[] | false,
  ...entries: unknown[],
];

/** `WIDTH` values of the message. */
type Entry = [
  kind: SeatOperation['kind'],
  status: Status,
  change: HoldChange['change'] | '',
  opId: string,
  actor: string,
  /** All of the hold's when false. */
  seats: number[] | false,
  hold: unknown[] | null,
];
const WIDTH = 7;

/** @param bytes a message from the event's channel. */
export function decodeSeatDiff(bytes: Uint8Array): SeatDiff {
  const [epoch, seq, digest, now, nextDue, rules, ...entries] = unpack(bytes) as Message;
  const changes = new Map<number, SeatDiff['changes'][number]>();
  const holds: HoldChange[] = [];
  for (const { status, change, seats, hold } of readEntries(entries)) {
    const expiresAt = status === Status.held && hold?.phase === 'held' ? hold.expiresAt : 0;
    for (const index of seats) changes.set(index, { index, status, expiresAt });
    if (hold && change !== '') holds.push({ holder: hold.holder, holdId: hold.id, change });
  }
  return {
    epoch,
    seq,
    digest,
    now,
    nextDue: nextDue === 0 ? undefined : nextDue,
    changes: [...changes.values()],
    holds,
    rules: rules === false ? undefined : readRules(rules),
  };
}

/** @param bytes field `m` of an entry of the event's journal. */
export function decodeJournalEntry(bytes: Uint8Array): JournalRow[] {
  const [epoch, seq, , at, , , ...entries] = unpack(bytes) as Message;
  const rows: JournalRow[] = [];
  for (const { kind, actor, opId, status, seats, hold } of readEntries(entries)) {
    for (const seat of seats) {
      const ordinal = rows.length;
      rows.push({ epoch, seq, ordinal, at, seat, status, kind, actor, opId, holdId: hold?.id });
    }
  }
  return rows;
}

function* readEntries(values: readonly unknown[]) {
  for (let at = 0; at < values.length; at += WIDTH) {
    const [kind, status, change, opId, actor, seats, fields] = values.slice(at, at + WIDTH) as Entry;
    const hold = fields ? readHold(fields) : undefined;
    yield {
      kind,
      actor: actor || (hold?.holder ?? ''),
      opId,
      status,
      change,
      seats: seats || (hold?.seats ?? []),
      hold,
    };
  }
}
