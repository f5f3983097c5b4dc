import type { Down } from '../../protocol/down.js';
import { PROTOCOL_VERSION } from '../../protocol/version.js';
import { systemClock } from '../../server/core/clock.js';
import { unpack } from '../../server/core/codec.js';
import { answer } from '../lib/child.js';
import { frameType } from '../lib/frame-type.js';
import { openThinSocket } from '../lib/thin-socket.js';
import { event } from '../socket/event.js';
import { type Arrival, type Change, changesSeen, delays, type MapFrame, replay } from './judge.js';

/**
 * Thousands of viewers in one process, each with a session of its own. They note which frame about the map came when;
 * what it says is worked out afterwards. Equal frames are kept once.
 */
interface Viewer {
  readonly arrivals: Arrival[];
  heartbeats: number;
}

/** Viewers that are opened at once. */
const AT_ONCE = 50;

const frames: Buffer[] = [];
const numberOf = new Map<string, number>();
const viewers: Viewer[] = [];
/** Nearly always the next viewer gets the same. */
let last: { bytes: Buffer; number: number } = { bytes: Buffer.alloc(0), number: -1 };
let closed = 0;

export interface Seen {
  /** From each change to its arrival at each viewer; shorter by one for each that never arrived. */
  readonly delaysMs: Float64Array;
  /** Maps that viewers ended with, and how many have which. */
  readonly maps: readonly { seq: number; packed: Uint8Array; viewers: number }[];
  /** Frames about the map that a viewer got on average. */
  readonly framesEach: number;
}

const calls = {
  async connect({ port, tokens }: { port: number; tokens: readonly string[] }): Promise<void> {
    for (let from = 0; from < tokens.length; from += AT_ONCE) {
      const opened = tokens.slice(from, from + AT_ONCE).map((token) => openViewer(port, token));
      viewers.push(...(await Promise.all(opened)));
    }
  },

  /** Sockets that have ended, and the fewest heartbeats that a viewer has got. */
  standing: () => ({
    closed,
    heartbeats: viewers.reduce((least, { heartbeats }) => Math.min(least, heartbeats), Number.MAX_SAFE_INTEGER),
  }),

  seen(changes: readonly Change[]): Seen {
    const decoded = frames.map((frame) => unpack(frame) as MapFrame);
    const seenBy = decoded.map((frame) => changesSeen(frame, changes));
    const maps = new Map<string, { seq: number; packed: Uint8Array; viewers: number }>();
    for (const { arrivals } of viewers) {
      const history = arrivals.map(({ frame }) => frame);
      const same = maps.get(history.join());
      if (same) same.viewers++;
      else maps.set(history.join(), { ...replay(history.flatMap((number) => decoded[number] ?? [])), viewers: 1 });
    }
    return {
      delaysMs: Float64Array.from(viewers.flatMap(({ arrivals }) => delays(arrivals, seenBy, changes))),
      maps: [...maps.values()],
      framesEach: viewers.reduce((sum, { arrivals }) => sum + arrivals.length, 0) / viewers.length,
    };
  },
};
export type CrowdCalls = typeof calls;
answer(calls);

/** Resolves when the viewer is welcome and has the map. */
async function openViewer(port: number, token: string): Promise<Viewer> {
  const viewer: Viewer = { arrivals: [], heartbeats: 0 };
  let next: (type: Down['type']) => void = () => {};
  const answered = () =>
    new Promise<Down['type']>((resolve) => {
      next = resolve;
    });
  const note = (payload: Buffer) => {
    if (payload.equals(last.bytes)) {
      viewer.arrivals.push({ frame: last.number, at: systemClock.now() });
      return;
    }
    const type = frameType(payload);
    if (type === 'diff' || type === 'snapshot') {
      viewer.arrivals.push({ frame: numberOfFrame(payload), at: systemClock.now() });
    } else if (type === 'heartbeat') viewer.heartbeats++;
    else if (type === 'welcome' || type === 'outcome') next(type);
  };
  const welcomed = answered();
  const socket = await openThinSocket(port, '/v1/live', note, () => void closed++);
  socket.send(JSON.stringify({ type: 'hello', id: 1, protocol: PROTOCOL_VERSION, token }));
  await welcomed;
  const subscribed = answered();
  socket.send(JSON.stringify({ type: 'subscribe', id: 2, event }));
  await subscribed;
  if (viewer.arrivals.length === 0) throw new Error('a viewer has no map');
  return viewer;
}

function numberOfFrame(payload: Buffer): number {
  const key = payload.toString('latin1');
  let number = numberOf.get(key);
  if (number === undefined) {
    number = frames.push(Buffer.from(payload)) - 1;
    numberOf.set(key, number);
  }
  last = { bytes: frames[number] ?? last.bytes, number };
  return number;
}
