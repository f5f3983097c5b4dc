import type { Status } from '../../protocol/status.js';
import type { Outcome } from '../core/result.js';

/**
 * What can be asked of the seat engine, and what it answers. Seats are indexes of the event's chart.
 *
 * A hold's life (all transitions made by the Lua scripts, all times by Redis TIME):
 *   hold → held ── extend, swap ──→ held
 *          held ── release, expire, forced ──→ gone
 *          held ── claim ──→ paying        (never lapses by itself; moves from `expiries` to `payBy`)
 *        paying ── sell ──→ gone, its seats sold
 *        paying ── release by its booking ──→ gone, its seats available
 */

export interface HoldRecord {
  readonly id: string;
  readonly holder: string;
  readonly seats: readonly number[];
  readonly phase: 'held' | 'paying';
  /** In phase `held` the lapse, in phase `paying` the deadline of the payment. */
  readonly expiresAt: number;
  /** The latest `expiresAt` that extensions can reach. */
  readonly capAt: number;
  readonly priceVersion: number;
  /** Set in phase `paying`. */
  readonly bookingId: string | undefined;
}

interface Operation {
  /** Names the intent. A repeated opId of the same holder gets the first answer. */
  readonly opId: string;
}

/** Takes the first candidate that is wholly free, all of its seats or none. */
export interface HoldOperation extends Operation {
  readonly kind: 'hold';
  readonly holder: string;
  /** New id, drawn by the caller. */
  readonly holdId: string;
  /**
   * Instead of making `holdId`, the seats join this hold of the same holder: all become one hold, its lapse, cap and
   * price version unchanged. `gone` when there is none in phase `held`.
   */
  readonly joins?: string;
  /** 1–16 alternatives; a click on seats is one. */
  readonly candidates: readonly (readonly number[])[];
}

export interface ExtendOperation extends Operation {
  readonly kind: 'extend';
  readonly holder: string;
  readonly holdId: string;
}

/**
 * Some seats of a hold go and others come in their place, or nothing changes: the buyer is never without either.
 * Lapse, cap and price version stay.
 */
export interface SwapOperation extends Operation {
  readonly kind: 'swap';
  readonly holder: string;
  readonly holdId: string;
  readonly leaving: readonly number[];
  /** 1–16 alternatives for what comes; the first that is wholly free. */
  readonly candidates: readonly (readonly number[])[];
}

/** Who may end a hold: its holder (phase `held`), its booking (phase `paying`), staff (phase `held`). */
export type ReleaseBy = { readonly holder: string } | { readonly bookingId: string } | { readonly staff: string };

export interface ReleaseOperation extends Operation {
  readonly kind: 'release';
  readonly by: ReleaseBy;
  readonly holdId: string;
  /** Some of the seats (holder only); all when absent. */
  readonly seats: readonly number[] | undefined;
}

/** held → paying. `expiresAt` becomes min(now, capAt) + pay window. */
export interface ClaimOperation extends Operation {
  readonly kind: 'claim';
  readonly holder: string;
  readonly holdId: string;
  readonly bookingId: string;
}

/**
 * Writes what Postgres has decided: these seats are sold. Idempotent. Ends the hold when there is one, and takes the
 * seats from whoever else holds them, because Postgres is right (that holder is told `forced`).
 */
export interface SellOperation extends Operation {
  readonly kind: 'sell';
  readonly bookingId: string;
  readonly holdId: string | undefined;
  readonly seats: readonly number[];
}

/** sold → available, after a refund that Postgres has recorded. Seats that are not sold are left alone. */
export interface UnsellOperation extends Operation {
  readonly kind: 'unsell';
  readonly bookingId: string;
  readonly seats: readonly number[];
}

/** available → blocked, all or none; a held or sold seat refuses with `taken`. */
export interface BlockOperation extends Operation {
  readonly kind: 'block';
  readonly staff: string;
  readonly seats: readonly number[];
}

/** blocked → available. Seats that are not blocked are left alone. */
export interface UnblockOperation extends Operation {
  readonly kind: 'unblock';
  readonly staff: string;
  readonly seats: readonly number[];
}

/** Ends due holds (every other call does so too, first). */
export interface ExpireOperation extends Operation {
  readonly kind: 'expire';
}

/** New rules for the event: the whole of `EventRules`, effective from this call. */
export interface ConfigureOperation extends Operation {
  readonly kind: 'configure';
  readonly rules: EventRules;
}

export type GrowOperation = HoldOperation | SwapOperation | ExtendOperation;
export type SettleOperation =
  | ReleaseOperation
  | ClaimOperation
  | SellOperation
  | UnsellOperation
  | BlockOperation
  | UnblockOperation
  | ExpireOperation
  | ConfigureOperation;
export type SeatOperation = GrowOperation | SettleOperation;

/** hold, swap, extend, claim and a partial release answer with the hold; the rest with nothing. */
export type OperationOutcome = Outcome<{ readonly hold: HoldRecord | undefined }>;

/** What the scripts check before a hold. Times in ms since 1970, durations in ms. */
export interface EventRules {
  readonly opensAt: number;
  /** 0: never. */
  readonly closesAt: number;
  readonly paused: boolean;
  readonly roomOn: boolean;
  readonly maxSeatsPerHolder: number;
  /** How long one holder may hold seats of the event in all. */
  readonly holdBudgetMs: number;
  readonly holdTtlMs: number;
  readonly holdCapMs: number;
  readonly payWindowMs: number;
  readonly priceVersion: number;
}

