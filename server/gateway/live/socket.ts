import type { WebSocket } from 'uWebSockets.js';
import { type CloseReason, closeCodes } from '../../../protocol/close-codes.js';
import type { Down } from '../../../protocol/down.js';
import { limits } from '../../../protocol/limits.js';
import type { Clock, Timer } from '../../core/clock.js';
import type { Format, Viewer } from '../../fanout/fanout.js';
import type { Session } from '../../identity/identity.js';
import { encodeDown } from '../encode.js';
import type { Network } from '../network.js';
import type { Peer } from './peer.js';
import { type Rate, TokenBucket } from './token-bucket.js';

/** What uWebSockets.js keeps with a connection, from the upgrade on. */
export interface SocketData {
  readonly format: Format;
  readonly network: Network;
  /** Set when the connection opens. */
  socket: LiveSocket | undefined;
}

/**
 * One connection. States and transitions:
 *
 *   created ── hello with a good token ──→ welcomed
 *   created ── hello refused, 5 s without hello ──→ closed
 *   welcomed ── bad frame, too many frames, silence, end of the session, server stops, client leaves ──→ closed
 *
 * Nothing is sent and no topic is joined once it is closed: uWebSockets.js throws then.
 */
export class LiveSocket implements Peer {
  readonly format: Format;
  readonly network: Network;
  readonly viewers = new Map<string, Viewer>();
  /** Monotonic time of the last complete message or pong. */
  heardAt: number;
  readonly #ws: WebSocket<SocketData>;
  readonly #bucket: TokenBucket;
  // Neither is kept once welcomed: a worker has tens of thousands of sockets.
  #helloTimer: Timer | undefined;
  #greeting: Promise<Session | undefined> | undefined;
  #session: Session | undefined;
  #closed = false;

  constructor(ws: WebSocket<SocketData>, clock: Clock, rate: Rate) {
    const { format, network } = ws.getUserData();
    this.format = format;
    this.network = network;
    this.#ws = ws;
    this.heardAt = clock.monotonic();
    this.#bucket = new TokenBucket(clock, rate);
    this.#helloTimer = clock.after(limits.helloMs, () => this.close('helloTimeout'));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Set once welcomed. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** The hello under way, or refused; what comes behind it waits for its end. Undefined at its end: not welcome. */
  get greeting(): Promise<Session | undefined> | undefined {
    return this.#greeting;
  }

  /** Counts so many requests. @returns false when this socket sends too much. */
  mayAsk(count: number): boolean {
    return this.#bucket.take(count);
  }

  /** created → welcomed, when `verify` finds the session. */
  greet(verify: () => Promise<Session | undefined>): Promise<Session | undefined> {
    this.#greeting = verify().then((session) => {
      if (this.#closed) return undefined;
      if (!session) return undefined;
      this.#session = session;
      this.#greeting = undefined;
      this.#endHelloTimer();
      return session;
    });
    return this.#greeting;
  }

  send(frame: Down): void {
    this.sendEncoded(encodeDown(frame, this.format));
  }

  /** A reader that is too slow is closed by uWebSockets.js itself (closeOnBackpressureLimit). */
  sendEncoded(frame: Uint8Array | string): void {
    if (!this.#closed) this.#ws.send(frame, typeof frame !== 'string', false);
  }

  join(topic: string): void {
    if (!this.#closed) this.#ws.subscribe(topic);
  }

  leave(topic: string): void {
    if (!this.#closed) this.#ws.unsubscribe(topic);
  }

  close(reason: CloseReason): void {
    if (!this.#closed) this.#ws.end(closeCodes[reason], reason);
  }

  /** The connection has ended, by whomever. Called once. */
  ended(): void {
    this.#closed = true;
    this.#endHelloTimer();
  }

  #endHelloTimer(): void {
    this.#helloTimer?.cancel();
    this.#helloTimer = undefined;
  }
}
