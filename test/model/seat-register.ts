import type { RefusalReason } from '../../protocol/errors.js';
import { checkLinearizable, type Model, type Recorded, type Span } from './linearizable.js';

/**
 * What clients saw of a few seats, judged. Each seat is a register of its own: a history is in order exactly when the
 * history of each seat is (Herlihy and Wing: linearizability is local). What one operation does to several seats it
 * must do at one moment; so every two seats that some operation names together are judged once more as one object.
 * No product code is imported.
 */

/** One operation as its client knows it: what it asked, and what it was answered. */
export interface SeatCall {
  readonly what: 'hold' | 'release' | 'extend' | 'claim' | 'sell' | 'unsell' | 'block' | 'unblock' | 'read';
  /** The hold that it makes or names. */
  readonly hold?: string;
  /** A release in the name of the booking that pays; else it is the holder's. */
  readonly byBooking?: boolean;
  /** What it is about: of a hold that was granted the seats it got, of one that was refused the last alternative. */
  readonly seats: readonly number[];
  /** Of a hold: the alternatives that it asked for. */
  readonly candidates?: readonly (readonly number[])[];
  /** A refusal by its reason; undefined: there was no answer. */
  readonly answer: 'done' | RefusalReason | undefined;
  /** With `taken`: the seats in the way. */
  readonly inTheWay?: readonly number[];
  /** With `done` of a hold or its extension: its lapse. */
  readonly expiresAt?: number;
  /** Of a hold: how long it lasts. */
  readonly ttlMs?: number;
  /** What a read saw of `seats`, in their order. */
  readonly saw?: readonly ('available' | 'held' | 'sold' | 'blocked')[];
  /** The time of Redis at which it happened. Undefined when it is not known: no answer, or the first to a repeat. */
  readonly now: number | undefined;
}

type Seat =
  | { readonly is: 'available' | 'sold' | 'blocked' }
  /** It lapses at `earliest` at the earliest, at `latest` surely: the same, unless nobody was told. */
  | { readonly is: 'held'; readonly by: string; readonly earliest: number; readonly latest: number }
  | { readonly is: 'paying'; readonly by: string };

type State = ReadonlyMap<number, Seat>;

const available: Seat = { is: 'available' };

/** @returns what is wrong with the history; undefined when it is in order. */
export function judgeSeats(history: readonly Recorded<SeatCall>[]): string | undefined {
  for (const { operation } of history) {
    const { what, answer, seats, candidates = [seats] } = operation;
    const isOne = candidates.some((candidate) => [...candidate].sort().join() === [...seats].sort().join());
    if (what === 'hold' && answer === 'done' && !isOne) return `not one of the alternatives: ${say(operation)}`;
  }
  const timesNamed = new Map<string, number>();
  for (const { hold = '' } of history.map(({ operation }) => operation)) {
    timesNamed.set(hold, (timesNamed.get(hold) ?? 0) + 1);
  }
  for (const group of groupsOf(history)) {
    const verdict = checkLinearizable(seatsModel(group, timesNamed), projected(history, group));
    if (verdict.ok) continue;
    const tail = verdict.longest.slice(-8).map(say);
    return [`seats ${group}: after`, ...tail, 'none of these can be next:', ...verdict.stuck.map(say)].join('\n');
  }
  return undefined;
}

/** Every seat alone, then every two that meet in an operation. */
function groupsOf(history: readonly Recorded<SeatCall>[]): number[][] {
  const alone = new Set<number>();
  const pairs = new Map<string, number[]>();
  for (const { operation } of history) {
    const named = [...new Set([...operation.seats, ...(operation.candidates ?? []).flat()])].sort((a, b) => a - b);
    for (const [i, a] of named.entries()) {
      alone.add(a);
      for (const b of named.slice(i + 1)) pairs.set(`${a},${b}`, [a, b]);
    }
  }
  return [...[...alone].map((seat) => [seat]), ...pairs.values()];
}

/** What of the history concerns these seats. */
function projected(history: readonly Recorded<SeatCall>[], group: readonly number[]): Recorded<SeatCall>[] {
  const here = (seats: readonly number[]) => seats.filter((seat) => group.includes(seat));
  return history.flatMap((recorded): Recorded<SeatCall>[] => {
    const { operation } = recorded;
    const { what, answer, saw, now } = operation;
    if (what === 'hold' && answer === undefined) {
      const some = (operation.candidates ?? [operation.seats]).map(here).filter((seats) => seats.length > 0);
      const candidates = [...new Map(some.map((seats) => [seats.join(), seats])).values()];
      const expiresAt = clockBefore(history, recorded.calledAt) + (operation.ttlMs ?? 0);
      return some.length > 0 ? [{ ...recorded, operation: { ...operation, seats: [], candidates, expiresAt } }] : [];
    }
    const seats = here(operation.seats);
    if (seats.length === 0) return [];
    const seen = saw?.filter((_, i) => seats.includes(operation.seats[i] ?? -1));
    return [{ ...recorded, at: now, operation: { ...operation, seats, ...(seen && { saw: seen }) } }];
  });
}

