import type { Chart } from '../protocol/chart.js';
import type { OutcomeFrame } from '../protocol/down.js';
import { limits } from '../protocol/limits.js';
import { countAvailable, getStatus, Status } from '../protocol/status.js';
import type { ClientClock, Timer } from './clock.js';
import type { Connection, Heard } from './connection.js';
import { createListeners, type Observable } from './observable.js';
import { type Changed, type Judgement, SeatStore } from './seat-store.js';

/**
 * One event's seats, live. `live` is true only while the copy is known to be what the server has: a page should say so
 * when it is not, and go on showing the last known map.
 *
 *   waiting ── connection live ──→ asking ── snapshot, continuing diff, ok ──→ following (live)
 *   following ── doubt, no heartbeat for 5 s ──→ asking (not live; without a position, so a snapshot comes)
 *   asking ── snapshot that does not fit the chart ──→ asking again after a second (the event may have another chart)
 *   asking ── the buyer has to wait in line ──→ waiting, until `admitted`
 *   any ── connection lost ──→ waiting (not live; the position is kept, to continue from it)
 */
export interface SeatsSnapshot {
  readonly chart: Chart;
  /** False until the first map has come, and whenever the copy may be behind the truth. */
  readonly live: boolean;
  /** False until the first map has come. */
  readonly ready: boolean;
  status(index: number): Status;
  /** Free places of a general-admission area, by its number in the chart. */
  free(area: number): number;
  /** Of which sections of the chart `status` knows; all of them when undefined. Seats of others read as blocked. */
  readonly sections: readonly number[] | undefined;
  /** Free seats of a section, watched or not. */
  freeIn(section: number): number;
  /** Free seats among `count` from this index on, as `status` knows them. */
  freeFrom(index: number, count: number): number;
}

export interface Seats extends Observable<SeatsSnapshot | undefined> {
  /** What changed, as it changes: for a renderer. `getSnapshot` already shows it. */
  onChange(listener: (changed: Changed) => void): () => void;
  /**
   * Follows these sections alone (1 to 64 numbers of the chart), and of the others how many seats are free: much less to
   * receive in a large house. Undefined: the whole map again.
   */
  watch(sections: readonly number[] | undefined): void;
}

const RETRY_MS = 1_000;

export class LiveSeats implements Seats {
  readonly #event: string;
  readonly #connection: Connection;
  readonly #clock: ClientClock;
  readonly #listeners = createListeners<[]>();
  readonly #changes = createListeners<[Changed]>();
  readonly #chartDoubts = createListeners<[]>();
  readonly #stops: (() => void)[];
  #snapshot: SeatsSnapshot | undefined;
  #store: SeatStore | undefined;
  #chart: Chart | undefined;
  #state: 'waiting' | 'asking' | 'following' = 'waiting';
  #sections: readonly number[] | undefined;
  #counts: readonly number[] = [];
  #requestId = 0;
  #confirmedAt = 0;
  #inDoubt = false;
  #retry: Timer | undefined;
  /** Runs while something is expected to be heard. */
  #overdue: Timer | undefined;

