import { setTimeout as delay } from 'node:timers/promises';

/** How long and how often `waitFor` looks. */
export interface WaitOptions {
  /** Milliseconds until it gives up; default 10 000. */
  readonly timeoutMs?: number;
  /** Milliseconds between two looks; default 25. */
  readonly intervalMs?: number;
  /** What was waited for; stands in the error. */
  readonly what?: string;
}

/**
 * Polls `probe` until it gives something truthy, and returns that. A throw counts as "not yet".
 * Rejects after `timeoutMs` with what was seen last.
 */
export async function waitFor<T>(
  probe: () => Promise<T> | T,
  options: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const { timeoutMs = 10_000, intervalMs = 25, what = 'the condition' } = options;
  const end = performance.now() + timeoutMs;
  let last: string;
  do {
    try {
      const value = await probe();
      if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
      last = `last value: ${String(value)}`;
    } catch (error) {
      last = `last error: ${error instanceof Error ? error.message : String(error)}`;
    }
    await delay(intervalMs);
  } while (performance.now() < end);
  throw new Error(`Waited ${timeoutMs} ms in vain for ${what} (${last})`);
}
