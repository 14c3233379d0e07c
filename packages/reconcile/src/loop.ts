/** A repeated task that is never run twice at once. */
export interface Loop {
  /** Ends the repetition and waits for the run that is under way. */
  stop(): Promise<void>;
}

/** Runs `task` now and then `everyMs` after each end, whatever becomes of a run. */
export function startLoop(task: () => Promise<void>, everyMs: number, onError: (error: unknown) => void): Loop {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> = Promise.resolve();

  function run(): void {
    current = task()
      .catch(onError)
      .finally(() => {
        if (!stopped) timer = setTimeout(run, everyMs);
      });
  }

  run();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}
