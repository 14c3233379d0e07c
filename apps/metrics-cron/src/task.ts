/** One run of a task. */
export interface TaskRun {
  /** The time of the schedule that this run stands for, on the database's clock. */
  readonly slot: Date;
  /** True when the run has had its time or the process drains: stop at the next good place. */
  readonly isOver: () => boolean;
}

export interface TaskResult {
  /** False where there is more to do: the task is due again at once. */
  readonly finished: boolean;
  /** How much was done, for the log: windows, deployments, rows. */
  readonly changed: number;
}

/** Something that happens on a schedule. Running it twice, cutting it off anywhere or running it late is harmless. */
export interface Task {
  readonly name: string;
  /** Cron text, in UTC. */
  readonly schedule: string;
  run(run: TaskRun): Promise<TaskResult>;
}
