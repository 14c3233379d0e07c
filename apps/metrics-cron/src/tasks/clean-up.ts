import type { Counter, Logger } from '@deptracker/runtime';
import {
  type Database,
  findDroppable,
  removeDeployments,
  removeExpiredAnswers,
  removeExpiredKeys,
  removeHeartbeats,
  removeInbound,
  removeOrphans,
  removeSlaWindows,
  removeSpentNotices,
} from '@deptracker/store';
import type { Task } from '../task.js';

export interface CleanUpTaskOptions {
  readonly database: Database;
  readonly schedule: string;
  /** All in milliseconds. */
  readonly dedupeRetentionMs: number;
  readonly noticeRetentionMs: number;
  /** Undefined keeps deployments for ever. */
  readonly deploymentRetentionMs: number | undefined;
  readonly removed: Counter<'what'>;
  readonly logger: Logger;
}

interface Step {
  readonly what: string;
  readonly batch: number;
  readonly remove: (max: number) => Promise<number>;
}

const DAY_MS = 86_400_000;
const SLA_RETENTION_MS = 400 * DAY_MS;
const BATCH = 1_000;
// Each takes a few dozen rows of other tables with it.
const DEPLOYMENT_BATCH = 100;

function stepsOf(options: CleanUpTaskOptions): Step[] {
  const { database, deploymentRetentionMs } = options;
  const step = (what: string, remove: Step['remove'], batch = BATCH): Step => ({ what, batch, remove });
  return [
    step('keys', (max) => removeExpiredKeys(database, max)),
    step('answers', (max) => removeExpiredAnswers(database, max)),
    step('inbound', (max) => removeInbound(database, max, options.dedupeRetentionMs)),
    step('notices', (max) => removeSpentNotices(database, max, options.noticeRetentionMs)),
    step('sla_windows', (max) => removeSlaWindows(database, max, SLA_RETENTION_MS)),
    step('heartbeats', (max) => removeHeartbeats(database, max, DAY_MS)),
    ...(deploymentRetentionMs === undefined
      ? []
      : [
          step(
            'deployments',
            async (max) => {
              const spared = await findDroppable(database, deploymentRetentionMs);
              return database.transaction((uow) => removeDeployments(uow, max, deploymentRetentionMs, spared));
            },
            DEPLOYMENT_BATCH,
          ),
        ]),
    // Without a retention too: it may have been set before.
    step('orphans', (max) => removeOrphans(database, max)),
  ];
}

/** Removes what nobody needs any more, batch by batch; each kind goes on where another fails. */
export function cleanUpTask(options: CleanUpTaskOptions): Task {
  const steps = stepsOf(options);
  return {
    name: 'clean-up',
    schedule: options.schedule,
    run: async ({ isOver }) => {
      const failures: string[] = [];
      let changed = 0;
      for (const { what, batch, remove } of steps) {
        try {
          for (let count = batch; count === batch; ) {
            if (isOver()) return { finished: false, changed };
            count = await remove(batch);
            changed += count;
            options.removed.inc({ what }, count);
          }
        } catch (error) {
          failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
          options.logger.warn('clean-up failed', { what, error });
        }
      }
      if (failures.length > 0) throw new Error(failures.join('; '));
      return { finished: true, changed };
    },
  };
}
