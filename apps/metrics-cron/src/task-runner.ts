import { type Logger, type Metrics, failpoint } from '@deptracker/runtime';
import { type ClaimedTask, type Database, claimTask, finishTask } from '@deptracker/store';
import { nextRun } from './schedule.js';
import type { Task, TaskResult } from './task.js';

export interface TaskRunnerOptions {
  readonly database: Database;
  readonly tasks: readonly Task[];
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** How a run ended. `nothing`: another process has it or it is not due; `more`: it is due again at once. */
export type RunOutcome = 'nothing' | 'done' | 'more' | 'failed' | 'lost_lease';

export interface TaskRunner {
  /** Claims a task and runs it, once at a time in this process. Never rejects for what the task does. */
  run(name: string): Promise<RunOutcome>;
  running(): readonly string[];
  /** From now on nothing is claimed, and what runs stops at its next good place; resolves when nothing runs. */
  drain(): Promise<void>;
}

/** The lease that a killed process leaves behind lapses after this. A run ends well before. */
export const TASK_LEASE_MS = 30_000;
const RUN_MS = 15_000;
const LONGEST_ERROR = 500;

/** Creates what runs tasks: claim, run, work out the next time from the database's, record. */
export function createTaskRunner({ database, tasks, metrics, logger }: TaskRunnerOptions): TaskRunner {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const running = new Map<string, Promise<RunOutcome>>();
  let draining = false;
  const runs = metrics.counter({
    name: 'task_runs_total',
    help: 'Runs of scheduled tasks by outcome',
    labelNames: ['task', 'outcome'],
  });
  const seconds = metrics.histogram({
    name: 'task_duration_seconds',
    help: 'Duration of a run of a scheduled task',
    labelNames: ['task'],
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 20],
  });

  async function record(claimed: ClaimedTask, result: TaskResult | null, error: string | null): Promise<RunOutcome> {
    const finished = result?.finished ?? true;
    const nextRunAt = finished ? nextRun(claimed.schedule, claimed.now) : null;
    const kept = await finishTask(database, claimed, { nextRunAt, error });
    if (!kept) return 'lost_lease';
    return error !== null ? 'failed' : finished ? 'done' : 'more';
  }

  async function runClaimed(task: Task, claimed: ClaimedTask): Promise<RunOutcome> {
    const startedAt = performance.now();
    const isOver = (): boolean => draining || performance.now() - startedAt > RUN_MS;
    let result: TaskResult | null = null;
    let error: string | null = null;
    try {
      result = await task.run({ slot: claimed.slot, isOver });
      failpoint('after_task');
    } catch (failure) {
      error = (failure instanceof Error ? failure.message : String(failure)).slice(0, LONGEST_ERROR);
    }
    const durationMs = performance.now() - startedAt;
    seconds.observe({ task: task.name }, durationMs / 1000);
    const outcome = await record(claimed, result, error);
    const level = error !== null ? 'warn' : (result?.changed ?? 0) > 0 ? 'info' : 'debug';
    logger[level](`task ${outcome}`, {
      task: task.name,
      slot: claimed.slot,
      changed: result?.changed,
      duration_ms: Math.round(durationMs),
      ...(error === null ? {} : { error }),
    });
    return outcome;
  }

  async function claimAndRun(name: string): Promise<RunOutcome> {
    const task = byName.get(name);
    if (task === undefined) return 'nothing';
    try {
      const claimed = await claimTask(database, name, TASK_LEASE_MS);
      const outcome = claimed === null ? 'nothing' : await runClaimed(task, claimed);
      runs.inc({ task: name, outcome });
      return outcome;
    } catch (error) {
      // Neither claimed nor recorded: the row is due still, or will be when the lease lapses.
      runs.inc({ task: name, outcome: 'failed' });
      logger.warn('task not claimed or not recorded', { task: name, error });
      return 'failed';
    }
  }

  return {
    run: (name) => {
      if (draining) return Promise.resolve('nothing');
      const current = running.get(name);
      if (current !== undefined) return current;
      const started = claimAndRun(name).finally(() => running.delete(name));
      running.set(name, started);
      return started;
    },
    running: () => [...running.keys()],
    drain: async () => {
      draining = true;
      await Promise.allSettled(running.values());
    },
  };
}
