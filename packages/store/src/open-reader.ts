import type { Component, Logger, Metrics } from '@deptracker/runtime';
import { type Database, createDatabase } from './database.js';
import type { PoolVariables } from './operate.js';
import { type Reader, createReader, readFromPrimary } from './reader.js';
import { watchReplica } from './replica.js';

export interface ReaderVariables extends PoolVariables {
  readonly DATABASE_READ_URL?: string | undefined;
  readonly DATABASE_READ_MAX_AGE: number;
}

interface Parts {
  readonly primary: Database;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly service: string;
}

/** Opens the pool of the replica, where there is one; one that is away keeps nobody from starting. */
export function openReader(config: ReaderVariables, { primary, metrics, logger, service }: Parts): Reader {
  if (config.DATABASE_READ_URL === undefined) return readFromPrimary(primary);
  const replica = createDatabase({
    url: config.DATABASE_READ_URL,
    maxConnections: config.DB_MAX_OPEN_CONNS,
    maxIdle: config.DB_MAX_IDLE_CONNS,
    maxLifetimeMs: config.DB_CONN_MAX_LIFETIME,
    name: `${service}-reads`,
    onError: (error) => logger.warn('a connection to the replica broke', { error: error.message }),
  });
  const watch = watchReplica({ primary, replica, maxAgeMs: config.DATABASE_READ_MAX_AGE });
  const reads = metrics.counter({ name: 'db_reads_total', help: 'Reads that may go to the replica, by where they went.', labelNames: ['from'] });
  metrics.gauge({
    name: 'db_replica_age_seconds',
    help: 'By how much what the replica shows may be out of date; absent while nobody knows.',
    collect() {
      const { ageMs } = watch.state();
      if (Number.isFinite(ageMs)) this.set(ageMs / 1000);
      else this.reset();
    },
  });
  return createReader({ primary, replica, watch, onRead: (from) => reads.inc({ from }) });
}

/** The replica in a process's health, which works without it; none where there is no replica. */
export function replicaComponents(reader: Reader): Component[] {
  if (reader.state() === null) return [];
  return [
    {
      name: 'replica',
      critical: false,
      check: () => {
        const trouble = reader.state()?.trouble ?? null;
        const message = `is not asked, because ${trouble}; the primary is`;
        return Promise.resolve(trouble === null ? { status: 'up' as const } : { status: 'degraded' as const, message });
      },
    },
  ];
}
