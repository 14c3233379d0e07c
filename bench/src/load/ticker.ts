import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Pace } from './ticker-thread.js';

export interface Ticker {
  /** Ticks whenever a thing is due, of which so many are a second, from a moment of `performance.now()` on and for so many seconds. */
  start(begin: number, perSecond: number, seconds: number, tick: () => void): void;
}

const MS = 1_000;
/** What is due closer to each other is told together: each tick costs some 30 microseconds of CPU. */
const SHORTEST_GAP_MS = 0.4;

/**
 * A clock that ticks a tenth of a millisecond late at most times. A timer of Node counts whole milliseconds and is half of one late
 * on average; another thread can sleep more exactly. To spin until it is time would take a core from what is measured.
 */
export async function openTicker(): Promise<Ticker> {
  const thread = new Worker(new URL('./ticker-thread.js', import.meta.url));
  await once(thread, 'message');
  return {
    start: (begin, perSecond, seconds, tick) => {
      thread.on('message', tick);
      const from = performance.timeOrigin + begin;
      const pace: Pace = { begin: from, end: from + seconds * MS, gap: Math.max(SHORTEST_GAP_MS, MS / perSecond) };
      thread.postMessage(pace);
    },
  };
}
