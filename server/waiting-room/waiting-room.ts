import type { LineFrame } from '../../protocol/down.js';
import type { Line } from '../../protocol/line.js';
import type { Presale } from './presale.js';

/** The waiting room of an event: who comes first is called first. Interface of the domain. */

/** What everybody in the line is told, twice a second. */
export type LineNews = Omit<LineFrame, 'type' | 'event'>;

export type Standing =
  /** The receipt brings the place back, to this holder alone, should the line be lost. */
  | { readonly kind: 'waiting'; readonly place: number; readonly isNew: boolean; readonly receipt: string }
  /** They may take seats until then. */
  | { readonly kind: 'admitted'; readonly until: number };

export interface JoinWish {
  /** Of an earlier life of the line; one that is not the holder's counts for nothing. */
  readonly receipt?: string | undefined;
  /** True by default. */
  readonly mayHaveNew?: boolean;
}

/** @throws Fault `unavailable` when Redis cannot answer, as all of these. */
export interface WaitingRoom {
  /**
   * The holder's place, a new one at the end if they have none. Asking again changes nothing.
   * `slowed`: they have none, and may not have a new one now.
   */
  join(event: string, holder: string, wish?: JoinWish): Promise<Standing | 'slowed'>;
  /** Of a presale: whoever has shown a code once need not show it again. */
  showCode: Presale['show'];
  /** In the transaction of staff's act. */
  addCodes: Presale['add'];
  /** Staff let in whoever waits at this place, or take them out of the line. False when nobody does. */
  admitPlace(event: string, place: number): Promise<boolean>;
  removePlace(event: string, place: number): Promise<boolean>;
  /** Staff at a counter do not stand in the line: for so long they may take seats, and nobody loses a slot. */
  letBy(event: string, holder: string, forMs: number): Promise<void>;
  /** Gives up the place, or the admission: its slot is free for the next. */
  leave(event: string, holder: string): Promise<void>;
  /** Places are entries of a draw that is still to come. */
  isDrawing(event: string): Promise<boolean>;
  isAdmitted(event: string, holder: string): Promise<boolean>;
  /** The line without what only the background process knows of it. */
  line(event: string): Promise<Line & { readonly now: number }>;
}
