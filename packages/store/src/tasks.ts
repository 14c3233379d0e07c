import type { Queryable } from './database.js';

/** A task that this process has the lease of. Times are the database's. */
export interface ClaimedTask {
  readonly name: string;
  /** The cron text that the time of the next run is worked out from, whichever process runs it. */
  readonly schedule: string;
  /** The time of the schedule that this run stands for. */
  readonly slot: Date;
  /** When it was claimed. */
  readonly now: Date;
  readonly fence: number;
}

/** Where a task stands, for health and logs. */
export interface TaskState {
  readonly name: string;
  readonly schedule: string;
  readonly nextRunAt: Date;
  readonly lastRunAt: Date | null;
  readonly lastError: string | null;
  /** Seconds since its time has come; 0 before. */
  readonly overdueSeconds: number;
  readonly running: boolean;
}

const FREE = `next_run_at <= now() AND (lease_until IS NULL OR lease_until <= now())`;

/**
 * Makes a task known with its schedule. Where that differs from the row's, the next run is worked out anew by `next`
 * from the database's time; otherwise the row stays as it is.
 */
export async function registerTask(
  db: Queryable,
  task: { readonly name: string; readonly schedule: string },
  next: (now: Date) => Date,
): Promise<void> {
  const [clock] = await db.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  if (clock === undefined) throw new Error('Postgres told no time.');
  await db.query(
    `INSERT INTO tasks (name, schedule, next_run_at) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET schedule = excluded.schedule, next_run_at = excluded.next_run_at, queued_until = NULL
     WHERE tasks.schedule <> excluded.schedule`,
    [task.name, task.schedule, next(clock.now)],
  );
}

/**
 * Takes those of `names` that are due, free and not queued, marks them as queued for `queueMs` and returns them: the
 * caller adds their jobs. If it dies before, the mark lapses and another process takes them.
 */
export async function takeUnqueuedTasks(db: Queryable, names: readonly string[], queueMs: number): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `UPDATE tasks SET queued_until = now() + make_interval(secs => $2 / 1000.0)
     WHERE name IN (
       SELECT name FROM tasks
       WHERE name = ANY ($1) AND ${FREE} AND (queued_until IS NULL OR queued_until <= now())
       ORDER BY next_run_at FOR UPDATE SKIP LOCKED)
     RETURNING name`,
    [names, queueMs],
  );
  return rows.map(({ name }) => name);
}

/** Those of `names` that are free and have been due for `overdueMs`, queued or not, longest first. */
export async function listDueTasks(db: Queryable, names: readonly string[], overdueMs: number): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `SELECT name FROM tasks WHERE name = ANY ($1) AND ${FREE} AND next_run_at <= now() - make_interval(secs => $2 / 1000.0)
     ORDER BY next_run_at`,
    [names, overdueMs],
  );
  return rows.map(({ name }) => name);
}

/** Takes the lease of a task that is due and free; null where it is neither. */
export async function claimTask(db: Queryable, name: string, leaseMs: number): Promise<ClaimedTask | null> {
  const [row] = await db.query<ClaimedTask>(
    `UPDATE tasks SET lease_until = now() + make_interval(secs => $2 / 1000.0), fence = fence + 1
     WHERE name = $1 AND ${FREE}
     RETURNING name, schedule, next_run_at AS slot, clock_timestamp() AS now, fence`,
    [name, leaseMs],
  );
  return row ?? null;
}

/** What became of a run. */
export interface TaskOutcome {
  /** When it runs next; null leaves it due, because there is more to do. */
  readonly nextRunAt: Date | null;
  readonly error: string | null;
}

/**
 * Records a run and gives the lease back, only while the fence is still ours; false where it is not. A schedule that
 * was changed meanwhile keeps the time that the change gave it.
 */
export async function finishTask(db: Queryable, task: ClaimedTask, outcome: TaskOutcome): Promise<boolean> {
  const rows = await db.query(
    `UPDATE tasks SET
       next_run_at = CASE WHEN schedule = $3 THEN coalesce($4::timestamptz, next_run_at) ELSE next_run_at END,
       last_run_at = now(), last_error = $5, lease_until = NULL, queued_until = NULL
     WHERE name = $1 AND fence = $2 RETURNING 1`,
    [task.name, task.fence, task.schedule, outcome.nextRunAt, outcome.error],
  );
  return rows.length === 1;
}

/** Where every task stands, by name. */
export async function listTasks(db: Queryable): Promise<TaskState[]> {
  return [
    ...(await db.query<TaskState>(
      `SELECT name, schedule, next_run_at AS "nextRunAt", last_run_at AS "lastRunAt", last_error AS "lastError",
         greatest(0, extract(epoch FROM now() - next_run_at))::float8 AS "overdueSeconds",
         coalesce(lease_until > now(), false) AS running
       FROM tasks ORDER BY name`,
    )),
  ];
}
