import fc from 'fast-check';

/**
 * Programs for the engine, as fast-check draws and shrinks them. A step says whom and what in words that always mean
 * something ("one of ann's holds"): which hold that is, is found when the step runs.
 */

/** A standing at the border between seats and places, so that both meet in one hold. */
export const hall = { seats: 14, seated: 10, areas: [{ start: 10, capacity: 4 }] };
/** One name begins with another: whatever Redis keeps for the one must not be taken for the other's. */
export const holders = ['account:ann', 'account:ann#0', 'account:bob', 'guest:cat'];

/** `own`: one that lives, and its holder asks. `any` that lives, whoever asks; `ended` once lived; `unknown` never did. */
export interface Which {
  readonly whose: 'own' | 'any' | 'ended' | 'unknown';
  readonly pick: number;
}

export type Ask =
  | {
      readonly kind: 'hold';
      readonly holder: string;
      readonly candidates: readonly (readonly number[])[];
      /** Seats join this hold. */
      readonly joins: Which | undefined;
      /** Under the id of this hold instead of a new one. */
      readonly id: Which | undefined;
    }
  | {
      readonly kind: 'swap';
      readonly holder: string;
      readonly hold: Which;
      readonly leaving: 'all' | 'half' | readonly number[];
      readonly candidates: readonly (readonly number[])[];
    }
  | { readonly kind: 'extend'; readonly holder: string; readonly hold: Which }
  | { readonly kind: 'claim'; readonly holder: string; readonly hold: Which; readonly booking: 'new' | 'last' }
  | {
      readonly kind: 'release';
      readonly by: 'holder' | 'booking' | 'wrongBooking' | 'staff';
      readonly holder: string;
      readonly hold: Which;
      /** Some of its seats: every second one, or seats that may not be in it. */
      readonly seats: 'all' | 'half' | readonly number[];
    }
  | { readonly kind: 'sell'; readonly hold: Which | undefined; readonly seats: 'all' | 'half' | readonly number[] }
  | { readonly kind: 'unsell' | 'block' | 'unblock'; readonly seats: readonly number[] }
  | { readonly kind: 'expire' }
  | { readonly kind: 'configure'; readonly rules: RulesDrawn }
  /** An earlier operation, sent again as it was. */
  | { readonly kind: 'repeat'; readonly back: number };

export interface RulesDrawn {
  readonly holdTtlMs: number;
  readonly holdCapMs: number;
  readonly payWindowMs: number;
  readonly maxSeatsPerHolder: number;
  readonly holdBudgetMs: number;
  readonly priceVersion: number;
  readonly paused: boolean;
  readonly roomOn: boolean;
  /** From the time at which the rules are sent. Undefined: long ago, or never. */
  readonly opensInMs: number | undefined;
  readonly closesInMs: number | undefined;
}

export type Step =
  | { readonly do: 'ask'; readonly worker: number; readonly ask: Ask }
  /** In one tick on one worker: they travel together, what lets go before what takes. */
  | { readonly do: 'together'; readonly worker: number; readonly asks: readonly Ask[] }
  /** On both workers at once: one of the two calls is first. */
  | { readonly do: 'race'; readonly asks: readonly [readonly Ask[], readonly Ask[]] }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'admit'; readonly holder: string; readonly forMs: number }
  /** Redis loses what it has of the event: only its position, or all. */
  | { readonly do: 'lose'; readonly kept: 'holds' | 'nothing' };

const holder = fc.constantFrom(...holders);
const pick = fc.nat({ max: 7 });
const which: fc.Arbitrary<Which> = fc.record({
  whose: fc.oneof(
    { weight: 12, arbitrary: fc.constant('own' as const) },
    { weight: 3, arbitrary: fc.constant('any' as const) },
    fc.constant('ended' as const),
    fc.constant('unknown' as const),
  ),
  pick,
});
const oneIn = (many: number) => fc.nat({ max: many - 1 }).map((n) => n === 0);
/** The value once in so many times, else nothing. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>, many: number) =>
  fc.oneof({ weight: many - 1, arbitrary: fc.constant(undefined) }, arbitrary);

const seat = fc.nat({ max: hall.seats - 1 });
const someSeats = fc.uniqueArray(seat, { minLength: 1, maxLength: 3 });
const oddSeats = fc.array(fc.constantFrom(0, 3, hall.seats - 1, hall.seats, -1, 0.5), { maxLength: 3 });
const seats = fc.oneof({ weight: 30, arbitrary: someSeats }, oddSeats);
/** Alternatives for one party have one size. */
const candidates = fc.oneof(
  { weight: 6, arbitrary: seats.map((one) => [one]) },
  fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.uniqueArray(seat, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 5 }),
    )
    .map(([party, runs]) => runs.map((run) => run.slice(0, party))),
);
const part = fc.oneof(
  { weight: 3, arbitrary: fc.constant('all' as const) },
  { weight: 3, arbitrary: fc.constant('half' as const) },
  someSeats,
);

