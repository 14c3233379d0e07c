import type { Contender } from '../contender.js';
import type { LoadResult } from '../load/latencies.js';

export interface RunOptions {
  /** Seconds that each run takes. */
  readonly seconds: number;
}

/** One way of using the API, the same for both builds. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Left out of `make bench-quick`. */
  readonly long?: true;
  /** Makes what the runs need, once per contender. */
  readonly prepare?: (contender: Contender) => Promise<void>;
  readonly run: (contender: Contender, options: RunOptions) => Promise<LoadResult>;
}
