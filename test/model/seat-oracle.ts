import type {
  EventRules,
  HoldOperation,
  OperationOutcome,
  SeatOperation,
  SwapOperation,
} from '../../server/seatmap/operations.js';
import { HoldTime } from './hold-time.js';
import { describe, describeHold, expectAnswer, type OracleHold, refusal, Wrong } from './oracle-words.js';

/**
 * The judge of one event's seats: what the contract of the engine says, as plainly as it can be said. It imports no
 * product code. It is told what was asked, what was answered and the time of Redis in the answer, and says whether
 * the answer is right. Time is what the answers say; nothing here looks at a clock.
 *
 * Where more than one reason stands against an operation, any of them is a right refusal.
 */
export type SeatState = 'available' | 'held' | 'sold' | 'blocked';

/** What an operation did. `effect` is undefined when it found all as it wanted it. */
interface Done {
  readonly name: string;
  readonly hold?: OracleHold | undefined;
  readonly effect: boolean;
}

/** Answers kept for each holder, booking and member of staff. */
const answersKept = 32;

export class SeatOracle {
  now = 0;
  rules: EventRules;
  readonly seats: SeatState[];
  holds = new Map<string, OracleHold>();
  /** Holders let in from the waiting room, and until when. */
  admitted = new Map<string, number>();
  /** By actor: opId and answer, oldest first. */
  answers = new Map<string, (readonly [opId: string, answer: string])[]>();
  /** Operations that changed a seat or a hold, in their order. */
  effective = new Set<string>();
  lapses = 0;
  time = new HoldTime();

  constructor(seats: number, rules: EventRules) {
    this.rules = rules;
    this.seats = Array.from({ length: seats }, () => 'available');
  }

  /** An independent copy, to try out an order of calls on. */
  copy(): SeatOracle {
    const copy = new SeatOracle(0, this.rules);
    copy.now = this.now;
    copy.seats.push(...this.seats);
    copy.holds = new Map(this.holds);
    copy.admitted = new Map(this.admitted);
    copy.answers = new Map([...this.answers].map(([actor, kept]) => [actor, [...kept]]));
    copy.effective = new Set(this.effective);
    copy.lapses = this.lapses;
    copy.time = this.time.copy();
    return copy;
  }

  /** Equal for copies of one oracle that will never say different things: nothing else depends on the order of operations. */
  course(): string {
    return JSON.stringify([this.rules, [...this.effective], this.time.state()]);
  }

  /**
   * The next operation in the order of Redis.
   * @returns a name for what happened, such as `hold taken`.
   * @throws Wrong
   */
  judge(now: number, operation: SeatOperation, outcome: OperationOutcome): string {
    this.passTime(now);
    const { kind, opId } = operation;
    const actor = actorOf(operation);
    const first = this.answers.get(actor)?.find(([known]) => known === opId)?.[1];
    if (first !== undefined) {
      expectAnswer(operation, describe(outcome), [first]);
      return `${kind} again`;
    }
    const refusals = this.#reasonsAgainst(operation);
    if (refusals.length > 0) {
      expectAnswer(operation, describe(outcome), refusals);
      return `${kind} ${outcome.ok ? '' : outcome.reason}`;
    }
    const { name, hold, effect } = this.#carryOut(operation);
    const answer = describeHold(hold);
    expectAnswer(operation, describe(outcome), [answer]);
    if (effect) this.#keepAnswer(actor, opId, answer);
    return `${kind} ${name}`;
  }

  /** Redis time never goes back, and a hold ends at its millisecond. */
  passTime(now: number): void {
    if (now < this.now) throw new Wrong(`time went back from ${this.now} to ${now}`);
    this.now = now;
    const due = [...this.holds.values()].filter(({ booking, expiresAt }) => booking === undefined && expiresAt <= now);
    for (const hold of due.sort((a, b) => a.expiresAt - b.expiresAt)) {
      this.#take(hold, hold.seats, 'available', hold.expiresAt);
      this.lapses++;
    }
  }

