import type { Metrics } from '@deptracker/runtime';
import type { Backlog, Database } from '@deptracker/store';

export interface ObserveOptions {
  readonly metrics: Metrics;
  readonly database: Database;
  readonly backlog: () => Promise<readonly Backlog[]>;
  /** Creates that wait for a writer. */
  readonly waiting: () => number;
}

function observeDatabase({ metrics, database, waiting }: ObserveOptions): void {
  metrics.gauge({
    name: 'db_connections',
    help: 'Connections of the pool.',
    labelNames: ['state'],
    collect() {
      const { total, idle, waiting: queued } = database.stats();
      this.set({ state: 'active' }, total - idle);
      this.set({ state: 'idle' }, idle);
      this.set({ state: 'waiting' }, queued);
    },
  });
  metrics.gauge({
    name: 'group_commit_waiting',
    help: 'Creates that wait to be written with others.',
    collect() {
      this.set(waiting());
    },
  });
}

function observeBacklog({ metrics, backlog }: ObserveOptions): void {
  metrics.gauge({
    name: 'effects_backlog',
    help: 'Effects that are not done.',
    labelNames: ['target', 'phase'],
    async collect() {
      const rows = await backlog().catch(() => []);
      this.reset();
      for (const { target, phase, count } of rows) this.inc({ target, phase }, count);
    },
  });
  metrics.gauge({
    name: 'effects_oldest_due_seconds',
    help: 'How long the oldest effect that is due has waited.',
    labelNames: ['target'],
    async collect() {
      const rows = await backlog().catch(() => []);
      this.reset();
      for (const target of new Set(rows.map((row) => row.target))) {
        const mine = rows.filter((row) => row.target === target);
        this.set({ target }, Math.max(...mine.map((row) => row.oldestDueSeconds)));
      }
    },
  });
}

/** Gauges that are read when somebody scrapes; while the database is away those from it are absent. */
export function observe(options: ObserveOptions): void {
  observeDatabase(options);
  observeBacklog(options);
}