/** What the clock showed at least when this was called. */
function clockBefore(history: readonly Recorded<SeatCall>[], calledAt: number): number {
  return history.reduce((clock, { returnedAt, operation: { now } }) => {
    const isBefore = now !== undefined && returnedAt !== undefined && returnedAt < calledAt;
    return isBefore ? Math.max(clock, now) : clock;
  }, 0);
}

function seatsModel(group: readonly number[], timesNamed: ReadonlyMap<string, number>): Model<State, SeatCall> {
  return {
    initial: new Map(group.map((seat) => [seat, available])),
    step: (state, call, { earliest, latest }) => {
      const span = call.now === undefined ? { earliest, latest } : { earliest: call.now, latest: call.now };
      return lapsed(state, span).flatMap((then) => outcomesOf(then, call));
    },
    key: (state) => [...state.values()].map((seat) => Object.values(seat).join(' ')).join(),
    // A hold of which nobody ever heard again is like any other such hold; the first of them may lapse the earliest.
    name: ({ hold = '', expiresAt, ...call }) => JSON.stringify(timesNamed.get(hold) === 1 ? call : { hold, ...call }),
    isRead: ({ what, answer }) => what === 'read' || (answer !== undefined && answer !== 'done'),
  };
}

/** The states that the passing of time can have made of this one. */
function lapsed(state: State, { earliest, latest }: Span): State[] {
  let states = [state];
  for (const seat of state.values()) {
    if (seat.is !== 'held' || seat.earliest > latest) continue;
    const ended = (one: State): State =>
      new Map([...one].map(([n, held]) => [n, held.is === 'held' && held.by === seat.by ? available : held]));
    states = states.flatMap((one) => (seat.latest > earliest ? [one, ended(one)] : [ended(one)]));
  }
  return states;
}

function outcomesOf(state: State, call: SeatCall): State[] {
  if (call.answer !== 'done' && call.answer !== undefined) return refusedRightly(state, call) ? [state] : [];
  const alternatives = call.what === 'hold' && call.answer === undefined ? (call.candidates ?? []) : [call.seats];
  return alternatives.flatMap((seats) => changed(state, seats, (seat, place) => effectOf(call, seat, place)) ?? []);
}

/** The state with each of the seats as `effect` has it; undefined when one of them cannot be so. */
function changed(
  state: State,
  seats: readonly number[],
  effect: (seat: Seat, place: number) => Seat | undefined,
): State | undefined {
  const after = new Map(state);
  for (const [place, number] of seats.entries()) {
    const seat = effect(state.get(number) ?? available, place);
    if (!seat) return undefined;
    after.set(number, seat);
  }
  return after;
}

/** What becomes of one seat; undefined when the operation cannot have been done to it. */
function effectOf(call: SeatCall, seat: Seat, place: number): Seat | undefined {
  const { what, hold = '', answer, expiresAt = 0 } = call;
  const latest = answer === undefined ? Number.POSITIVE_INFINITY : expiresAt;
  const isHeld = seat.is === 'held' && seat.by === hold;
  const isPaying = seat.is === 'paying' && seat.by === hold;
  switch (what) {
    case 'hold':
      return seat.is === 'available' ? { is: 'held', by: hold, earliest: expiresAt, latest } : undefined;
    case 'extend':
      return isHeld ? { is: 'held', by: hold, earliest: Math.max(seat.earliest, expiresAt), latest } : undefined;
    case 'release':
      return (call.byBooking ? isPaying : isHeld) ? available : undefined;
    case 'claim':
      return isHeld ? { is: 'paying', by: hold } : undefined;
    case 'sell':
      return { is: 'sold' };
    case 'unsell':
      return seat.is === 'sold' ? available : seat;
    case 'block':
      return seat.is === 'available' || seat.is === 'blocked' ? { is: 'blocked' } : undefined;
    case 'unblock':
      return seat.is === 'blocked' ? available : seat;
    case 'read':
      return call.saw?.[place] === (seat.is === 'paying' ? 'held' : seat.is) ? seat : undefined;
  }
}

function refusedRightly(state: State, { what, answer, byBooking, hold, inTheWay = [], ...call }: SeatCall): boolean {
  return call.seats.every((number) => {
    const seat = state.get(number) ?? available;
    const isHeld = seat.is === 'held' && seat.by === hold;
    const isPaying = seat.is === 'paying' && seat.by === hold;
    switch (answer) {
      case 'taken': {
        const isFree = seat.is === 'available' || (what === 'block' && seat.is === 'blocked');
        return isFree !== inTheWay.includes(number);
      }
      case 'gone':
        return !isPaying && (byBooking || !isHeld);
      case 'paying':
        return isPaying;
      case 'holdTime':
        return isHeld;
      case 'notHeld':
        return !isHeld && !isPaying;
      default:
        return false;
    }
  });
}

function say(call: SeatCall): string {
  const { what, hold, seats, answer, inTheWay, saw, expiresAt, now } = call;
  const until = expiresAt === undefined ? '' : ` until ${expiresAt}`;
  const answered = answer === undefined ? 'no answer' : `${answer}${inTheWay ? ` ${inTheWay}` : ''}${until}`;
  return `  ${what} ${hold ?? ''} [${seats}] → ${saw ? `saw ${saw}` : answered} at ${now ?? 'an unknown time'}`;
}