  holdsOf(holder: string): OracleHold[] {
    return [...this.holds.values()].filter((hold) => hold.holder === holder);
  }

  /** After a loss: sold and blocked seats and holds that are being paid for are back; the rest is as Redis kept it. */
  recover(kept: 'holds' | 'nothing'): void {
    if (kept === 'holds') return;
    this.answers.clear();
    this.admitted.clear();
    for (const hold of this.holds.values()) {
      if (hold.booking === undefined) this.#take(hold, hold.seats, 'available');
    }
    this.time.lost(this.holds.values(), this.rules.holdCapMs);
  }

  #reasonsAgainst(operation: SeatOperation): string[] {
    switch (operation.kind) {
      case 'hold':
        return this.#againstHold(operation);
      case 'swap':
        return this.#againstSwap(operation);
      case 'extend': {
        const hold = this.#ownHold(operation);
        if (!hold) return ['gone'];
        if (hold.booking !== undefined) return ['paying'];
        return hold.expiresAt >= hold.capAt ? ['holdTime'] : [];
      }
      case 'release':
        return this.#againstRelease(operation);
      case 'claim': {
        const hold = this.#ownHold(operation);
        if (!hold) return ['gone'];
        return hold.booking !== undefined && hold.booking !== operation.bookingId ? ['paying'] : [];
      }
      case 'block': {
        const taken = operation.seats.filter((seat) => this.#is(seat, 'held') || this.#is(seat, 'sold'));
        return this.#unknown(operation.seats) ?? (taken.length > 0 ? [refusal('taken', taken)] : []);
      }
      case 'sell':
      case 'unsell':
      case 'unblock':
        return this.#unknown(operation.seats) ?? [];
      case 'expire':
      case 'configure':
        return [];
    }
  }

