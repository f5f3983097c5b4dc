import { once } from 'node:events';
import { decode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Down, HoldView, OutcomeFrame, WelcomeFrame } from '../../protocol/down.js';
import { systemClock } from '../../server/core/clock.js';
import { newSecret } from '../../server/core/random.js';
import { SeatMap } from './seat-map.js';

/**
 * A buyer on a raw socket. Frames are decoded by another MessagePack library than the server's, and the map by
 * test code, so that what both sides get wrong alike is seen.
 */
export interface Buyer {
  readonly welcome: WelcomeFrame;
  readonly token: string;
  /** The maps of the events subscribed to, kept up to date. */
  readonly maps: ReadonlyMap<string, SeatMap>;
  /** Every frame so far, oldest first, with the time of its arrival (monotonic milliseconds). */
  readonly frames: readonly { readonly at: number; readonly frame: Down }[];
  /** Sends a request and resolves with its outcome. */
  ask(request: Readonly<Record<string, unknown>>): Promise<OutcomeFrame>;
  subscribe(event: string, position?: { epoch: number; seq: number }): Promise<OutcomeFrame>;
  hold(event: string, seats: readonly number[], holdId?: string): Promise<OutcomeFrame>;
  release(event: string, holdId: string, seats?: readonly number[]): Promise<OutcomeFrame>;
  extend(event: string, holdId: string): Promise<OutcomeFrame>;
  /** Resolves when `condition` is true; looked at after each frame. */
  until(condition: () => boolean, limitMs?: number): Promise<void>;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  close(): Promise<void>;
}

export interface BuyerOptions {
  /** A worker's address, or the server's. */
  readonly url: string;
  /** For a guest session; `token` instead brings one. */
  readonly key?: string;
  readonly token?: string;
  readonly format?: 'msgpack' | 'json';
  /** A socket before this one, whose maps are carried on. */
  readonly before?: Buyer;
}

const waitMs = 30_000;
const subprotocols = { msgpack: 'cavea.v1', json: 'cavea.v1.json' };
const sessionSchema = z.object({ token: z.string() });

/** A guest's token. */
export async function createSession(url: string, key: string): Promise<string> {
  const answer = await fetch(`${url}/v1/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{}',
  });
  if (!answer.ok) throw new Error(`no session: ${answer.status} ${await answer.text()}`);
  return sessionSchema.parse(await answer.json()).token;
}

export function newOpId(): string {
  return newSecret(12);
}

/** The hold of an outcome. @throws when it was refused. */
export function held(outcome: OutcomeFrame): HoldView {
  if (!outcome.ok) throw new Error(`refused: ${outcome.reason} ${outcome.message}`);
  if (!outcome.hold) throw new Error('the outcome has no hold');
  return outcome.hold;
}

export async function connectBuyer({ url, key, token, before, format = 'msgpack' }: BuyerOptions): Promise<Buyer> {
  const session = token ?? before?.token ?? (await createSession(url, key ?? ''));
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/live`, subprotocols[format]);
  const frames: { at: number; frame: Down }[] = [];
  const maps = new Map(before?.maps);
  const waiting = new Map<number, (frame: OutcomeFrame | WelcomeFrame) => void>();
  const watchers = new Set<() => void>();
  const closed = once(socket, 'close').then(([code]): number => code);
  // A socket that never opened closes with an error, which its caller has been told.
  closed.catch(() => {});
  let lastId = 0;

  socket.on('message', (data: Buffer) => {
    const frame = format === 'json' ? fromJson(data.toString()) : (decode(data) as Down);
    frames.push({ at: systemClock.monotonic(), frame });
    if (frame.type === 'snapshot') mapOf(maps, frame.event).snapshot(frame);
    if (frame.type === 'diff') mapOf(maps, frame.event).diff(frame);
    if (frame.type === 'outcome' || frame.type === 'welcome') waiting.get(frame.id)?.(frame);
    for (const look of watchers) look();
  });
  await once(socket, 'open');

  function request(fields: Readonly<Record<string, unknown>>): Promise<OutcomeFrame | WelcomeFrame> {
    const id = ++lastId;
    socket.send(JSON.stringify({ id, ...fields }));
    const answer = new Promise<OutcomeFrame | WelcomeFrame>((resolve) => waiting.set(id, resolve));
    const gone = closed.then((code) => Promise.reject(new Error(`closed with ${code} before the answer`)));
    return within(Promise.race([answer, gone]), waitMs, `answer to ${fields.type}`).finally(() => waiting.delete(id));
  }

  async function ask(fields: Readonly<Record<string, unknown>>): Promise<OutcomeFrame> {
    const frame = await request(fields);
    if (frame.type !== 'outcome') throw new Error(`${frame.type} is no outcome`);
    return frame;
  }

  const welcome = await request({ type: 'hello', protocol: 1, token: session });
  if (welcome.type !== 'welcome') throw new Error('no welcome');

  return {
    welcome,
    token: session,
    maps,
    frames,
    closed,
    ask,
    subscribe: (event, position) => ask({ type: 'subscribe', event, ...(position && { position }) }),
    hold: (event, seats, holdId) => ask({ type: 'hold', opId: newOpId(), event, seats, ...(holdId && { holdId }) }),
    release: (event, holdId, seats) =>
      ask({ type: 'release', opId: newOpId(), event, holdId, ...(seats && { seats }) }),
    extend: (event, holdId) => ask({ type: 'extend', opId: newOpId(), event, holdId }),
    until(condition, limitMs = waitMs) {
      let look = () => {};
      const met = new Promise<void>((resolve) => {
        look = () => {
          if (condition()) resolve();
        };
        watchers.add(look);
        look();
      });
      return within(met, limitMs, 'condition').finally(() => watchers.delete(look));
    },
    async close() {
      socket.close();
      await closed;
    },
  };
}

function mapOf(maps: Map<string, SeatMap>, event: string): SeatMap {
  const map = maps.get(event) ?? new SeatMap();
  maps.set(event, map);
  return map;
}

/** JSON frames carry bytes as base64. */
function fromJson(text: string): Down {
  return JSON.parse(text, (key, value) =>
    (key === 'status' || key === 'changes') && typeof value === 'string' ? Buffer.from(value, 'base64') : value,
  ) as Down;
}

async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  const stop = new AbortController();
  const late = systemClock.sleep(ms, stop.signal).then(() => {
    if (stop.signal.aborted) return new Promise<never>(() => {});
    throw new Error(`no ${what} within ${ms} ms`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
  }
}
