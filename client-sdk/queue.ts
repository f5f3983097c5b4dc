import type { LineFrame } from '../protocol/down.js';
import { aheadOf, waitOf } from '../protocol/line.js';
import type { ClientClock, Timer } from './clock.js';
import type { Connection } from './connection.js';
import type { Kept } from './kept.js';
import { createSource, type Observable } from './observable.js';
import { isOutage } from './outage.js';
import type { Requests } from './requests.js';
import type { Refusal } from './result.js';

/**
 * The buyer's place in an event's waiting room, the same in all of their tabs.
 *
 *   away ── join ──→ joining ── a place ──→ waiting ── the line has come to it ──→ joining ── let in ──→ admitted
 *   joining ── there is no waiting room, or it was their turn already ──→ admitted
 *   waiting ── places are still to be drawn ──→ drawing ── drawn: the line has another life ──→ joining (the place drawn)
 *   waiting ── nothing is left ──→ soldOut          waiting, soldOut ── leave ──→ away
 *   waiting ── the line was lost ──→ joining (its receipt brings the place back)
 *   waiting, soldOut ── the waiting room was closed ──→ admitted, within 5 s
 *   waiting ── connection lost, then live again ──→ joining (the place is kept)
 */
export type QueueState =
  | { readonly name: 'away' | 'joining' | 'admitted' }
  | { readonly name: 'refused'; readonly refusal: Refusal }
  | {
      /** The line has not opened: places are drawn among all who have entered by then. */
      readonly name: 'drawing';
      /** The number of the entry; it says nothing about the place. */
      readonly place: number;
      readonly entries: number;
      /** Kept by the buyer, it proves the entry: its SHA-256 stands in the published log. */
      readonly receipt: string | undefined;
      /** When the line opens by itself; ms since 1970 by the server's clock. */
      readonly opensAt: number | undefined;
      readonly message: string;
    }
  | {
      readonly name: 'waiting' | 'soldOut';
      readonly place: number;
      /** Who has to be called until it is their turn, they included; undefined until the first news. It never grows. */
      readonly ahead: number | undefined;
      /** When that may be: [likely, nearly surely], ms from now; undefined while nothing can be said of it. */
      readonly etaMs: readonly [number, number] | undefined;
      readonly paused: boolean;
      /** Why it takes its time: as many are inside as may be, or those before them may take all seats that are free. */
      readonly slow: 'full' | 'seats' | undefined;
      /** Seats that may still be had. With more people before them than this, their turn may come too late. */
      readonly seatsLeft: number | undefined;
      readonly message: string;
    };

export interface Queue extends Observable<QueueState> {
  /**
   * Takes a place and keeps it. Joining again changes nothing, except after a refusal.
   * @param code of a presale, where the event has one.
   */
  join(code?: string): void;
  /** Gives the place up for good; closing a page does not. */
  leave(): Promise<void>;
}

const AGAIN_MS = 5_000;
/** Told of twice a second, a line that is silent for so long is asked again: it may be lost. */
const SILENCE_MS = 10_000;

export class LiveQueue implements Queue {
  readonly #event: string;
  readonly #requests: Requests;
  readonly #connection: Connection;
  readonly #state = createSource<QueueState>({ name: 'away' });
  readonly #stops: (() => void)[];
  readonly #clock: ClientClock;
  #wanted = false;
  readonly #receipts: Kept;
  #code: string | undefined;
  #life: number | undefined;
  /** The server was busy; the next news asks again. */
  #unanswered = false;
  #retry: Timer | undefined;
  #silence: Timer | undefined;
  /** The line has been closed, and it is asked for the way in. */
  #closing = false;

  readonly subscribe = this.#state.subscribe;
  readonly getSnapshot = this.#state.getSnapshot;