const holdAsk = fc.record({
  kind: fc.constant('hold' as const),
  holder,
  candidates,
  joins: seldom(which, 4),
  id: seldom(which, 20),
});
const growing: fc.Arbitrary<Ask> = fc.oneof(
  { weight: 5, arbitrary: holdAsk },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('swap' as const), holder, hold: which, leaving: part, candidates }),
  },
  fc.record({ kind: fc.constant('extend' as const), holder, hold: which }),
);
const rules: fc.Arbitrary<RulesDrawn> = fc.record({
  holdTtlMs: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(60_000)),
  holdCapMs: fc.oneof(fc.integer({ min: 20, max: 60 }), fc.constant(90_000)),
  payWindowMs: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(60_000)),
  maxSeatsPerHolder: fc.integer({ min: 2, max: 6 }),
  holdBudgetMs: fc.oneof(fc.integer({ min: 30, max: 200 }), fc.constant(3_600_000)),
  priceVersion: fc.nat({ max: 3 }),
  paused: oneIn(20),
  roomOn: oneIn(12),
  opensInMs: seldom(fc.integer({ min: 1, max: 20 }), 16),
  closesInMs: seldom(fc.integer({ min: 1, max: 20 }), 24),
});
const settling: fc.Arbitrary<Ask> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      by: fc.constantFrom(
        'holder' as const,
        'holder' as const,
        'booking' as const,
        'wrongBooking' as const,
        'staff' as const,
      ),
      holder,
      hold: which,
      seats: part,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      holder,
      hold: which,
      booking: fc.constantFrom('new' as const, 'last' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('sell' as const),
      hold: fc.option(which, { nil: undefined }),
      seats: fc.oneof({ weight: 9, arbitrary: part }, oddSeats),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('unsell' as const, 'block' as const, 'unblock' as const), seats }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'expire' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('configure' as const), rules }) },
);
const repeat: fc.Arbitrary<Ask> = fc.record({ kind: fc.constant('repeat' as const), back: fc.nat({ max: 40 }) });
const ask = fc.oneof({ weight: 9, arbitrary: growing }, { weight: 8, arbitrary: settling }, repeat);
const worker = fc.nat({ max: 1 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 60, arbitrary: fc.record({ do: fc.constant('ask' as const), worker, ask }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('together' as const),
      worker,
      asks: fc.array(ask, { minLength: 2, maxLength: 5 }),
    }),
  },
  { weight: 6, arbitrary: race(growing) },
  { weight: 6, arbitrary: race(settling) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 25 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('admit' as const), holder, forMs: fc.integer({ min: 1, max: 40 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('lose' as const),
      kept: fc.constantFrom('holds' as const, 'nothing' as const),
    }),
  },
);

const seldomLeftOut = fc.option(step, { nil: undefined, freq: 1_000 });

function race(asks: fc.Arbitrary<Ask>): fc.Arbitrary<Step> {
  const side = fc.array(asks, { minLength: 1, maxLength: 3 });
  return fc.record({ do: fc.constant('race' as const), asks: fc.tuple(side, side) });
}

export interface Program {
  readonly rules: RulesDrawn;
  /** Shrinking leaves steps out. */
  readonly steps: readonly (Step | undefined)[];
}

/** Programs of `commands` steps. */
export function programs(commands: number): fc.Arbitrary<Program> {
  const openRules = rules.map((drawn) => ({ ...drawn, paused: false, roomOn: false, closesInMs: undefined }));
  const steps = fc.array(seldomLeftOut, { minLength: commands, maxLength: commands });
  return fc.record({ rules: openRules, steps });
}
