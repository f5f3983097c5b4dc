import type { DoneFrame, HoldsFrame, HoldView } from '../protocol/down.js';
import type { ClientClock } from './clock.js';
import type { Connection } from './connection.js';
import { createSource, type Observable } from './observable.js';
import type { Answered, Requests } from './requests.js';
import type { Refusal, Result } from './result.js';
import type { ServerTime } from './server-time.js';

/** The buyer's own holds of one event, the same in all of their tabs. */
export interface HoldsSnapshot {
  readonly holds: readonly HoldView[];
  /** Seats asked for or being released, whose answer has not come. */
  readonly pending: ReadonlySet<number>;
  /** The last hold that ended without the buyer's doing. */
  readonly ended:
    | { readonly holdId: string; readonly why: 'expired' | 'forced'; readonly seats: readonly number[] }
    | undefined;
}

/** So many places of a general-admission area, whichever they are. */
export interface AreaPlaces {
  /** The area's number in the chart. */
  readonly area: number;
  readonly count: number;
}

/** Who comes. */
export interface Party {
  /** Somebody needs a wheelchair space: seats that are kept for that may be taken. */
  readonly accessible?: boolean;
}

export interface Taken {
  readonly hold: HoldView;
  /** Single seats that are left alone now, where the event warns of it. */
  readonly leaves: readonly number[];
}

export interface BestWish {
  /** Seats side by side. */
  readonly count: number;
  /** Only in these sections or price categories, by their numbers in the chart. */
  readonly sections?: readonly number[];
  readonly categories?: readonly number[];
  /** The most that a seat may cost, in minor units. */
  readonly maxAmount?: number;
  /** Somebody of the party needs a wheelchair space. */
  readonly accessible?: boolean;
  /** Two runs in neighbouring rows will do when there is no single one. */
  readonly split?: boolean;
}

export interface Holds extends Observable<HoldsSnapshot> {
  /** All of these or none; they join the buyer's hold when there is one that they can join. */
  hold(seats: readonly number[], areas?: readonly AreaPlaces[], party?: Party): Promise<Result<Taken>>;
  /** The best seats that fit, chosen by the server; they join the buyer's hold when there is one that they can join. */
  best(wish: BestWish): Promise<Result<{ hold: HoldView; best: DoneFrame['best'] }>>;
  /** Seats of a hold go and others come, or nothing changes: the buyer is never without either. */
  swap(holdId: string, leaving: readonly number[], coming: readonly number[], party?: Party): Promise<Result<Taken>>;
  /** Some seats of a hold, or all of it. */
  release(holdId: string, seats?: readonly number[]): Promise<Result<{ hold: HoldView | undefined }>>;
  /** Starts the hold's time afresh, within the cap. */
  extend(holdId: string): Promise<Result<{ hold: HoldView }>>;
  /** Milliseconds until the hold lapses by the server's clock; 0 when it has. */
  remainingMs(hold: HoldView): number;
}

const noHold: Refusal = { ok: false, reason: 'internal', message: 'The server answered without a hold.' };

export class LiveHolds implements Holds {
  readonly #event: string;
  readonly #requests: Requests;
  readonly #time: ServerTime;
  readonly #clock: ClientClock;
  readonly #state = createSource<HoldsSnapshot>({ holds: [], pending: new Set(), ended: undefined });
  readonly #stop: () => void;
  /** Holds are made one after another, so that the second click can join the hold of the first. */
  #last: Promise<unknown> = Promise.resolve();

  readonly subscribe = this.#state.subscribe;
  readonly getSnapshot = this.#state.getSnapshot;

