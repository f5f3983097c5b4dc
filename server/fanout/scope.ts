/** Indexes `start..end-1`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What somebody watches who does not watch the whole map: some sections of one chart, and of the others how much is free. */
export interface Scope {
  /** The same for the same sections of the same chart. */
  readonly key: string;
  readonly sections: readonly number[];
  /** Where their seats are, ascending. */
  readonly ranges: readonly Range[];
  /** Of which chart, and where the seats of each of its sections are. */
  readonly chart: string;
  readonly chartRanges: readonly Range[];
}

export function isWithin(ranges: readonly Range[], index: number): boolean {
  return ranges.some(({ start, end }) => index >= start && index < end);
}
