import type { EventRules, SeatOperation } from '../../server/seatmap/operations.js';
import { hall } from './world.js';

/**
 * The seat engine as its contract says it, for one event, written without regard to how Redis does it: a list of
 * seats, a map of holds, and every rule as the plainest code. The oracle of the property test.
 */
interface ModelHold {
  holder: string;
  seats: number[];
  booking: string;
  expiresAt: number;
  capAt: number;
}

export class Model {
  readonly status: number[] = Array.from({ length: hall.seats }, () => 0);
  readonly holds = new Map<string, ModelHold>();
  readonly #answers = new Map<string, string>();
  readonly #rules: EventRules;

  constructor(rules: EventRules) {
    this.#rules = rules;
  }

  /** Ends what is due; then the outcome of the operation, in short form. */
  apply(now: number, actor: string, operation: SeatOperation): string {
    this.lapse(now);
    const name = `${actor} ${operation.opId}`;
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    const before = JSON.stringify([this.status, [...this.holds]]);
    const outcome = this.#decide(now, operation);
    const changed = before !== JSON.stringify([this.status, [...this.holds]]);
    const done = outcome === 'done' || outcome.startsWith('held') || outcome.startsWith('paying h');
    // An extension within the same millisecond changes nothing that can be seen here, and is kept all the same.
    if (done && (changed || operation.kind === 'extend')) this.#answers.set(name, outcome);
    return outcome;
  }

  lapse(now: number): void {
    for (const [id, hold] of this.holds) if (hold.booking === '' && hold.expiresAt <= now) this.#end(id, hold.seats, 0);
  }

  #decide(now: number, operation: SeatOperation): string {
    switch (operation.kind) {
      case 'hold':
        return this.#hold(now, operation);
      case 'extend':
        return this.#extend(now, operation);
      case 'release':
        return this.#release(operation);
      case 'claim':
        return this.#claim(now, operation);
      case 'sell':
        return this.#sell(operation);
      case 'unsell':
        return this.#change(operation.seats, (status) => (status === 2 ? 0 : status));
      case 'unblock':
        return this.#change(operation.seats, (status) => (status === 3 ? 0 : status));
      case 'block': {
        const taken = operation.seats.filter((seat) => this.status[seat] === 1 || this.status[seat] === 2);
        const unknown = unknownOf(operation.seats);
        if (unknown === '' && taken.length > 0) return ['taken', ...taken].join(' ');
        return this.#change(operation.seats, () => 3);
      }
      default:
        return 'done';
    }
  }

  #hold(now: number, { holder, holdId, joins, candidates }: SeatOperation & { kind: 'hold' }): string {
    const same = this.holds.get(joins ?? holdId);
    if (joins === undefined && same) return same.holder === holder ? this.#say(holdId) : 'taken';
    if (joins !== undefined && (!same || same.holder !== holder || same.booking !== '')) return 'gone';
    for (const seats of candidates) if (unknownOf(seats) !== '') return unknownOf(seats);
    const total = [...this.holds.values()]
      .filter((hold) => hold.holder === holder)
      .flatMap(({ seats }) => seats).length;
    let conflicts: number[] = [];
    for (const seats of candidates) {
      if (total + seats.length > this.#rules.maxSeatsPerHolder) return 'limit';
      conflicts = seats.filter((seat) => this.status[seat] !== 0);
      if (conflicts.length > 0) continue;
      for (const seat of seats) this.status[seat] = 1;
      const capAt = now + this.#rules.holdCapMs;
      const fresh = { holder, seats: [...seats], booking: '', capAt, expiresAt: now + this.#rules.holdTtlMs };
      if (same) same.seats.push(...seats);
      else this.holds.set(holdId, fresh);
      return this.#say(joins ?? holdId);
    }
    return ['taken', ...conflicts].join(' ');
  }

  #extend(now: number, { holder, holdId }: SeatOperation & { kind: 'extend' }): string {
    const hold = this.holds.get(holdId);
    if (hold?.holder !== holder) return 'gone';
    if (hold.booking !== '') return 'paying';
    if (hold.expiresAt >= hold.capAt) return 'holdTime';
    hold.expiresAt = Math.max(hold.expiresAt, Math.min(now + this.#rules.holdTtlMs, hold.capAt));
    return this.#say(holdId);
  }

  #release({ by, holdId, seats }: SeatOperation & { kind: 'release' }): string {
    const hold = this.holds.get(holdId);
    if (!hold || ('holder' in by && by.holder !== hold.holder)) return 'gone';
    if ('bookingId' in by && hold.booking !== by.bookingId) return 'gone';
    if (!('bookingId' in by) && hold.booking !== '') return 'paying';
    const leaving = 'holder' in by && seats && seats.length > 0 ? seats : hold.seats;
    const missing = leaving.filter((seat, i) => !hold.seats.includes(seat) || leaving.indexOf(seat) !== i);
    if (missing.length > 0) return ['notHeld', ...missing].join(' ');
    return this.#end(holdId, leaving, 0);
  }

  #claim(now: number, { holder, holdId, bookingId }: SeatOperation & { kind: 'claim' }): string {
    const hold = this.holds.get(holdId);
    if (hold?.holder !== holder) return 'gone';
    if (hold.booking !== '' && hold.booking !== bookingId) return 'paying';
    if (hold.booking === '') hold.expiresAt = Math.min(now, hold.capAt) + this.#rules.payWindowMs;
    hold.booking = bookingId;
    return this.#say(holdId);
  }

  #sell({ holdId, seats }: SeatOperation & { kind: 'sell' }): string {
    const unknown = unknownOf(seats);
    if (unknown !== '') return unknown;
    for (const [id, hold] of [...this.holds]) {
      this.#end(
        id,
        hold.seats.filter((seat) => seats.includes(seat)),
        2,
      );
      if (id === holdId && this.holds.has(id)) this.#end(id, hold.seats, 0);
    }
    return this.#change(seats, () => 2);
  }

  #change(seats: readonly number[], next: (status: number) => number): string {
    const unknown = unknownOf(seats);
    if (unknown !== '') return unknown;
    for (const seat of seats) this.status[seat] = next(this.status[seat] ?? 0);
    return 'done';
  }

  #end(id: string, leaving: readonly number[], status: number): string {
    const hold = this.holds.get(id);
    if (!hold || leaving.length === 0) return 'done';
    for (const seat of leaving) this.status[seat] = status;
    const seats = hold.seats.filter((seat) => !leaving.includes(seat));
    if (seats.length === 0) {
      this.holds.delete(id);
      return 'done';
    }
    this.holds.set(id, { ...hold, seats });
    return this.#say(id);
  }

  #say(id: string): string {
    const hold = this.holds.get(id);
    return [hold?.booking === '' ? 'held' : 'paying', id, ...(hold?.seats ?? [])].join(' ');
  }
}

function unknownOf(seats: readonly number[]): string {
  const unknown = seats.filter((seat, i) => seat < 0 || seat >= hall.seats || seats.indexOf(seat) !== i);
  return unknown.length > 0 || seats.length === 0 ? ['unknownSeat', ...unknown].join(' ') : '';
}
