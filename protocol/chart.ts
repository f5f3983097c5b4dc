/**
 * A chart as every program uses it: seats by index, columns instead of objects.
 * Seats come first (`seated` of them), then the places of each general-admission area, area by area.
 */
export interface Chart {
  /** SHA-256 of the binary pack, hex. The chart's name in URLs and in the event that pins it. */
  readonly hash: string;
  readonly name: string;
  /** All indexes: seats and area places. */
  readonly seats: number;
  /** Indexes below this are seats; from here on they are area places. */
  readonly seated: number;
  readonly sections: readonly ChartSection[];
  readonly areas: readonly ChartArea[];
  /** Price-category keys; `category` holds indexes into this list. */
  readonly categories: readonly string[];
  /** Rows of seats in index order: a row is `start..start+count-1`, left to right. Adjacent within a row unless `gaps` says so. */
  readonly rows: readonly ChartRow[];
  /** Centre of each seat in chart units (1 unit = 1 cm), `seated` long. */
  readonly x: Int16Array;
  readonly y: Int16Array;
  /** Category of each index, `seats` long. */
  readonly category: Uint8Array;
  /** Accessibility and other attributes of each seat as bit set of `SeatAttribute`, `seated` long. */
  readonly attributes: Uint16Array;
  /** Size of the drawing, in chart units; all coordinates lie within. */
  readonly width: number;
  readonly height: number;
  readonly focal: { readonly x: number; readonly y: number };
  /** What is drawn besides seats. */
  readonly shapes: readonly ChartShape[];
}

export const shapeKinds = ['stage', 'field', 'floor'] as const;

/** A stage, a playing field, a piece of floor: drawn below the seats, in this order. */
export interface ChartShape {
  readonly kind: (typeof shapeKinds)[number];
  /** Written on it; may be empty. */
  readonly name: string;
  readonly outline: readonly number[];
}

export interface ChartSection {
  readonly key: string;
  readonly name: string;
  /** Outline as x, y, x, y, … in chart units. */
  readonly outline: readonly number[];
  /** Indexes of the seats of the section are `start..start+count-1`. */
  readonly start: number;
  readonly count: number;
}

export interface ChartRow {
  readonly section: number;
  readonly name: string;
  readonly start: number;
  readonly count: number;
  /** Seat numbers as printed, one per seat. */
  readonly numbers: readonly string[];
  /** Positions in the row after which an aisle breaks adjacency: 3 means between the 4th and 5th seat. */
  readonly gaps: readonly number[];
}

export interface ChartArea {
  readonly key: string;
  readonly name: string;
  readonly outline: readonly number[];
  readonly start: number;
  readonly capacity: number;
  readonly category: number;
}

/** Names after seats.io's seat fields. */
export const SeatAttribute = {
  wheelchair: 1,
  companion: 2,
  stepFree: 4,
  restrictedView: 8,
  hearingLoop: 16,
  signLanguage: 32,
  liftUpArmrest: 64,
  extraLegroom: 128,
} as const;
export type SeatAttributeName = keyof typeof SeatAttribute;

/** A seat's stable label: section key, row name and seat number, as in `101-C-12`; an area place is `KEY-17`. */
export function seatLabel(chart: Chart, index: number): string {
  if (index >= chart.seated) {
    const area = chart.areas.find(({ start, capacity }) => index >= start && index < start + capacity);
    if (!area) throw new RangeError(`no index ${index} in chart ${chart.hash}`);
    return `${area.key}-${index - area.start + 1}`;
  }
  const row = rowOf(chart, index);
  const section = chart.sections[row.section];
  return `${section?.key ?? ''}-${row.name}-${row.numbers[index - row.start] ?? ''}`;
}

/** The row of a seat, by binary search. */
export function rowOf(chart: Chart, index: number): ChartRow {
  let low = 0;
  let high = chart.rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = chart.rows[middle];
    if (!row) break;
    if (index < row.start) high = middle - 1;
    else if (index >= row.start + row.count) low = middle + 1;
    else return row;
  }
  throw new RangeError(`no seat ${index} in chart ${chart.hash}`);
}
