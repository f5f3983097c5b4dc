import { build, type Histogram } from 'hdr-histogram-js';

/** Latencies in microseconds, in constant space. */
export interface Latencies {
  add(ms: number): void;
  /** In milliseconds. */
  percentile(share: number): number;
}

export function createLatencies(): Latencies {
  const histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: 3,
  });
  return {
    add: (ms) => histogram.recordValue(Math.max(1, Math.round(ms * 1000))),
    percentile: (share) => histogram.getValueAtPercentile(share * 100) / 1000,
  };
}
