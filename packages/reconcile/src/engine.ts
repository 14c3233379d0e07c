import type { Vendor } from '@deptracker/resilience';
import type { Database, Effect, GatheredEffects } from '@deptracker/store';
import type { Gatherer, Reconciler } from './reconciler.js';
import type { Patience } from './settle.js';

export interface EngineOptions {
  readonly database: Database;
  /** The same database, where the statements of runs at the same time are gathered. */
  readonly effects: GatheredEffects;
  readonly vendor: Vendor;
  readonly reconcilers: Readonly<Record<string, Reconciler | Gatherer>>;
  readonly patience: Patience;
  readonly leaseMs: number;
  /** The longest that one request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborted when the process drains and time is up. */
  readonly signal: AbortSignal;
  /** Groups that this process is looking up now; one look-up serves all of a group. */
  readonly lookingUp: Set<string>;
  /** Whether this run may keep its place while it waits although it is not urgent: all but one may. */
  readonly mayLinger: () => boolean;
}

/** How a run ended, as a value. `again` names effects that are due at once. */
export interface RunResult {
  readonly outcome: 'nothing' | 'postponed' | 'sent' | 'updated' | 'unknown' | 'failed' | 'dead' | 'discarded' | 'held' | 'gathered' | 'lost_lease';
  readonly effect: Effect | null;
  readonly error: string | null;
  readonly again: readonly string[];
  /** Milliseconds for which the run keeps its place, since whoever came next would be put off just the same. */
  readonly restMs: number;
}

/** A result with what it leaves out filled in. */
export const result = (
  outcome: RunResult['outcome'],
  effect: Effect | null = null,
  error: string | null = null,
  again: readonly string[] = [],
): RunResult => ({ outcome, effect, error, again, restMs: 0 });