  constructor(event: string, connection: Connection, requests: Requests, clock: ClientClock, receipts: Kept) {
    this.#event = event;
    this.#clock = clock;
    this.#receipts = receipts;
    this.#requests = requests;
    this.#connection = connection;
    this.#stops = [
      connection.onLive(() => void this.#ask()),
      connection.onFrame((frame) => {
        if (frame.type === 'line' && frame.event === event) this.#hear(frame);
      }),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#retry?.cancel();
    this.#silence?.cancel();
  }

  join(code?: string): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#code = code;
    this.#state.set({ name: 'joining' });
    if (this.#connection.getSnapshot().name === 'live') void this.#ask();
  }

  async leave(): Promise<void> {
    this.#wanted = false;
    this.#state.set({ name: 'away' });
    await this.#requests.ask({ type: 'queueLeave', event: this.#event });
  }

  async #ask(): Promise<void> {
    if (!this.#wanted || this.#state.getSnapshot().name === 'admitted') return;
    const shown = this.#receipts.read();
    const answer = await this.#requests.ask({
      type: 'queueJoin',
      event: this.#event,
      ...(shown === undefined ? {} : { receipt: shown }),
      ...(this.#code === undefined ? {} : { code: this.#code }),
    });
    if (!this.#wanted) return;
    if (!answer.ok) {
      // As while places are drawn, or many of one network join.
      if (isOutage(answer)) {
        this.#unanswered = true;
        this.#askWithin(AGAIN_MS);
      } else {
        this.#wanted = false;
        this.#state.set({ name: 'refused', refusal: answer });
      }
      return;
    }
    const { place, receipt } = answer;
    if (receipt !== undefined) this.#receipts.keep(receipt);
    this.#listen();
    const before = this.#state.getSnapshot();
    if (place === undefined) this.#state.set({ name: 'admitted' });
    else if (!('place' in before) || before.place !== place || before.name === 'drawing') {
      const unknown = { ahead: undefined, etaMs: undefined, slow: undefined, seatsLeft: undefined };
      const nothingYet = { ...unknown, paused: false, message: '' };
      this.#state.set({ name: 'waiting', place, ...nothingYet });
    }
  }

  /** While it waits, news must come. */
  #listen(): void {
    this.#silence?.cancel();
    this.#silence = this.#clock.after(SILENCE_MS, () => {
      if ('place' in this.#state.getSnapshot()) this.#askWithin(AGAIN_MS);
    });
  }

  /** At some moment of this time, so that not all ask at once. */
  #askWithin(ms: number): void {
    this.#retry?.cancel();
    this.#retry = this.#clock.after(this.#clock.random() * ms, () => void this.#ask());
  }

  #hear(frame: LineFrame): void {
    const before = this.#state.getSnapshot();
    if (!('place' in before)) return;
    this.#listen();
    if (frame.state === 'closed') {
      if (this.#closing) return;
      this.#closing = true;
      this.#askWithin(AGAIN_MS);
      return;
    }
    this.#closing = false;
    const isOther = this.#unanswered || (this.#life !== undefined && this.#life !== frame.life);
    this.#unanswered = false;
    this.#life = frame.life;
    const { place } = before;
    if (frame.state === 'drawing' && !isOther) {
      const { joined: entries, opensAt, message } = frame;
      this.#state.set({ name: 'drawing', place, entries, receipt: this.#receipts.read(), opensAt, message });
      return;
    }
    const now = aheadOf(place, frame);
    // Who is called is let in already: the answer says so. A line that was lost has to be told of the place.
    if (now === 0 || isOther || frame.called?.includes(place)) {
      void this.#ask();
      return;
    }
    // Beyond the front it is an estimate, and those who wait must not see it grow.
    const ahead = Math.min(('ahead' in before ? before.ahead : undefined) ?? now, now);
    const { outflow } = frame;
    const etaMs = outflow && waitOf(ahead, outflow);
    this.#state.set({
      name: frame.state === 'soldOut' ? 'soldOut' : 'waiting',
      place,
      ahead,
      etaMs,
      paused: frame.state === 'paused',
      slow: outflow && (etaMs === undefined ? 'seats' : outflow.room === 0 ? 'full' : undefined),
      seatsLeft: frame.seatsLeft,
      message: frame.message,
    });
  }
}
