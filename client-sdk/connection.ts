import { type CloseReason, closeCodes, mayReconnect } from '../protocol/close-codes.js';
import type { Down, OutcomeFrame, WelcomeFrame } from '../protocol/down.js';
import { limits } from '../protocol/limits.js';
import { PROTOCOL_VERSION } from '../protocol/version.js';
import { backoffMs } from './backoff.js';
import type { ClientClock, Timer } from './clock.js';
import { createListeners, createSource, type Observable } from './observable.js';
import { isOutage } from './outage.js';
import type { ServerTime } from './server-time.js';
import type { Session } from './session.js';
import type { OpenWire, Wire } from './wire.js';

/**
 * One connection to the server, kept up for as long as it is wanted.
 *
 *   idle ── start ──→ connecting ── welcome ──→ live
 *   connecting ── close ──→ connecting            (again after a random wait)
 *   live ── close, silence ──→ recovering ── welcome ──→ live
 *   recovering ── 15 s ──→ lost ── welcome ──→ live      (still trying: only what the page says is different)
 *   any ── stop, or a close code that forbids coming back ──→ closed(reason)
 *
 * A token that the server refuses is replaced once per live connection before `closed`.
 *
 * Where no socket gets through, HTTP carries the same frames. The way that last brought a welcome is kept to; the other is
 * tried, every second time, when it fails: at once before any welcome, else after six failures in a row, because
 * that is how a server looks that is started anew.
 */
export type ConnectionState =
  | { readonly name: 'idle' | 'connecting' | 'recovering' | 'lost' }
  | { readonly name: 'live'; readonly worker: string; readonly over: Way }
  | { readonly name: 'closed'; readonly reason: CloseReason | 'stopped' };

export type Way = 'socket' | 'http';
const WAYS: readonly [Way, Way] = ['socket', 'http'];

export type Heard = Exclude<Down, OutcomeFrame | WelcomeFrame | { readonly type: 'goodbye' }>;

export interface Connection extends Observable<ConnectionState> {
  start(): void;
  stop(): void;
  /** Tries at once, with a small random delay: the network or the page has come back. */
  wake(): void;
  /** False when not live. */
  send(frame: object): boolean;
  onLive(listener: () => void): () => void;
  onOutcome(listener: (frame: OutcomeFrame) => void): () => void;
  onFrame(listener: (frame: Heard) => void): () => void;
  /** A number for a request. */
  nextId(): number;
}

const LOST_AFTER_MS = 15_000;
/** A connection that lived this long has proved itself: the next wait starts from the smallest window. */
const PROVEN_MS = 5_000;
const WAKE_WITHIN_MS = 300;
/** Failures of a way that has worked before the other is tried. */
const PATIENCE = 6;

export interface ConnectionOptions {
  readonly session: Session;
  readonly time: ServerTime;
  readonly clock: ClientClock;
  readonly wires: Readonly<Record<Way, OpenWire>>;
}

export function createConnection(options: ConnectionOptions): Connection {
  return new SocketConnection(options);
}

class SocketConnection implements Connection {
  readonly #options: ConnectionOptions;
  readonly #state = createSource<ConnectionState>({ name: 'idle' });
  readonly #live = createListeners<[]>();
  readonly #outcome = createListeners<[OutcomeFrame]>();
  readonly #frame = createListeners<[Heard]>();
  #wire: Wire | undefined;
  #way: Way = 'socket';
  /** The way that last brought a welcome. */
  #proven: Way | undefined;
  #attempt = 0;
  #ids = 0;
  #failures = 0;
  #failingSince = 0;
  #refusedToken: string | undefined;
  #token = '';
  #liveSince = 0;
  #heardAt = 0;
  #window: number | undefined;
  #retry: Timer | undefined;
  #lost: Timer | undefined;
  #watch: Timer | undefined;

