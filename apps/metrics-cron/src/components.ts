import type { Component, ComponentResult } from '@deptracker/runtime';
import { type Database, type TaskState, listTasks, postgresComponent } from '@deptracker/store';
import type { Scheduler } from './scheduler.js';

/** A task that is late by more than a lease and a queue's mark is not run by anybody. */
const LATE_SECONDS = 60;

function judge(tasks: readonly TaskState[]): ComponentResult {
  const complaints = tasks.flatMap(({ name, overdueSeconds, lastError }) => [
    ...(overdueSeconds > LATE_SECONDS ? [`${name} is ${Math.round(overdueSeconds)} s overdue`] : []),
    ...(lastError === null ? [] : [`${name} failed: ${lastError}`]),
  ]);
  const details: Record<string, number | string | boolean> = {};
  for (const { name, lastRunAt, nextRunAt, overdueSeconds, running } of tasks) {
    details[`${name}.lastRun`] = lastRunAt?.toISOString() ?? 'never';
    details[`${name}.nextRun`] = nextRunAt.toISOString();
    details[`${name}.overdueSeconds`] = Math.round(overdueSeconds);
    details[`${name}.running`] = running;
  }
  return complaints.length === 0 ? { status: 'up', details } : { status: 'degraded', message: complaints.join('; '), details };
}

/** What metrics-cron's health is made of: Postgres (without it nothing works), Redis and where each task stands. */
export function metricsCronComponents(database: Database, state: Scheduler['state']): Component[] {
  return [
    postgresComponent(database),
    {
      name: 'redis',
      critical: false,
      check: (): Promise<ComponentResult> => {
        const away = 'does not answer; tasks run directly from Postgres';
        return Promise.resolve(state().redis === 'up' ? { status: 'up' } : { status: 'degraded', message: away });
      },
    },
    { name: 'tasks', critical: false, check: async () => judge(await listTasks(database)) },
  ];
}
