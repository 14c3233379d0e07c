/** A repeated task that is never run twice at once. */
export interface Loop {
  /** Ends the repetition and waits for the run that is under way. */
  stop(): Promise<void>;
  /** Runs the task now instead of after the pause; if it is under way, once more right after. */
  nudge(): void;
}

/** Runs `task` now and then `everyMs` after each end, whatever becomes of a run. */
export function startLoop(task: () => Promise<void>, everyMs: number, onError: (error: unknown) => void): Loop {
  let stopped = false;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | null = null;

  function pause(): void {
    current = null;
    if (stopped) return;
    timer = setTimeout(run, again ? 0 : everyMs);
    again = false;
  }

  function run(): void {
    current = task().catch(onError).finally(pause);
  }

  run();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
    nudge: () => {
      if (stopped) return;
      if (current !== null) {
        again = true;
        return;
      }
      clearTimeout(timer);
      run();
    },
  };
}
