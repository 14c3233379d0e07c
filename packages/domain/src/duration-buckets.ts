const FIRST_MS = 100;
const GROWTH = 1.1;
const LAST_MS = 60 * 86_400_000;

/**
 * Bounds between buckets of durations, in milliseconds: 100 ms, and from there by a tenth each up to sixty days. Bucket n
 * holds what is at least bound n-1 and below bound n. Counts of any hours, projects and environments can be added up, and
 * a percentile of the sum is off by 5 % at most. Rollups that are stored go by these numbers: they never change.
 */
export const DURATION_BOUNDS_MS: readonly number[] = Array.from(
  { length: Math.ceil(Math.log(LAST_MS / FIRST_MS) / Math.log(GROWTH)) + 1 },
  (_, index) => Math.round(FIRST_MS * GROWTH ** index),
);

/** How many durations are in a bucket. */
export interface DurationCount {
  readonly bucket: number;
  readonly samples: number;
}

/** What a duration of this bucket may have been: in the middle between its bounds, as logarithms go. */
function typicalMs(bucket: number): number {
  const from = DURATION_BOUNDS_MS[bucket - 1];
  const to = DURATION_BOUNDS_MS[bucket];
  if (from === undefined) return FIRST_MS / 2;
  return to === undefined ? from : Math.sqrt(from * to);
}

/** The percentile (`share` of 0 to 1) of all durations together, in milliseconds; null where there is none. */
export function percentileMs(counts: readonly DurationCount[], share: number): number | null {
  const sorted = [...counts].sort((a, b) => a.bucket - b.bucket);
  const total = sorted.reduce((sum, { samples }) => sum + samples, 0);
  let left = Math.max(1, Math.ceil(share * total));
  for (const { bucket, samples } of sorted) {
    left -= samples;
    if (left <= 0) return typicalMs(bucket);
  }
  return null;
}
