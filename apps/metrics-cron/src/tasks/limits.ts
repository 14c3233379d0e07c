import { type ChangeOptions, limitDeployment } from '@deptracker/application';
import type { Offers } from '@deptracker/reconcile';
import type { Logger } from '@deptracker/runtime';
import { type Database, findLapsed } from '@deptracker/store';
import type { Task } from '../task.js';

export interface LimitsTaskOptions {
  readonly database: Database;
  readonly schedule: string;
  /** Milliseconds that a notice waits for others to join it in a digest. */
  readonly noticeDelayMs: () => Promise<number>;
  readonly offers: Pick<Offers, 'queueMs' | 'offer'>;
  readonly logger: Logger;
}

const BATCH = 100;

/** Lets approvals expire and rollouts time out, each deployment in a transaction of its own that judges it anew. */
export function limitsTask({ database, schedule, noticeDelayMs, offers, logger }: LimitsTaskOptions): Task {
  const change: ChangeOptions = { database, noticeDelayMs, queueMs: () => offers.queueMs() };

  /** What it owes by now is offered after the commit. */
  async function apply(id: string): Promise<void> {
    const { deployment, effects } = await limitDeployment(change, id);
    offers.offer(effects);
    const { project, environment, status } = deployment;
    logger.info(`deployment ${status}`, { deployment_id: id, project, environment });
  }

  return {
    name: 'limits',
    schedule,
    run: async ({ isOver }) => {
      const done = new Set<string>();
      // Those that cannot be changed must not hide the others behind them.
      const failures = new Map<string, string>();
      for (;;) {
        const ids = (await findLapsed(database, BATCH + failures.size)).filter((id) => !failures.has(id));
        for (const id of ids) {
          if (isOver()) return { finished: false, changed: done.size };
          try {
            if (done.has(id)) throw new Error('its limit stays, although it was applied');
            await apply(id);
            done.add(id);
          } catch (error) {
            failures.set(id, error instanceof Error ? error.message : String(error));
            logger.warn('a limit of time could not be applied', { deployment_id: id, error });
          }
        }
        if (ids.length > 0) continue;
        const [first] = failures.values();
        if (first !== undefined) throw new Error(`${failures.size} deployments stay as they are: ${first}`);
        return { finished: true, changed: done.size };
      }
    },
  };
}