  readonly subscribe = this.#listeners.add;
  /** Bound, as `subscribe` is: both are handed to frameworks as they are. */
  readonly getSnapshot = (): SeatsSnapshot | undefined => {
    if (this.#chart && this.#store)
      this.#snapshot ??= snapshotOf(this.#chart, this.#store, this.#counts, this.#state === 'following');
    return this.#snapshot;
  };
  readonly onChange = this.#changes.add;
  /** A whole map has come that may be of another chart: it does not fit, or it begins another epoch. */
  readonly onChartDoubt = this.#chartDoubts.add;

  constructor(event: string, connection: Connection, clock: ClientClock) {
    this.#event = event;
    this.#connection = connection;
    this.#clock = clock;
    this.#stops = [
      connection.onLive(() => this.#ask()),
      connection.onFrame((frame) => this.#hear(frame)),
      connection.onOutcome((frame) => this.#answered(frame)),
      connection.subscribe(() => {
        if (connection.getSnapshot().name !== 'live') this.#become('waiting');
      }),
    ];
  }

  /** The chart comes by HTTP, beside the socket's handshake; nothing is asked for without it. */
  setChart(chart: Chart): void {
    this.#chart = chart;
    this.#store = new SeatStore(chart, (changed) => {
      this.#publish();
      this.#changes.call(changed);
    });
    this.#publish();
    this.#ask();
  }

  watch(sections: readonly number[] | undefined): void {
    this.#sections = sections;
    // A position is one of the map that was watched until now.
    this.#inDoubt = true;
    if (this.#state !== 'waiting') this.#ask();
  }

  /** The buyer has been let in. */
  admitted(): void {
    if (this.#state === 'waiting') this.#ask();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#retry?.cancel();
    this.#overdue?.cancel();
  }

  #ask(): void {
    this.#retry?.cancel();
    if (!this.#store || this.#connection.getSnapshot().name !== 'live') return;
    this.#requestId = this.#connection.nextId();
    const position = this.#inDoubt ? undefined : this.#store.position;
    this.#become('asking');
    this.#confirmedAt = this.#clock.monotonic();
    this.#watch();
    this.#connection.send({
      type: 'subscribe',
      id: this.#requestId,
      event: this.#event,
      ...(position ? { position } : {}),
      ...(this.#sections ? { sections: this.#sections } : {}),
    });
  }

  #answered(frame: OutcomeFrame): void {
    if (frame.id !== this.#requestId) return;
    if (!frame.ok && frame.reason === 'notAdmitted') {
      // The waiting room says when to ask again.
      this.#become('waiting');
    } else if (!frame.ok) {
      this.#retry = this.#clock.after(frame.retryAfterMs ?? RETRY_MS, () => this.#ask());
    } else if (this.#state === 'asking' && this.#store?.position && !this.#inDoubt) {
      // Continued from our position, and nothing was missing.
      this.#confirm('ok');
    }
  }

  #hear(frame: Heard): void {
    const store = this.#store;
    if (frame.event !== this.#event || !store || this.#state === 'waiting') return;
    if (frame.type === 'snapshot') {
      this.#inDoubt = false;
      const epoch = store.position?.epoch ?? frame.epoch;
      const fits = store.snapshot(frame) === 'ok';
      if (fits) this.#confirm('ok');
      else this.#misfit();
      if (!fits || epoch !== frame.epoch) this.#chartDoubts.call();
    } else if (frame.type === 'counts') {
      this.#counts = frame.free;
      this.#publish();
    } else if (frame.type === 'stale') {
      this.#become('asking');
    } else if (this.#inDoubt) {
      // Only a snapshot helps now; it is on its way.
    } else if (frame.type === 'diff') {
      this.#confirm(store.diff(frame));
    } else if (frame.type === 'heartbeat') {
      this.#confirm(store.heartbeat(frame));
    }
  }

  #confirm(judgement: Judgement): void {
    if (judgement === 'resync') {
      this.#resync();
      return;
    }
    this.#confirmedAt = this.#clock.monotonic();
    this.#become('following');
  }

  #resync(): void {
    this.#inDoubt = true;
    this.#ask();
  }

  /** The next whole map would hardly fit better, so it is not asked for at once. */
  #misfit(): void {
    this.#inDoubt = true;
    this.#confirmedAt = this.#clock.monotonic();
    this.#become('asking');
    this.#retry?.cancel();
    this.#retry = this.#clock.after(RETRY_MS, () => this.#ask());
  }

  /** To the millisecond: a page must not call live what has been in doubt for a second. */
  #watch(): void {
    this.#overdue?.cancel();
    const leftMs = this.#confirmedAt + limits.staleMs - this.#clock.monotonic();
    this.#overdue = this.#clock.after(Math.max(0, leftMs), () => {
      if (this.#clock.monotonic() - this.#confirmedAt < limits.staleMs) this.#watch();
      else if (this.#state !== 'waiting') this.#resync();
    });
  }

  #become(state: 'waiting' | 'asking' | 'following'): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#publish();
  }

  #publish(): void {
    this.#snapshot = undefined;
    this.#listeners.call();
  }
}

function snapshotOf(chart: Chart, store: SeatStore, counts: readonly number[], live: boolean): SeatsSnapshot {
  const { packed, free, sections } = store.share();
  const ready = store.position !== undefined;
  const seatsOf = (section: number) => chart.sections[section] ?? { start: 0, count: 0 };
  const ranges = sections?.map(seatsOf);
  const isWatched = (index: number) =>
    !ranges || index >= chart.seated || ranges.some(({ start, count }) => index >= start && index < start + count);
  function freeFrom(index: number, count: number): number {
    if (!ranges) return countAvailable(packed, index, count);
    let found = 0;
    for (let at = index; at < index + count; at++) {
      if (isWatched(at) && getStatus(packed, at) === Status.available) found++;
    }
    return found;
  }
  return {
    chart,
    ready,
    live: live && ready,
    status: (index) => (isWatched(index) ? getStatus(packed, index) : Status.blocked),
    free: (area) => free[area] ?? 0,
    sections,
    freeIn(section) {
      if (sections && !sections.includes(section)) return counts[section] ?? 0;
      const { start, count } = seatsOf(section);
      return countAvailable(packed, start, count);
    },
    freeFrom,
  };
}
