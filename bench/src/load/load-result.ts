/** What happened in a slice of a run. */
export interface Slice {
  /** When the slice ended, in seconds since the run began. */
  readonly second: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
}

/** What a load found: times in milliseconds, 0 where nothing was timed. */
export interface LoadResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly requests: number;
  /** Answers of 400 and above, and requests without an answer. */
  readonly errors: number;
  readonly slices?: readonly Slice[];
  /** What else this scenario measures, by a name that says the unit. */
  readonly figures?: Readonly<Record<string, number>>;
}
