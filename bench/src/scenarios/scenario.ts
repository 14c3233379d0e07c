import type { BuildName, Contender, ProductOptions } from '../contender.js';
import type { Ground } from '../ground/ground.js';
import type { LoadResult } from '../load/load-result.js';

/** Runs for so many seconds, or until its work is done. */
export type Load = (seconds: number) => Promise<LoadResult>;

/** What a scenario has to work with, in each of its turns. */
export interface Turn {
  readonly contender: Contender;
  readonly ground: Ground;
  /** How many things a scenario makes that works on a heap of them. */
  readonly count: number;
  /** For files of this turn alone. */
  readonly folder: string;
  /** Does something when the turn has ended, after the build was stopped. */
  atEnd(clean: () => Promise<void>): void;
}

/** One way of using Dep Tracker, the same for both builds where both can do it. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Who takes part; default both. */
  readonly builds?: readonly BuildName[];
  /** Part of `make bench-quick`. */
  readonly quick?: true;
  /** Only where it is asked for by name, or in the quick bench. */
  readonly extra?: true;
  /** Runs of each build; default 3. */
  readonly rounds?: number;
  /** Runs of the baseline, where fewer say enough: far beyond what it can do. */
  readonly baselineRounds?: number;
  /** Length of a run; default 10. */
  readonly seconds?: number;
  /** Length of the load before the measured one; default 2. */
  readonly warmSeconds?: number;
  /** Things that it makes, where nothing else is asked for. */
  readonly count?: number;
  /** Runs in a database with a long history (`--rows`) instead of an empty one. */
  readonly filled?: true;
  readonly product?: ProductOptions;
  /** Makes what is needed, unmeasured, and gives the load. */
  readonly prepare: (turn: Turn) => Promise<Load>;
}
