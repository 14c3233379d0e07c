import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RequestHandler } from 'express';
import type { Counter } from '@deptracker/runtime';
import { OverloadedError } from '@deptracker/store';

/** One sign that more is asked than can be done. */
export interface Pressure {
  /** Shown in metrics. */
  readonly name: string;
  /** How much there is of it now. */
  readonly now: () => number;
  /** From here on requests are sent away; 0 never does. */
  readonly limit: number;
}

const RESOLUTION_MS = 10;
const WINDOW_MS = 250;

/**
 * Milliseconds by which timers of this process are late: the median of the last quarter of a second, since a single
 * pause (a garbage collection, a machine that slept) is over by the time that it is seen.
 */
export function eventLoopDelay(): { readonly now: () => number; readonly close: () => void } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let late = 0;
  histogram.enable();
  const timer = setInterval(() => {
    late = Math.max(0, histogram.percentile(50) / 1e6 - RESOLUTION_MS);
    histogram.reset();
  }, WINDOW_MS).unref();
  return {
    now: () => late,
    close: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
}

/**
 * Sends requests away at once (503 with Retry-After) while there is too much of any pressure: who waits in vain until
 * their time is over has cost as much as who is served.
 */
export function loadShedding(pressures: readonly Pressure[], shed: Counter<'pressure'>): RequestHandler {
  return (_request, _response, next) => {
    for (const { name, now, limit } of pressures) {
      if (limit === 0 || now() < limit) continue;
      shed.inc({ pressure: name });
      next(new OverloadedError());
      return;
    }
    next();
  };
}