/** The opening of an event that nobody has put on sale: the last millisecond of the year 9999. */
export const NOT_YET = 253_402_300_799_999;

/** The answer of one script call: everything in it happened at one position, or the event needs recovery. */
export type BatchReply =
  | { readonly stale: true }
  | {
      readonly stale: false;
      readonly now: number;
      readonly epoch: number;
      readonly seq: number;
      /** When the next hold lapses; undefined when none can. */
      readonly nextDue: number | undefined;
      /** In the order of the operations. */
      readonly outcomes: readonly OperationOutcome[];
    };

/** The index space of a chart: seats below `seated`, then the places of each area. */
export interface EventShape {
  readonly seats: number;
  readonly seated: number;
  readonly areas: readonly { readonly start: number; readonly capacity: number }[];
}

/** Everything about an event's seats at one position. */
export interface SeatSnapshot {
  /** What the event's chart was when this epoch began. */
  readonly shape: EventShape;
  readonly epoch: number;
  readonly seq: number;
  readonly digest: number;
  readonly now: number;
  /** 2 bits an index, seats and area places. */
  readonly status: Uint8Array;
  /** Lapse of each seat that is held and can lapse (phase `held`). */
  readonly expiries: ReadonlyMap<number, number>;
  /** How many holds there are, those being paid for included. */
  readonly holds: number;
  readonly rules: EventRules;
}

/** What one call changed: published by the script on the event's channel, for workers only. */
export interface SeatDiff {
  readonly epoch: number;
  readonly seq: number;
  /** Of the whole map, after the change. */
  readonly digest: number;
  readonly now: number;
  readonly nextDue: number | undefined;
  /** `expiresAt` is 0 unless the seat is now held and can lapse. Area places are included, by index. */
  readonly changes: readonly { readonly index: number; readonly status: Status; readonly expiresAt: number }[];
  readonly holds: readonly HoldChange[];
  /** Set when the call changed them. */
  readonly rules: EventRules | undefined;
}

export interface HoldChange {
  readonly holder: string;
  readonly holdId: string;
  readonly change: 'held' | 'swapped' | 'extended' | 'released' | 'expired' | 'forced' | 'paying' | 'sold';
}

/** One row of the journal in Postgres: one seat's change, with who, why, when and at which position. */
export interface JournalRow {
  readonly epoch: number;
  readonly seq: number;
  /** Orders the changes of one call; a seat may change twice in it (lapse, then hold). */
  readonly ordinal: number;
  readonly at: number;
  readonly seat: number;
  readonly status: Status;
  readonly kind: SeatOperation['kind'];
  /** holder, booking id, staff id, or 'clock' for a lapse. */
  readonly actor: string;
  readonly opId: string;
  readonly holdId: string | undefined;
}

/** What a rebuild writes. Holds that survive in Redis and do not collide with these are kept. */
export interface RebuildInput extends EventShape {
  readonly generation: number;
  readonly sold: readonly number[];
  readonly blocked: readonly number[];
  /** Bookings in progress: their holds, restored in phase `paying`. */
  readonly claims: readonly {
    readonly holdId: string;
    readonly holder: string;
    readonly bookingId: string;
    readonly seats: readonly number[];
    readonly payBy: number;
    readonly capAt: number;
    readonly priceVersion: number;
  }[];
  readonly rules: EventRules;
}

/**
 * Seat state of events, kept in Redis and changed only by scripts. Every method is one round trip.
 * A lost or foreign generation answers `stale`: the caller recovers the event and asks again.
 * @throws Fault `unavailable` when Redis cannot be reached, is out of memory (grow only) or answers too late.
 *   The effect of a call that failed so is unknown; repeating it with the same opIds is safe.
 */
export interface SeatStore {
  grow(event: string, operations: readonly GrowOperation[]): Promise<BatchReply>;
  settle(event: string, operations: readonly SettleOperation[]): Promise<BatchReply>;
  snapshot(event: string): Promise<SeatSnapshot | { readonly stale: true }>;
  /** What a heartbeat confirms. */
  position(
    event: string,
  ): Promise<{ epoch: number; seq: number; digest: number; now: number } | { readonly stale: true }>;
  /**
   * Makes the event stale for everybody until it is rebuilt under a newer generation.
   * @returns its holds, which nobody can change from then on; one whose time is over may be among them.
   */
  suspend(event: string, generation: number): Promise<readonly HoldRecord[]>;
  rebuild(event: string, input: RebuildInput): Promise<{ epoch: number; seq: number; nextDue: number | undefined }>;
  hold(event: string, holdId: string): Promise<HoldRecord | undefined>;
  holdsOf(event: string, holder: string): Promise<readonly HoldRecord[] | { readonly stale: true }>;
  /** Holds in phase `paying` whose deadline has passed, oldest first, at most `limit`. */
  overduePayments(event: string, limit: number): Promise<readonly HoldRecord[]>;
  /** The oldest undrained entries of the journal. */
  readJournal(
    event: string,
    limit: number,
  ): Promise<{
    readonly rows: readonly JournalRow[];
    readonly upTo: string | undefined;
    /** `limit` was reached. */
    readonly more: boolean;
    /** How full the journal is, from 0 to 1: at 1 holds are refused. */
    readonly filled: number;
  }>;
  /** Drops all that Redis has of an event that is over. False, and nothing done, while that would lose something. */
  archive(event: string): Promise<boolean>;
  /** Drops entries up to and including `upTo`, which Postgres has committed. */
  trimJournal(event: string, upTo: string): Promise<void>;
}
