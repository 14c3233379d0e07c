import type { Logger } from '@deptracker/runtime';

/** Work that runs beside an answer and must not fail it. */
export interface Background {
  /** Starts it; a failure is logged and goes no further. */
  run(what: string, work: () => Promise<unknown>): void;
  /** Resolves when nothing runs any more. */
  settle(): Promise<void>;
}

/** Keeps track of what runs beside the answers, so that a shutdown can wait for it. */
export function createBackground(logger: Logger): Background {
  const running = new Set<Promise<unknown>>();
  return {
    run(what, work) {
      const promise = work()
        .catch((error: unknown) => logger.warn(`${what} failed`, { error: String(error) }))
        .finally(() => running.delete(promise));
      running.add(promise);
    },
    async settle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
