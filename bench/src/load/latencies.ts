import * as hdr from 'hdr-histogram-js';
import type { LoadResult } from './load-result.js';

const MICROSECONDS = 1_000;
const LONGEST = 120_000_000;

/** An empty histogram of times, exact to three digits. */
export function latencies(): hdr.Histogram {
  return hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: LONGEST, numberOfSignificantValueDigits: 3 });
}

/** Adds a time in milliseconds. */
export function record(times: hdr.Histogram, milliseconds: number): void {
  recordMany(times, Math.round(milliseconds * MICROSECONDS), 1);
}

/** Adds a time in whole microseconds that was taken so many times. */
export function recordMany(times: hdr.Histogram, microseconds: number, count: number): void {
  times.recordValueWithCount(Math.min(LONGEST, Math.max(1, microseconds)), count);
}

/** The time in milliseconds within which so many percent were done. */
export function at(times: hdr.Histogram, percentile: number): number {
  return times.totalCount === 0 ? 0 : times.getValueAtPercentile(percentile) / MICROSECONDS;
}

/** What the times of so many seconds come to. */
export function summary(times: hdr.Histogram, errors: number, seconds: number): LoadResult {
  return {
    perSecond: times.totalCount / seconds,
    p50: at(times, 50),
    p95: at(times, 95),
    p99: at(times, 99),
    max: times.totalCount === 0 ? 0 : times.maxValue / MICROSECONDS,
    requests: times.totalCount,
    errors,
  };
}

/** Runs something and adds how long it took. */
export async function timed(times: hdr.Histogram, run: () => Promise<unknown>): Promise<void> {
  const before = performance.now();
  await run();
  record(times, performance.now() - before);
}