  constructor(event: string, connection: Connection, requests: Requests, time: ServerTime, clock: ClientClock) {
    this.#event = event;
    this.#requests = requests;
    this.#time = time;
    this.#clock = clock;
    this.#stop = connection.onFrame((frame) => {
      if (frame.type === 'holds' && frame.event === event) this.#hear(frame);
    });
  }

  stop(): void {
    this.#stop();
  }

  hold(seats: readonly number[], areas: readonly AreaPlaces[] = [], party: Party = {}): Promise<Result<Taken>> {
    this.#pend(seats, true);
    const asked = this.#last.then(() => this.#hold(seats, areas, party)).finally(() => this.#pend(seats, false));
    this.#last = asked;
    return asked;
  }

  best(wish: BestWish): Promise<Result<{ hold: HoldView; best: DoneFrame['best'] }>> {
    const asked = this.#last.then(async () => {
      const answer = await this.#joining({ type: 'best', ...wish });
      const taken = this.#taken(answer);
      return taken.ok ? { ...taken, best: answer.ok ? answer.best : undefined } : taken;
    });
    this.#last = asked;
    return asked;
  }

  async swap(
    holdId: string,
    leaving: readonly number[],
    coming: readonly number[],
    party: Party = {},
  ): Promise<Result<Taken>> {
    this.#pend([...leaving, ...coming], true);
    const frame = { type: 'swap', holdId, leaving: [...leaving], seats: [...coming], ...party };
    const result = this.#taken(await this.#ask(frame));
    this.#pend([...leaving, ...coming], false);
    return result;
  }

  async release(holdId: string, seats?: readonly number[]): Promise<Result<{ hold: HoldView | undefined }>> {
    const touched = seats ?? this.#find(holdId)?.seats ?? [];
    this.#pend(touched, true);
    const result = await this.#ask({ type: 'release', holdId, ...(seats ? { seats: [...seats] } : {}) });
    if (result.ok) this.#put(holdId, result.hold);
    this.#pend(touched, false);
    return result;
  }

  async extend(holdId: string): Promise<Result<{ hold: HoldView }>> {
    return this.#taken(await this.#ask({ type: 'extend', holdId }));
  }

  remainingMs(hold: HoldView): number {
    return Math.max(0, hold.expiresAt - this.#time.now());
  }

  async #hold(seats: readonly number[], areas: readonly AreaPlaces[], party: Party): Promise<Result<Taken>> {
    const frame = { type: 'hold', seats: [...seats], ...(areas.length > 0 ? { areas: [...areas] } : {}), ...party };
    return this.#taken(await this.#joining(frame));
  }

  /** What is asked for joins the buyer's hold, or begins a new one when that has ended in between. */
  async #joining(frame: object): Promise<Result<Answered>> {
    const cart = this.#state.getSnapshot().holds.find((hold) => hold.phase === 'held');
    if (cart) {
      const joined = await this.#ask({ ...frame, holdId: cart.id });
      if (joined.ok || joined.reason !== 'gone') return joined;
    }
    return this.#ask(frame);
  }

  #ask(frame: object): Promise<Result<Answered>> {
    return this.#requests.ask({ ...frame, event: this.#event, opId: this.#clock.newId() });
  }

  #taken(result: Result<Answered>): Result<Taken> {
    if (!result.ok) return result;
    if (!result.hold) return noHold;
    this.#put(result.hold.id, result.hold);
    return { ok: true, hold: result.hold, leaves: result.leaves ?? [] };
  }

  #hear(frame: HoldsFrame): void {
    const ended =
      frame.holdId !== undefined && (frame.change === 'expired' || frame.change === 'forced')
        ? { holdId: frame.holdId, why: frame.change, seats: this.#find(frame.holdId)?.seats ?? [] }
        : this.#state.getSnapshot().ended;
    this.#set({ holds: frame.holds, ended });
  }

  #find(holdId: string): HoldView | undefined {
    return this.#state.getSnapshot().holds.find((hold) => hold.id === holdId);
  }

  #put(holdId: string, hold: HoldView | undefined): void {
    const { holds } = this.#state.getSnapshot();
    const others = holds.filter((other) => other.id !== holdId);
    this.#set({ holds: hold ? [...others, hold] : others });
  }

  #pend(seats: readonly number[], on: boolean): void {
    const pending = new Set(this.#state.getSnapshot().pending);
    for (const seat of seats) {
      if (on) pending.add(seat);
      else pending.delete(seat);
    }
    this.#set({ pending });
  }

  #set(change: Partial<HoldsSnapshot>): void {
    this.#state.set({ ...this.#state.getSnapshot(), ...change });
  }
}
