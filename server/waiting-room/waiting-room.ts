import type { Line } from '../../protocol/line.js';

/** The waiting room of an event: who comes first is called first. Interface of the domain. */

/** off: no line. open: people are called. paused: people may join, and nobody is called. */
export const roomStates = ['off', 'open', 'paused'] as const;
export type RoomState = (typeof roomStates)[number];

export interface RoomRules {
  readonly state: RoomState;
  /** At most so many are called in a minute. */
  readonly ratePerMinute: number;
  /** At most so many are inside at a time. */
  readonly maxActive: number;
  /** For how long somebody may take seats who has been called, ms. */
  readonly admissionMs: number;
  /** Told to everybody who waits. */
  readonly message: string;
}

/** What everybody in the line is told, twice a second. */
export interface LineNews extends Line {
  readonly state: 'open' | 'paused' | 'soldOut';
  readonly waiting: number;
  /** Another one than before: Redis has lost the line, and whoever has a receipt shows it. */
  readonly life: number;
  /** How many are inside. */
  readonly active: number;
  /** How many have been called in the last minute. */
  readonly perMinute: number;
  readonly message: string;
  /** Redis time. */
  readonly now: number;
}

export type Standing =
  /** The receipt brings the place back, to this holder alone, should the line be lost. */
  | { readonly kind: 'waiting'; readonly place: number; readonly receipt: string }
  /** They may take seats until then. */
  | { readonly kind: 'admitted'; readonly until: number };

/** @throws Fault `unavailable` when Redis cannot answer, as all of these. */
export interface WaitingRoom {
  /**
   * The holder's place, a new one at the end if they have none. Asking again changes nothing.
   * @param receipt of an earlier life of the line; one that is not the holder's counts for nothing.
   */
  join(event: string, holder: string, receipt?: string): Promise<Standing>;
  /** Gives up the place, or the admission: its slot is free for the next. */
  leave(event: string, holder: string): Promise<void>;
  isAdmitted(event: string, holder: string): Promise<boolean>;
  /** The line without what only the background process knows of it. */
  line(event: string): Promise<Line & { readonly now: number }>;
}