  #againstHold({ holder, holdId, joins, candidates }: HoldOperation): string[] {
    const known = this.holds.get(holdId);
    if (joins === undefined && known) return known.holder === holder ? [] : ['taken'];
    const joined = joins === undefined ? undefined : this.#ownHold({ holder, holdId: joins });
    const gone = joins !== undefined && (!joined || joined.booking !== undefined);
    const tooLong = joins === undefined && this.#budgetEnd(holder) <= this.now;
    return [
      ...(gone ? ['gone'] : []),
      ...(tooLong ? ['heldTooLong'] : []),
      ...this.#againstTaking(holder, candidates, 0),
    ];
  }

  #againstSwap({ holder, holdId, leaving, candidates }: SwapOperation): string[] {
    const hold = this.#ownHold({ holder, holdId });
    const foreign = leaving.filter((seat, i) => !hold?.seats.includes(seat) || leaving.indexOf(seat) !== i);
    return [
      ...(!hold || hold.booking !== undefined ? ['gone'] : []),
      ...(foreign.length > 0 ? [refusal('notHeld', foreign)] : []),
      ...this.#againstTaking(holder, candidates, leaving.length),
    ];
  }

  #againstTaking(holder: string, candidates: readonly (readonly number[])[], leaving: number): string[] {
    const reasons: string[] = [];
    const { opensAt, closesAt, paused, roomOn, maxSeatsPerHolder } = this.rules;
    if (this.now < opensAt) reasons.push('notOpen');
    if (closesAt > 0 && this.now >= closesAt) reasons.push('closed');
    if (paused) reasons.push('paused');
    if (roomOn && this.now >= (this.admitted.get(holder) ?? 0)) reasons.push('notAdmitted');
    const unknown = candidates.flatMap((seats) => this.#unknown(seats) ?? []);
    if (unknown.length > 0) return [...reasons, ...unknown];
    const total = this.holdsOf(holder).reduce((sum, { seats }) => sum + seats.length, 0) - leaving;
    if (candidates.some((seats) => total + seats.length > maxSeatsPerHolder)) reasons.push('limit');
    if (!candidates.some((seats) => this.#free(seats))) {
      const last = candidates.at(-1) ?? [];
      reasons.push(
        refusal(
          'taken',
          last.filter((seat) => !this.#is(seat, 'available')),
        ),
      );
    }
    return reasons;
  }

  #againstRelease({ by, holdId, seats }: SeatOperation & { kind: 'release' }): string[] {
    const hold = this.holds.get(holdId);
    if (!hold) return ['gone'];
    if ('bookingId' in by) return hold.booking === by.bookingId ? [] : ['gone'];
    if ('holder' in by && by.holder !== hold.holder) return ['gone'];
    if (hold.booking !== undefined) return ['paying'];
    const foreign = seats?.filter((seat, i) => !hold.seats.includes(seat) || seats.indexOf(seat) !== i) ?? [];
    return foreign.length > 0 ? [refusal('notHeld', foreign)] : [];
  }

  #carryOut(operation: SeatOperation): Done {
    switch (operation.kind) {
      case 'hold':
        return this.#hold(operation);
      case 'swap':
        return this.#swap(operation);
      case 'extend': {
        const hold = this.#ownHold(operation);
        if (!hold) throw new Error('judged before');
        const { holdTtlMs } = this.rules;
        const expiresAt = Math.max(hold.expiresAt, Math.min(this.now + holdTtlMs, hold.capAt));
        return { name: 'extended', effect: true, hold: this.#put({ ...hold, expiresAt }) };
      }
      case 'release':
        return this.#release(operation);
      case 'claim':
        return this.#claim(operation);
      case 'sell':
        return this.#sell(operation);
      case 'unsell':
        return this.#turn(operation.seats, 'sold', 'available', 'freed');
      case 'block':
        return this.#turn(operation.seats, 'available', 'blocked', 'blocked');
      case 'unblock':
        return this.#turn(operation.seats, 'blocked', 'available', 'freed');
      case 'configure':
        this.rules = operation.rules;
        return { name: 'done', effect: false };
      case 'expire':
        return { name: 'done', effect: false };
    }
  }

  #hold({ holder, holdId, joins, candidates }: HoldOperation): Done {
    const known = this.holds.get(holdId);
    if (joins === undefined && known) return { name: 'known', effect: false, hold: known };
    const seats = candidates.find((candidate) => this.#free(candidate));
    if (!seats) throw new Error('judged before');
    for (const seat of seats) this.seats[seat] = 'held';
    const joined = joins === undefined ? undefined : this.holds.get(joins);
    if (joined) {
      return { name: 'joined', effect: true, hold: this.#put({ ...joined, seats: [...joined.seats, ...seats] }) };
    }
    const { holdTtlMs, holdCapMs, priceVersion } = this.rules;
    const capAt = Math.min(this.now + holdCapMs, this.#budgetEnd(holder));
    this.time.begins(holder, this.now);
    const expiresAt = Math.min(this.now + holdTtlMs, capAt);
    const hold = this.#put({ id: holdId, holder, seats, booking: undefined, expiresAt, capAt, priceVersion });
    return { name: candidates[0] === seats ? 'held' : 'held a later candidate', effect: true, hold };
  }

  #swap({ holdId, leaving, candidates }: SwapOperation): Done {
    const hold = this.holds.get(holdId);
    const seats = candidates.find((candidate) => this.#free(candidate));
    if (!hold || !seats) throw new Error('judged before');
    for (const seat of leaving) this.seats[seat] = 'available';
    for (const seat of seats) this.seats[seat] = 'held';
    const kept = hold.seats.filter((seat) => !leaving.includes(seat));
    return { name: 'swapped', effect: true, hold: this.#put({ ...hold, seats: [...kept, ...seats] }) };
  }

  #release({ by, holdId, seats }: SeatOperation & { kind: 'release' }): Done {
    const hold = this.holds.get(holdId);
    if (!hold) throw new Error('judged before');
    const left = this.#take(hold, ('holder' in by && seats) || hold.seats, 'available');
    if (left) return { name: 'part', effect: true, hold: left };
    return { name: `by ${Object.keys(by)[0]}`, effect: true };
  }

  #claim(operation: SeatOperation & { kind: 'claim' }): Done {
    const hold = this.#ownHold(operation);
    if (!hold) throw new Error('judged before');
    if (hold.booking !== undefined) return { name: 'paying already', effect: false, hold };
    const expiresAt = Math.min(this.now, hold.capAt) + this.rules.payWindowMs;
    return { name: 'paying now', effect: true, hold: this.#put({ ...hold, booking: operation.bookingId, expiresAt }) };
  }

  #sell({ holdId, seats }: SeatOperation & { kind: 'sell' }): Done {
    let name = 'without a hold';
    for (const hold of [...this.holds.values()]) {
      const lost = hold.seats.filter((seat) => seats.includes(seat));
      if (lost.length > 0) name = hold.id === holdId ? 'its hold' : 'forced';
      const left = this.#take(hold, lost, 'sold');
      if (hold.id !== holdId || !left) continue;
      this.#take(left, left.seats, 'available');
      name = 'its hold, some seats only';
    }
    const effect = name !== 'without a hold' || seats.some((seat) => !this.#is(seat, 'sold'));
    for (const seat of seats) this.seats[seat] = 'sold';
    return { name: effect ? name : 'already', effect };
  }

  #turn(seats: readonly number[], from: SeatState, to: SeatState, name: string): Done {
    const turning = seats.filter((seat) => this.#is(seat, from));
    for (const seat of turning) this.seats[seat] = to;
    return turning.length > 0 ? { name, effect: true } : { name: 'already', effect: false };
  }

  /** Seats leave a hold and become `state`. @returns what is left of the hold. */
  #take(
    hold: OracleHold,
    leaving: readonly number[],
    state: SeatState,
    endedAt: number = this.now,
  ): OracleHold | undefined {
    for (const seat of leaving) this.seats[seat] = state;
    const seats = hold.seats.filter((seat) => !leaving.includes(seat));
    if (seats.length > 0) return this.#put({ ...hold, seats });
    this.holds.delete(hold.id);
    const { holder } = hold;
    if (this.holdsOf(holder).length === 0) this.time.ends(holder, endedAt);
    return undefined;
  }

  #budgetEnd(holder: string): number {
    return this.time.budgetEnd(holder, this.now, this.rules.holdBudgetMs);
  }

  #put(hold: OracleHold): OracleHold {
    this.holds.set(hold.id, hold);
    return hold;
  }

  #ownHold({ holder, holdId }: { holder: string; holdId: string }): OracleHold | undefined {
    const hold = this.holds.get(holdId);
    return hold?.holder === holder ? hold : undefined;
  }

  #is(seat: number, state: SeatState): boolean {
    return this.seats[seat] === state;
  }

  #free(seats: readonly number[]): boolean {
    return seats.every((seat) => this.#is(seat, 'available'));
  }

  /** The refusal of seats that do not exist or are named twice; undefined when there are none. */
  #unknown(seats: readonly number[]): string[] | undefined {
    const unknown = seats.filter((seat, i) => this.seats[seat] === undefined || seats.indexOf(seat) !== i);
    return unknown.length > 0 || seats.length === 0 ? [refusal('unknownSeat', unknown)] : undefined;
  }

  #keepAnswer(actor: string, opId: string, answer: string): void {
    this.effective.add(opId);
    const kept = this.answers.get(actor) ?? [];
    this.answers.set(actor, [...kept, [opId, answer] as const].slice(-answersKept));
  }
}

/** In whose name an operation is sent: a repeated opId means the same only from the same one. */
export function actorOf(operation: SeatOperation): string {
  switch (operation.kind) {
    case 'hold':
    case 'swap':
    case 'extend':
    case 'claim':
      return `holder ${operation.holder}`;
    case 'sell':
    case 'unsell':
      return `booking ${operation.bookingId}`;
    case 'block':
    case 'unblock':
      return `staff ${operation.staff}`;
    case 'release': {
      const { by } = operation;
      if ('holder' in by) return `holder ${by.holder}`;
      return 'bookingId' in by ? `booking ${by.bookingId}` : `staff ${by.staff}`;
    }
    case 'expire':
    case 'configure':
      return 'clock';
  }
}
