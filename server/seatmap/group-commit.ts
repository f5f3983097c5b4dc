import { assert } from '../core/assert.js';
import { unavailable } from '../core/faults.js';
import type { GrowOperation, OperationOutcome, SeatOperation, SettleOperation } from './operations.js';

/**
 * Operations of one event that meet in the same moment travel to Redis in one script call.
 * An event's lane: idle → gathering (one turn of the event loop) → calling (at most two calls in flight; what arrives
 * meanwhile waits and travels in the next) → idle, when nothing waits.
 * What lets go of seats (settle) travels before what takes them (grow).
 */

/** What became of one operation, and the time of Redis at which it holds. */
export interface Applied {
  readonly outcome: OperationOutcome;
  readonly now: number;
}

/** The answer of one call, outcomes in the order of its operations. */
export interface Answer {
  readonly now: number;
  readonly outcomes: readonly OperationOutcome[];
}

/** One script call each. What they throw is thrown to every caller whose operation was in the call. */
export interface Calls {
  grow(event: string, operations: readonly GrowOperation[]): Promise<Answer>;
  settle(event: string, operations: readonly SettleOperation[]): Promise<Answer>;
}

export interface GroupCommit {
  /** @throws Fault `unavailable` when `queueLimit` operations of the event wait already; this one had no effect then. */
  submit(event: string, operation: SeatOperation): Promise<Applied>;
  /** Resolves when nothing waits or is in flight. */
  drain(): Promise<void>;
}

const callsInFlight = 2;
const operationsPerCall = 64;
/** Bounds how long one call keeps Redis busy. An operation larger than this travels alone. */
const seatsPerCall = 512;
/** Counted for an operation that names a hold and not its seats. */
const seatsOfAHold = 8;
/** About 0.1 s of one event's full speed: whoever would wait longer is better told to come back. */
const defaultQueueLimit = 4_096;

interface Waiting<Op> {
  readonly operation: Op;
  readonly resolve: (applied: Applied) => void;
  readonly reject: (error: unknown) => void;
}

export function createGroupCommit(calls: Calls, queueLimit = defaultQueueLimit): GroupCommit {
  const lanes = new Map<string, Lane>();
  let drained: (() => void)[] = [];

  function laneIdle(event: string): void {
    lanes.delete(event);
    if (lanes.size > 0) return;
    for (const resolve of drained) resolve();
    drained = [];
  }

  return {
    submit(event, operation) {
      let lane = lanes.get(event);
      if (!lane) {
        lane = new Lane(event, calls, queueLimit, laneIdle);
        lanes.set(event, lane);
      }
      return lane.submit(operation);
    },
    drain() {
      return new Promise((resolve) => {
        if (lanes.size === 0) resolve();
        else drained.push(resolve);
      });
    },
  };
}

class Lane {
  readonly #event: string;
  readonly #calls: Calls;
  readonly #queueLimit: number;
  readonly #onIdle: (event: string) => void;
  readonly #settle: Waiting<SettleOperation>[] = [];
  readonly #grow: Waiting<GrowOperation>[] = [];
  #inFlight = 0;
  #scheduled = false;

  constructor(event: string, calls: Calls, queueLimit: number, onIdle: (event: string) => void) {
    this.#event = event;
    this.#calls = calls;
    this.#queueLimit = queueLimit;
    this.#onIdle = onIdle;
  }

  submit(operation: SeatOperation): Promise<Applied> {
    if (this.#grow.length + this.#settle.length >= this.#queueLimit) {
      return Promise.reject(unavailable('Too many requests for this event are waiting.'));
    }
    return new Promise((resolve, reject) => {
      if (isGrowing(operation)) this.#grow.push({ operation, resolve, reject });
      else this.#settle.push({ operation, resolve, reject });
      this.#schedule();
    });
  }

  /** One turn later, so that all sockets read in this turn share a call. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= callsInFlight) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    while (this.#inFlight < callsInFlight) {
      if (this.#settle.length > 0) {
        this.#call(takeBatch(this.#settle), (operations) => this.#calls.settle(this.#event, operations));
      } else if (this.#grow.length > 0) {
        this.#call(takeBatch(this.#grow), (operations) => this.#calls.grow(this.#event, operations));
      } else {
        if (this.#inFlight === 0) this.#onIdle(this.#event);
        return;
      }
    }
  }

  #call<Op>(batch: readonly Waiting<Op>[], call: (operations: readonly Op[]) => Promise<Answer>): void {
    this.#inFlight++;
    call(batch.map(({ operation }) => operation))
      .finally(() => this.#callEnded())
      .then(({ now, outcomes }) => {
        assert(outcomes.length === batch.length, 'an outcome for every operation');
        batch.forEach(({ resolve }, i) => {
          const outcome = outcomes[i];
          if (outcome) resolve({ outcome, now });
        });
      })
      .catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
      });
  }

  /** What fills a call already goes out before the answers are told, so that Redis works while the sockets are written. */
  #callEnded(): void {
    this.#inFlight--;
    const next = this.#settle.length > 0 ? this.#settle : this.#grow;
    if (next.length >= operationsPerCall) this.#send();
    else this.#schedule();
  }
}

function takeBatch<Op extends SeatOperation>(queue: Waiting<Op>[]): Waiting<Op>[] {
  let count = 0;
  let seats = 0;
  for (const { operation } of queue) {
    seats += seatsOf(operation);
    if (count > 0 && seats > seatsPerCall) break;
    if (++count === operationsPerCall) break;
  }
  return queue.splice(0, count);
}

/** How many seats the script looks at for this operation. */
function seatsOf(operation: SeatOperation): number {
  switch (operation.kind) {
    case 'hold':
      return operation.candidates.reduce((sum, seats) => sum + seats.length, 0);
    case 'swap':
      return operation.candidates.reduce((sum, seats) => sum + seats.length, operation.leaving.length);
    case 'sell':
    case 'unsell':
    case 'block':
    case 'unblock':
      return operation.seats.length;
    case 'extend':
    case 'release':
    case 'claim':
      return seatsOfAHold;
    case 'expire':
    case 'configure':
      return 0;
  }
}

function isGrowing(operation: SeatOperation): operation is GrowOperation {
  return operation.kind === 'hold' || operation.kind === 'swap' || operation.kind === 'extend';
}
