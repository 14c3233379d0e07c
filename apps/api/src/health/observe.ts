import type { Metrics } from '@deptracker/runtime';
import { type Backlog, type Database, observeBacklog, observePool } from '@deptracker/store';

export interface ObserveOptions {
  readonly metrics: Metrics;
  readonly database: Database;
  readonly backlog: () => Promise<readonly Backlog[]>;
  /** Creates that wait for a writer. */
  readonly waiting: () => number;
}

/** Gauges that are read when somebody scrapes; while the database is away those from it are absent. */
export function observe({ metrics, database, backlog, waiting }: ObserveOptions): void {
  observePool(metrics, database);
  observeBacklog(metrics, backlog);
  metrics.gauge({
    name: 'group_commit_waiting',
    help: 'Creates that wait to be written with others.',
    collect() {
      this.set(waiting());
    },
  });
}