  readonly subscribe = this.#state.subscribe;
  readonly getSnapshot = this.#state.getSnapshot;
  readonly onLive = this.#live.add;
  readonly onOutcome = this.#outcome.add;
  readonly onFrame = this.#frame.add;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#state.getSnapshot().name !== 'idle') return;
    this.#state.set({ name: 'connecting' });
    this.#failingSince = this.#options.clock.monotonic();
    void this.#connect();
  }

  stop(): void {
    this.#close('stopped');
  }

  wake(): void {
    const { name } = this.#state.getSnapshot();
    if (name === 'live') this.#checkPulse();
    else if (this.#retry) this.#retryIn(this.#options.clock.random() * WAKE_WITHIN_MS);
  }

  send(frame: object): boolean {
    return this.#state.getSnapshot().name === 'live' && (this.#wire?.send(frame) ?? false);
  }

  nextId(): number {
    this.#ids = (this.#ids % 2_147_483_647) + 1;
    return this.#ids;
  }

  async #connect(): Promise<void> {
    this.#retry = undefined;
    const attempt = ++this.#attempt;
    const identity = await this.#options.session.token(this.#refusedToken);
    if (attempt !== this.#attempt) return;
    if (!identity.ok) {
      if (isOutage(identity)) this.#retryLater();
      else this.#close('badToken');
      return;
    }
    this.#token = identity.token;
    this.#way = this.#choose();
    const ifStill = (run: () => void) => {
      if (wire === this.#wire) run();
    };
    const wire: Wire = this.#options.wires[this.#way]({
      opened: () => wire.send({ type: 'hello', id: this.nextId(), protocol: PROTOCOL_VERSION, token: identity.token }),
      heard: (frame) => ifStill(() => this.#hear(frame)),
      closed: (code) => ifStill(() => this.#dropped(code)),
    });
    this.#wire = wire;
    // A connection that never opens or never welcomes counts as silent.
    this.#heardAt = this.#options.clock.monotonic();
    this.#keepWatch(limits.helloMs * 2);
  }

  #choose(): Way {
    const patience = this.#proven ? PATIENCE : 1;
    const kept = WAYS.indexOf(this.#proven ?? 'socket');
    const turns = Math.max(0, this.#failures - patience + 1);
    return WAYS[(kept + turns) % 2] ?? 'socket';
  }

  #hear(frame: Down): void {
    this.#heardAt = this.#options.clock.monotonic();
    if ('now' in frame) {
      if (frame.type === 'welcome') this.#options.time.restart();
      this.#options.time.observe(frame.now);
    }
    if (frame.type === 'welcome') this.#welcomed(frame);
    else if (frame.type === 'goodbye') this.#window = frame.reconnectWithinMs;
    else if (frame.type === 'outcome') this.#outcome.call(frame);
    else this.#frame.call(frame);
  }

  #welcomed(frame: WelcomeFrame): void {
    this.#liveSince = this.#options.clock.monotonic();
    this.#refusedToken = undefined;
    this.#proven = this.#way;
    this.#lost?.cancel();
    this.#lost = undefined;
    this.#keepWatch(frame.staleMs, frame.heartbeatMs);
    this.#state.set({ name: 'live', worker: frame.worker, over: this.#way });
    this.#live.call();
  }

  /** Silence for `staleMs` ends the connection; before that a ping asks whether somebody is there. */
  #keepWatch(staleMs: number, pingMs = staleMs): void {
    this.#watch?.cancel();
    const everyMs = Math.min(1_000, pingMs / 2);
    this.#watch = this.#options.clock.every(everyMs, () => {
      const silentMs = this.#options.clock.monotonic() - this.#heardAt;
      if (silentMs > staleMs) this.#abandon();
      else if (silentMs > pingMs) this.send({ type: 'ping', id: this.nextId() });
    });
  }

  /** After sleep a connection may be dead without knowing it. Ask, and give it two seconds. */
  #checkPulse(): void {
    const { clock } = this.#options;
    const wire = this.#wire;
    const askedAt = clock.monotonic();
    this.send({ type: 'ping', id: this.nextId() });
    clock.after(2_000, () => {
      if (wire === this.#wire && this.#heardAt < askedAt) this.#abandon();
    });
  }

  #abandon(): void {
    const wire = this.#wire;
    this.#dropped(1006);
    wire?.close();
  }

  #dropped(code: number): void {
    this.#wire = undefined;
    this.#watch?.cancel();
    const wasLive = this.#state.getSnapshot().name === 'live';
    const { clock } = this.#options;
    if (!mayReconnect(code)) {
      const renewable = code === closeCodes.badToken && this.#refusedToken === undefined;
      if (!renewable) {
        this.#close(reasonOf(code));
        return;
      }
      this.#refusedToken = this.#token;
    }
    if (wasLive) {
      this.#failingSince = clock.monotonic();
      if (clock.monotonic() - this.#liveSince > PROVEN_MS) this.#failures = 0;
      this.#state.set({ name: 'recovering' });
      this.#lost = clock.after(LOST_AFTER_MS, () => this.#state.set({ name: 'lost' }));
    }
    this.#retryLater();
  }

  #retryLater(): void {
    const { clock } = this.#options;
    const failingMs = clock.monotonic() - this.#failingSince;
    const waitMs =
      this.#window === undefined ? backoffMs(clock, this.#failures, failingMs) : clock.random() * this.#window;
    this.#window = undefined;
    this.#failures++;
    this.#retryIn(waitMs);
  }

  #retryIn(ms: number): void {
    this.#retry?.cancel();
    this.#retry = this.#options.clock.after(ms, () => void this.#connect());
  }

  #close(reason: CloseReason | 'stopped'): void {
    this.#attempt++;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#lost?.cancel();
    this.#watch?.cancel();
    const wire = this.#wire;
    this.#wire = undefined;
    wire?.close();
    this.#state.set({ name: 'closed', reason });
  }
}

function reasonOf(code: number): CloseReason {
  for (const [reason, known] of Object.entries(closeCodes)) if (known === code) return reason as CloseReason;
  return 'badFrame';
}
