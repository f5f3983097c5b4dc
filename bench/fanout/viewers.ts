import { decode } from '@msgpack/msgpack';
import { eachChange } from '../../protocol/diff.js';
import type { Down } from '../../protocol/down.js';
import { packedBytes, type Status, setStatus } from '../../protocol/status.js';
import { systemClock } from '../../server/core/clock.js';
import { answer, cpuSeconds } from '../lib/child.js';
import { openThinSocket, type ThinSocket } from '../lib/thin-socket.js';
import { arena } from './event.js';

/**
 * A thousand viewers in one process. They note which frame came when; what the frames say is worked out afterwards,
 * so that all servers meet the same generator. Equal frames are kept once.
 */
export type Kind = 'cavea' | 'raw' | 'socketIo';

interface ViewerLog {
  /** Numbers of frames, in the order of arrival. */
  readonly frames: number[];
  /** Arrivals of the frames, kept by a few viewers only. */
  readonly at: number[] | undefined;
}

const TIMED_VIEWERS = 20;
const frames: Buffer[] = [];
const numberOf = new Map<string, number>();
let sockets: ThinSocket[] = [];
let logs: ViewerLog[] = [];
let kind: Kind = 'raw';
let received = 0;
let bytes = 0;

const calls = {
  async connect(to: { kind: Kind; port: number; count: number }): Promise<void> {
    kind = to.kind;
    frames.length = received = bytes = 0;
    numberOf.clear();
    logs = Array.from({ length: to.count }, (_, i) => ({ frames: [], at: i < TIMED_VIEWERS ? [] : undefined }));
    for (let from = 0; from < to.count; from += 100) {
      const some = logs.slice(from, from + 100).map((log) => openViewer(to.port, log));
      sockets.push(...(await Promise.all(some)));
    }
  },
  /** All viewers have had something: they are in the room. */
  ready: () => logs.every((log) => log.frames.length > 0),
  counts: () => ({ received, bytes, cpuSeconds: cpuSeconds() }),
  /** Of the timed viewers: which seqs came when. */
  arrivals(): { fromSeq: number; toSeq: number; at: number }[][] {
    return logs.slice(0, TIMED_VIEWERS).map(({ frames: numbers, at }) =>
      numbers.flatMap((number, i) => {
        const range = readRange(frames[number] ?? Buffer.alloc(0));
        return range ? [{ ...range, at: at?.[i] ?? 0 }] : [];
      }),
    );
  },
  /** The map that each viewer ended with: how many have which, and at which seq. */
  finalMaps(): { seq: number; packed: Uint8Array; viewers: number }[] {
    const ended = new Map<string, { seq: number; packed: Uint8Array; viewers: number }>();
    for (const log of logs) {
      const history = log.frames.join();
      const same = ended.get(history);
      if (same) same.viewers++;
      else ended.set(history, { ...replay(log), viewers: 1 });
    }
    return [...ended.values()];
  },
  disconnect(): void {
    for (const socket of sockets) socket.end();
    sockets = [];
  },
};
export type ViewerCalls = typeof calls;
answer(calls);

async function openViewer(port: number, log: ViewerLog): Promise<ThinSocket> {
  let socket: ThinSocket | undefined;
  const path = kind === 'socketIo' ? '/socket.io/?EIO=4&transport=websocket' : '/';
  socket = await openThinSocket(port, path, (payload) => {
    if (kind === 'socketIo' && !isSocketIoEvent(payload)) {
      // Engine.IO: 0 opens, 2 asks for a sign of life; Socket.IO: 40 joins and is answered with 40.
      if (payload[0] === 0x30) setImmediate(() => socket?.send('40'));
      else if (payload[0] === 0x32) socket?.send('3');
      else if (payload[0] === 0x34) note(payload, log);
      return;
    }
    received++;
    bytes += payload.length;
    note(payload, log);
  });
  return socket;
}

function isSocketIoEvent(payload: Buffer): boolean {
  return payload[0] === 0x34 && payload[1] === 0x32;
}

function note(payload: Buffer, log: ViewerLog): void {
  if (kind === 'raw' && log.frames.length > 0) return;
  const key = payload.toString('latin1');
  let number = numberOf.get(key);
  if (number === undefined) {
    number = frames.push(Buffer.from(payload)) - 1;
    numberOf.set(key, number);
  }
  log.frames.push(number);
  log.at?.push(systemClock.now());
}

function readRange(frame: Buffer): { fromSeq: number; toSeq: number } | undefined {
  if (kind === 'raw') return undefined;
  if (kind === 'socketIo') {
    const changes = readSocketIo(frame);
    const [first, last] = [changes[0]?.[2], changes.at(-1)?.[2]];
    return first === undefined || last === undefined ? undefined : { fromSeq: first, toSeq: last };
  }
  const down = decode(frame) as Down;
  return down.type === 'diff' ? { fromSeq: down.fromSeq, toSeq: down.toSeq } : undefined;
}

function readSocketIo(frame: Buffer): [index: number, status: Status, seq: number][] {
  return isSocketIoEvent(frame) ? JSON.parse(frame.toString('latin1', 2))[1] : [];
}

function replay(log: ViewerLog): { seq: number; packed: Uint8Array } {
  let packed = new Uint8Array(packedBytes(arena.seated));
  let seq = 0;
  for (const number of log.frames) {
    const frame = frames[number] ?? Buffer.alloc(0);
    if (kind === 'socketIo') {
      for (const [index, status, at] of readSocketIo(frame)) {
        setStatus(packed, index, status);
        seq = Math.max(seq, at);
      }
      continue;
    }
    const down = decode(frame) as Down;
    if (down.type === 'snapshot') {
      packed = Uint8Array.from(down.status);
      seq = down.seq;
    } else if (down.type === 'diff') {
      eachChange(down.changes, (index, status) => setStatus(packed, index, status));
      seq = down.toSeq;
    }
  }
  return { seq, packed };
}
