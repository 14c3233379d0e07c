import type { Metrics } from '@deptracker/runtime';
import { type Backlog, type ChangeFeed, type Database, observeBacklog, observePool } from '@deptracker/store';

export interface ObserveOptions {
  readonly metrics: Metrics;
  readonly database: Database;
  readonly backlog: () => Promise<readonly Backlog[]>;
  /** Creates that wait for a writer. */
  readonly waiting: () => number;
  /** Callers that wait for a decision. */
  readonly gates: { readonly waiting: () => number };
  readonly changes: Pick<ChangeFeed, 'connected'>;
}

/** Gauges that are read when somebody scrapes; while the database is away those from it are absent. */
export function observe({ metrics, database, backlog, waiting, gates, changes }: ObserveOptions): void {
  observePool(metrics, database);
  observeBacklog(metrics, backlog);
  metrics.gauge({
    name: 'group_commit_waiting',
    help: 'Creates that wait to be written with others.',
    collect() {
      this.set(waiting());
    },
  });
  metrics.gauge({
    name: 'gate_waiting',
    help: 'Callers that wait at a gate.',
    collect() {
      this.set(gates.waiting());
    },
  });
  metrics.gauge({
    name: 'changes_connected',
    help: 'Whether changes by other processes are heard of at once (1) or found by looking (0).',
    collect() {
      this.set(changes.connected() ? 1 : 0);
    },
  });
}
