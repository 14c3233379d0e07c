import type { Component, Logger, Metrics } from '@deptracker/runtime';
import type { Backlog } from './backlog.js';
import type { Database } from './database.js';
import { openDatabase } from './open-database.js';

/** The variables of the pool, as every process reads them. */
export interface PoolVariables {
  readonly DATABASE_URL: string;
  readonly DB_MAX_OPEN_CONNS: number;
  readonly DB_MAX_IDLE_CONNS: number;
  readonly DB_CONN_MAX_LIFETIME: number;
}

/** Opens a process's pool from its configuration; a database that cannot be used is a StartupError. */
export function openPool(config: PoolVariables, service: string, logger: Logger): Promise<Database> {
  return openDatabase({
    url: config.DATABASE_URL,
    maxConnections: config.DB_MAX_OPEN_CONNS,
    maxIdle: config.DB_MAX_IDLE_CONNS,
    maxLifetimeMs: config.DB_CONN_MAX_LIFETIME,
    name: service,
    onError: (error) => logger.warn('a database connection broke', { error: error.message }),
  });
}

/** Postgres in a process's health: without it nothing works. */
export function postgresComponent(database: Database): Component {
  return {
    name: 'postgres',
    critical: true,
    check: async () => {
      await database.query('SELECT 1');
      return { status: 'up', details: database.stats() };
    },
  };
}

/** `db_connections`, read when somebody scrapes. */
export function observePool(metrics: Metrics, database: Database): void {
  metrics.gauge({
    name: 'db_connections',
    help: 'Connections of the pool.',
    labelNames: ['state'],
    collect() {
      const { total, idle, waiting } = database.stats();
      this.set({ state: 'active' }, total - idle);
      this.set({ state: 'idle' }, idle);
      this.set({ state: 'waiting' }, waiting);
    },
  });
}

/** What is owed, read when somebody scrapes; while the database is away the gauges are absent. */
export function observeBacklog(metrics: Metrics, backlog: () => Promise<readonly Backlog[]>): void {
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
  const oldest = (name: string, help: string, pick: (row: Backlog) => number): void => {
    metrics.gauge({
      name,
      help,
      labelNames: ['target'],
      async collect() {
        const rows = await backlog().catch(() => []);
        this.reset();
        for (const target of new Set(rows.map((row) => row.target))) {
          this.set({ target }, Math.max(...rows.filter((row) => row.target === target).map(pick)));
        }
      },
    });
  };
  oldest('effects_oldest_due_seconds', 'How long the oldest effect that is due has waited.', (row) => row.oldestDueSeconds);
  oldest('effects_oldest_failing_seconds', 'How long ago the effect that fails longest failed first.', (row) => row.oldestFailingSeconds);
}
