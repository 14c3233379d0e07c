import { setTimeout as sleep } from 'node:timers/promises';

/** Time as the rate gate sees it; tests put their own in its place. */
export interface Clock {
  /** Milliseconds; only differences count. */
  now(): number;
  /** Resolves after `ms`; rejects with an AbortError once the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The process's own clock. It does not jump when somebody sets the machine's time. */
export const monotonicClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(Math.ceil(ms), undefined, signal === undefined ? {} : { signal }),
};
