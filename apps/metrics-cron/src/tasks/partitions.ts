import type { Logger } from '@deptracker/runtime';
import { type Database, dropPartitions, ensurePartitions } from '@deptracker/store';
import type { Task } from '../task.js';

export interface PartitionsTaskOptions {
  readonly database: Database;
  readonly schedule: string;
  /** Milliseconds; undefined keeps deployments for ever. */
  readonly deploymentRetentionMs: number | undefined;
  readonly logger: Logger;
}

/** Quarters after this one that have partitions: so long metrics-cron may be away before the default one fills. */
const AHEAD = 3;

/** Makes the partitions of coming quarters, and drops those that nothing has to be kept of. */
export function partitionsTask({ database, schedule, deploymentRetentionMs, logger }: PartitionsTaskOptions): Task {
  return {
    name: 'partitions',
    schedule,
    run: async () => {
      // First what is to come: a drop that gets no lock ends the run.
      const made = await ensurePartitions(database, AHEAD);
      if (made.length > 0) logger.info('partitions made', { partitions: made });
      const dropped = deploymentRetentionMs === undefined ? [] : await dropPartitions(database, deploymentRetentionMs);
      if (dropped.length > 0) logger.info('partitions dropped', { partitions: dropped });
      return { finished: true, changed: dropped.length + made.length };
    },
  };
}
