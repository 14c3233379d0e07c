import { once } from 'node:events';
import { bounded, createQueue, startLoop } from '@deptracker/reconcile';
import type { Logger } from '@deptracker/runtime';
import { type Database, listDueTasks, takeUnqueuedTasks } from '@deptracker/store';
import type { TaskRunner } from './task-runner.js';

export interface SchedulerOptions {
  readonly database: Database;
  readonly redisUrl: string;
  /** Before every key in Redis. */
  readonly prefix: string;
  /** The tasks that this process knows. */
  readonly names: readonly string[];
  readonly runner: TaskRunner;
  readonly logger: Logger;
  /** Called after each look at what is due, whatever became of it. */
  readonly alive: () => void;
}

export interface Scheduler {
  state(): { readonly redis: 'up' | 'down'; readonly running: readonly string[] };
  /** Stops queueing and claiming, and waits at most `graceMs` for what runs. */
  stop(graceMs: number): Promise<void>;
}

interface TaskJob {
  readonly task: string;
}

const TICK_MS = 1_000;
const REDIS_TIMEOUT_MS = 500;
const CLOSE_TIMEOUT_MS = 2_000;
const CONCURRENCY = 2;
/** A job that nobody took within this time is taken for lost, and the task is queued again. */
const QUEUE_MS = 10_000;
/** Jobs beyond which nothing is added: nobody takes them. */
const MOST_WAITING = 20;
/** A task that is due for so long is run by whoever sees it: the queue does not do its work. */
const OVERDUE_MS = 30_000;

/**
 * Looks each second which tasks are due in Postgres and adds a job for each; any replica's consumer runs it. While Redis
 * is away, or does not get a task run, this process runs it itself.
 */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { database, names, runner, logger } = options;
  const queue = createQueue<TaskJob>('metrics', 'worker', options);
  let redis: 'up' | 'down' | 'unknown' = 'unknown';
  let postgresAnswers = true;

  /** Jobs that wait; null where Redis does not say in time. */
  async function waiting(): Promise<number | null> {
    // Just started: the connection gets the time of one look to come up.
    if (redis === 'unknown' && queue.client.status !== 'ready') await bounded(once(queue.client, 'ready'), REDIS_TIMEOUT_MS, null);
    if (queue.client.status !== 'ready') return null;
    return bounded(queue.client.llen(queue.toKey('wait')), REDIS_TIMEOUT_MS, null);
  }

  function notice(count: number | null): void {
    const now = count === null ? 'down' : 'up';
    if (now === redis) return;
    if (now === 'up') logger.info('redis answers', { queue: 'metrics' });
    else logger.warn('redis does not answer; running tasks directly', { queue: 'metrics' });
    redis = now;
  }

  async function enqueue(): Promise<void> {
    const taken = await takeUnqueuedTasks(database, names, QUEUE_MS);
    const added = Promise.all(taken.map((task) => queue.add({ task })));
    await bounded(added, REDIS_TIMEOUT_MS, undefined);
  }

  async function runDirectly(overdueMs: number): Promise<void> {
    const free = CONCURRENCY - runner.running().length;
    if (free <= 0) return;
    const due = await listDueTasks(database, names, overdueMs);
    // Not awaited, so that a long run does not keep the others waiting; it never rejects.
    for (const name of due.slice(0, free)) runner.run(name).catch(() => undefined);
  }

  async function tick(): Promise<void> {
    const count = await waiting();
    notice(count);
    await runDirectly(count === null ? 0 : OVERDUE_MS);
    if (count !== null && count < MOST_WAITING) await enqueue();
    postgresAnswers = true;
  }

  const loop = startLoop(() => tick().finally(options.alive), TICK_MS, (error) => {
    if (postgresAnswers) logger.warn('due tasks cannot be read', { error });
    postgresAnswers = false;
  });
  const consume = async (job: { data: TaskJob }): Promise<{ outcome: string }> => ({ outcome: await runner.run(job.data.task) });
  queue.process(CONCURRENCY, consume).catch((error: unknown) => logger.warn('the consumer ended', { queue: 'metrics', error }));

  return {
    state: () => ({ redis: redis === 'up' ? 'up' : 'down', running: runner.running() }),
    stop: async (graceMs) => {
      const drained = runner.drain();
      await loop.stop();
      // Local pause: this process takes no further jobs. It waits for a Redis that may be away, so it is not awaited long.
      await bounded(queue.pause(true, true), REDIS_TIMEOUT_MS, undefined);
      await bounded(drained, graceMs, undefined);
      await bounded(queue.close(true), CLOSE_TIMEOUT_MS, undefined);
      queue.client.disconnect();
    },
  };
}
