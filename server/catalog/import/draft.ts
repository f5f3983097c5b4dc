import type { SeatAttributeName } from '../../../protocol/chart.js';
import type { ChartSourceInput } from '../chart-source.js';
import type { Place } from './report.js';

/** A point, cm. */
export type Point = [x: number, y: number];

/** A seat as a file has it: names as written, but trimmed and in Unicode's composed form (NFC). */
export interface DraftSeat {
  /** Tells sections apart; their titles are in `Draft.titles`. */
  readonly section: string;
  readonly row: string;
  readonly number: string;
  readonly category: string;
  readonly attributes: readonly SeatAttributeName[];
  /** Undefined: it has to be laid out. */
  readonly at: Point | undefined;
  readonly place: Place;
}

/** What the readers of foreign formats have in common: seats one by one, in any order. */
export interface Draft {
  readonly name: string;
  readonly seats: readonly DraftSeat[];
  /** Titles of sections whose name for people is not what tells them apart. */
  readonly titles: ReadonlyMap<string, string>;
  /** Price categories, best first; those that only seats name follow in the order of the file. */
  readonly categories: readonly string[];
  readonly focal: Point | undefined;
  readonly shapes: NonNullable<ChartSourceInput['shapes']>;
  /** The place of something about a seat, for a message: in a table its column. */
  placeIn(seat: DraftSeat, what: 'section' | 'row' | 'number' | 'category' | 'at'): Place;
}
