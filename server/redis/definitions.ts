import { unpack } from '../core/codec.js';
import { defineScript } from './script.js';

/**
 * Every script, with names for its keys and arguments. The headers of the .lua files say the same; a test compares.
 * Replies are decoded to plain arrays here and given their meaning by the caller.
 */

/** Keys of grow, settle and archive, in the order of `scripts/includes/keys.lua`. */
const engineKeys = ['meta', 'seats', 'status', 'holds', 'expiries', 'payBy', 'holders', 'admitted', 'journal'] as const;

/** ['stale'], ['full'] or ['ok', now, epoch, seq, nextDue, ...outcomes]. */
const packedList = (raw: unknown) => unpack(bytes(raw)) as unknown[];

export const growScript = defineScript({
  name: 'grow',
  keys: engineKeys,
  args: ['channel', 'operations', 'journalBound'],
  reply: packedList,
});

export const settleScript = defineScript({
  name: 'settle',
  keys: engineKeys,
  args: ['channel', 'operations'],
  reply: packedList,
});

export const snapshotScript = defineScript({
  name: 'snapshot',
  keys: ['meta', 'status', 'holds'],
  args: [],
  reply: (raw) => {
    if (raw === null) return undefined;
    const [generation, seq, digest, now, rules, shape, status, holds] = raw as [
      Buffer,
      Buffer,
      Buffer,
      number,
      Buffer,
      Buffer,
      Buffer,
      Buffer[],
    ];
    return {
      generation: Number(generation),
      seq: Number(seq),
      digest: Number(digest),
      now,
      rules: unpack(rules) as unknown[],
      shape: unpack(shape) as [seats: number, seated: number, areas: number[]],
      status,
      holds: holds.map((hold) => unpack(hold) as unknown[]),
    };
  },
});

export const positionScript = defineScript({
  name: 'position',
  keys: ['meta'],
  args: [],
  reply: (raw) => {
    if (raw === null) return undefined;
    const [generation, seq, digest, now] = raw as [Buffer, Buffer, Buffer, number];
    return { generation: Number(generation), seq: Number(seq), digest: Number(digest), now };
  },
});

const packedHolds = (raw: unknown) =>
  raw === null ? undefined : (raw as Buffer[]).map((hold) => unpack(hold) as unknown[]);

export const readHoldsScript = defineScript({
  name: 'read-holds',
  keys: ['meta', 'holds', 'holders'],
  args: ['holdId', 'holder'],
  reply: packedHolds,
});

export const readOverdueScript = defineScript({
  name: 'read-overdue',
  keys: ['meta', 'holds', 'payBy'],
  args: ['limit'],
  reply: packedHolds,
});

/** False: overtaken by a newer rebuild, or not to be archived yet. */
const accepted = (raw: unknown) => raw === 1;

export const rebuildBeginScript = defineScript({
  name: 'rebuild-begin',
  keys: ['meta'],
  args: ['generation'],
  reply: accepted,
});

export const rebuildLoadScript = defineScript({
  name: 'rebuild-load',
  keys: ['meta', 'seats', 'holds', 'expiries', 'payBy', 'holders'],
  args: ['generation', 'part'],
  reply: accepted,
});

export const rebuildFinishScript = defineScript({
  name: 'rebuild-finish',
  keys: ['meta', 'status', 'expiries'],
  args: ['generation', 'channel', 'status', 'event'],
  /** nextDue, 0 when no hold can lapse; undefined: overtaken. */
  reply: (raw) => (raw === null ? undefined : (raw as number)),
});

export const archiveScript = defineScript({
  name: 'archive',
  keys: engineKeys,
  args: [],
  reply: accepted,
});

const roomKeyNames = ['line', 'places', 'waiting', 'left'] as const;

export const roomJoinScript = defineScript({
  name: 'room-join',
  keys: [...roomKeyNames, 'missed'],
  args: ['holder', 'before', 'life', 'may'],
  /**
   * Undefined: there is no line. Place 0: the limit has to be raised first. -1: its places are being drawn. -2: only a new
   * one could be given.
   */
  reply: (raw) => {
    if (raw === null) return undefined;
    const [place, life, isNew, moves] = raw as [number, number, number, number];
    return { place, life, isNew: isNew === 1, moves };
  },
});

export const roomOpenScript = defineScript({
  name: 'room-open',
  keys: ['line'],
  args: ['life', 'serving', 'joined', 'limit', 'drawn'],
  reply: accepted,
});

export const roomLeaveScript = defineScript({
  name: 'room-leave',
  keys: roomKeyNames,
  args: ['holder'],
  reply: accepted,
});

export const roomAdvanceScript = defineScript({
  name: 'room-advance',
  keys: roomKeyNames,
  args: ['place', 'holders'],
  reply: (raw) => raw as number,
});

export const roomReadScript = defineScript({
  name: 'room-read',
  keys: ['line', 'waiting', 'left'],
  args: ['next'],
  reply: (raw) => {
    const [now, serving, joined, waiting, front, farther, following, life, since] = raw as [
      ...[now: number, serving: number, joined: number, waiting: number],
      ...[front: Buffer, farther: number[], following: Buffer[], life: number, since: number],
    ];
    const next = following.flatMap((holder, at) =>
      at % 2 === 0 ? [{ holder: holder.toString(), place: Number(following[at + 1]) }] : [],
    );
    const sinceMs = since * 1_000;
    return { now, serving, joined, waiting, front: new Uint8Array(front), farther, next, life, sinceMs };
  },
});

const sharedKeys = ['version', 'entry'] as const;

export const sharedBeginScript = defineScript({
  name: 'shared-begin',
  keys: sharedKeys,
  args: ['lease'],
  /** Undefined: nobody tells of changes. Without a value and not the reader: somebody else is reading. */
  reply: (raw) => {
    if (raw === null) return undefined;
    const [version, value, isReader] = raw as [Buffer, Buffer | null | undefined, number | undefined];
    return { version: version.toString(), value: value ?? undefined, isReader: isReader === 1 };
  },
});

export const sharedFinishScript = defineScript({
  name: 'shared-finish',
  keys: sharedKeys,
  args: ['version', 'value', 'keep'],
  reply: accepted,
});

export const allScripts = [
  growScript,
  settleScript,
  snapshotScript,
  positionScript,
  readHoldsScript,
  readOverdueScript,
  rebuildBeginScript,
  rebuildLoadScript,
  rebuildFinishScript,
  archiveScript,
  roomJoinScript,
  roomOpenScript,
  roomLeaveScript,
  roomAdvanceScript,
  roomReadScript,
  sharedBeginScript,
  sharedFinishScript,
];

function bytes(raw: unknown): Buffer {
  if (Buffer.isBuffer(raw)) return raw;
  throw new Error(`a script answered ${typeof raw} instead of bytes`);
}
