/**
 * Is there an order of these operations that one at a time would have given the same answers, and in which an
 * operation that was answered before another began comes first? The search of Wing and Gong with the memo of Lowe, as in
 * Porcupine. An operation without an answer may have happened at any time after it began, or never.
 */
export interface Recorded<Operation> {
  readonly operation: Operation;
  /** Ticks of one counter for all clients: two of them are never equal. */
  readonly calledAt: number;
  /** Undefined: it was never answered. */
  readonly returnedAt: number | undefined;
  /** What a clock that never goes back showed when it happened, where that is known. */
  readonly at?: number | undefined;
}

export interface Model<State, Operation> {
  readonly initial: State;
  /**
   * The states in which the operation, with its recorded answer, may leave the state: none when it contradicts it.
   * It happened while the clock showed something in this span.
   */
  step(state: State, operation: Operation, span: Span): readonly State[];
  /** Equal for equal states. */
  key(state: State): string;
  /** The operation only looks. */
  isRead(operation: Operation): boolean;
  /** Equal for operations that have the same effect: of such without an answer only the first need be tried. */
  name(operation: Operation): string;
}

export interface Span {
  readonly earliest: number;
  readonly latest: number;
}

export type Verdict<Operation> =
  | { readonly ok: true }
  /** No order explains more than these; `stuck` are the ones among which none can be next. */
  | { readonly ok: false; readonly longest: readonly Operation[]; readonly stuck: readonly Operation[] };

/** A history that takes more than this is too tangled: shorter ones, or fewer lost answers, say more. */
const stepLimit = 3_000_000;

/** A place in the order: what may be there, and which operations can be next. */
interface Place<State, Operation> {
  readonly states: ReadonlyMap<string, State>;
  /** Answered operations that are not in the order yet and began before any of them was answered. */
  readonly waiting: readonly Recorded<Operation>[];
  /** What the clock can show here. */
  readonly span: Span;
  /** What is called later happens later than all of `span`. */
  readonly noneEarlier: boolean;
  /** Those that can be next and have not been tried. */
  options: readonly Recorded<Operation>[];
  chosen: Recorded<Operation> | undefined;
  /** Operations without an answer that are in the order. */
  readonly used: readonly Recorded<Operation>[];
  /** All answered calls before this one, by the time of the call, are in the order. */
  readonly from: number;
}

export function checkLinearizable<State, Operation>(
  model: Model<State, Operation>,
  history: readonly Recorded<Operation>[],
): Verdict<Operation> {
  const placed = new Set<Recorded<Operation>>();
  const placeAfter = createPlaces(model, history, placed);
  const isNew = createMemo<State, Operation>();
  const order = [placeAfter(new Map([[model.key(model.initial), model.initial]]))];
  let longest: readonly Operation[] = [];
  let stuck: readonly Operation[] = [];
  let steps = 0;

  for (let place = order.at(-1); place; place = order.at(-1)) {
    if (place.waiting.length === 0) return { ok: true };
    if (place.chosen) placed.delete(place.chosen);
    const [option, ...options] = place.options;
    place.chosen = option;
    place.options = options;
    if (option) {
      if (++steps > stepLimit) throw new Error(`undecided after ${steps} steps`);
      const states = statesAfter(model, place, option.operation);
      placed.add(option);
      // What only looks and fits here need not be anywhere else: it changes nothing for the others.
      const holdsNobodyUp = option.at === undefined || place.noneEarlier;
      if (holdsNobodyUp && model.isRead(option.operation) && isSame(states, place.states)) place.options = [];
      const next = states.size > 0 ? placeAfter(states, place) : undefined;
      if (next && isNew(next)) order.push(next);
      continue;
    }
    // Nothing more fits here: the operation before it belongs elsewhere.
    order.pop();
    if (order.length >= longest.length) {
      longest = order.flatMap(({ chosen }) => chosen?.operation ?? []);
      stuck = place.waiting.map(({ operation }) => operation);
    }
  }
  return { ok: false, longest, stuck };
}

function createPlaces<State, Operation>(
  { isRead, name }: Model<State, Operation>,
  history: readonly Recorded<Operation>[],
  placed: ReadonlySet<Recorded<Operation>>,
) {
  const byCall = [...history].sort((a, b) => a.calledAt - b.calledAt);
  const answered = byCall.filter(({ returnedAt }) => returnedAt !== undefined);
  const unanswered = new Map<string, Recorded<Operation>[]>();
  for (const call of byCall) {
    if (call.returnedAt !== undefined) continue;
    const alike = unanswered.get(name(call.operation)) ?? [];
    unanswered.set(name(call.operation), [...alike, call]);
  }
  return (states: ReadonlyMap<string, State>, before?: Place<State, Operation>): Place<State, Operation> => {
    let from = before?.from ?? 0;
    for (let call = answered[from]; call && placed.has(call); call = answered[from]) from++;
    const waiting: Recorded<Operation>[] = [];
    let soonest = Number.POSITIVE_INFINITY;
    let noneEarlier = false;
    for (let i = from; i < answered.length; i++) {
      const call = answered[i];
      if (!call || call.calledAt > soonest) break;
      if (placed.has(call)) continue;
      waiting.push(call);
      if (returnOf(call) < soonest) noneEarlier = call.at !== undefined;
      soonest = Math.min(soonest, returnOf(call));
    }
    const chosen = before?.chosen;
    const earliest = Math.max(before?.span.earliest ?? 0, chosen?.at ?? 0);
    const latest = Math.min(...waiting.map(({ at }) => at ?? Number.POSITIVE_INFINITY));
    const open = [...unanswered.values()]
      .flatMap((alike) => alike.find((call) => !placed.has(call)) ?? [])
      .filter(({ calledAt }) => calledAt < soonest);
    // Time that has passed does not come back. The most likely first: most operations without an answer did not happen.
    const next = earliest > latest ? [] : waiting.filter(({ at }) => at === undefined || at === latest);
    const rank = ({ operation, at }: Recorded<Operation>) => (isRead(operation) ? 0 : 1) + (at === undefined ? 2 : 0);
    const options = [...next.sort((a, b) => rank(a) - rank(b) || returnOf(a) - returnOf(b)), ...open];
    const used = [...(before?.used ?? []), ...(chosen && chosen.returnedAt === undefined ? [chosen] : [])];
    return { states, waiting, span: { earliest, latest }, noneEarlier, options, chosen: undefined, used, from };
  };
}

function statesAfter<State, Operation>(
  { step, key }: Model<State, Operation>,
  { states, span }: Place<State, Operation>,
  operation: Operation,
): ReadonlyMap<string, State> {
  const after = new Map<string, State>();
  for (const state of states.values()) for (const next of step(state, operation, span)) after.set(key(next), next);
  return after;
}

function isSame(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}

/**
 * Remembers where the search has been: the same answered operations in place, in whatever order, and the same states.
 * Being there again is of no use, unless with fewer of the unanswered operations used up.
 */
function createMemo<State, Operation>() {
  const seen = new Map<string, (readonly Recorded<Operation>[])[]>();
  return ({ waiting, states, used }: Place<State, Operation>): boolean => {
    const name = `${waiting.map(({ calledAt }) => calledAt)} ${[...states.keys()].sort().join('|')}`;
    const before = seen.get(name) ?? [];
    if (before.some((fewer) => fewer.every((call) => used.includes(call)))) return false;
    seen.set(name, [...before, used]);
    return true;
  };
}

function returnOf({ returnedAt }: Recorded<unknown>): number {
  return returnedAt ?? Number.POSITIVE_INFINITY;
}
