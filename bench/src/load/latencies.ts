import * as hdr from 'hdr-histogram-js';

/** Milliseconds, but for the counts. */
export interface LoadResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly requests: number;
  /** Answers of 400 and above, and requests without an answer. */
  readonly errors: number;
}

const MICROSECONDS = 1_000;
const LONGEST = 120_000_000;

/** An empty histogram of times, exact to three digits. */
export function latencies(): hdr.Histogram {
  return hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: LONGEST, numberOfSignificantValueDigits: 3 });
}

/** Adds a time in milliseconds. */
export function record(times: hdr.Histogram, milliseconds: number): void {
  times.recordValue(Math.min(LONGEST, Math.max(1, Math.round(milliseconds * MICROSECONDS))));
}

/** What the times of so many seconds come to. */
export function summary(times: hdr.Histogram, errors: number, seconds: number): LoadResult {
  const at = (percentile: number): number => times.getValueAtPercentile(percentile) / MICROSECONDS;
  return {
    perSecond: times.totalCount / seconds,
    p50: at(50),
    p95: at(95),
    p99: at(99),
    max: times.maxValue / MICROSECONDS,
    requests: times.totalCount,
    errors,
  };
}
