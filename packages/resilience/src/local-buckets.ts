import { type Taken, microsPerToken, takenOf } from './bucket.js';

/** Below this many buckets nobody looks for full ones to forget. */
const SWEEP_ABOVE = 1_000;

/**
 * The token buckets of a single process: what counts while Redis is away. A bucket is only the moment at which it is
 * full again; one that is full is not kept. Times are milliseconds of whichever clock the caller uses.
 */
export class LocalBuckets {
  /** Microseconds. */
  readonly #fullAt = new Map<string, number>();
  #sweepAbove = SWEEP_ABOVE;

  take(key: string, perMinute: number, nowMs: number): Taken {
    const interval = microsPerToken(perMinute);
    const now = Math.round(nowMs * 1000);
    const missing = Math.min(Math.max(0, (this.#fullAt.get(key) ?? now) - now), perMinute * interval);
    const granted = missing + interval <= perMinute * interval;
    const taken = takenOf(perMinute, granted, granted ? missing + interval : missing);
    if (granted) this.note(key, taken.fullMs, nowMs);
    return taken;
  }

  /** Keeps in mind in how many milliseconds a bucket is full again, wherever its tokens were taken from. */
  note(key: string, fullMs: number, nowMs: number): void {
    this.#fullAt.set(key, Math.round((nowMs + fullMs) * 1000));
    if (this.#fullAt.size > this.#sweepAbove) this.#sweep(Math.round(nowMs * 1000));
  }

  /** How many buckets are kept. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** The next sweep comes when there are twice as many, so that each bucket is looked at about once. */
  #sweep(now: number): void {
    for (const [key, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(key);
    this.#sweepAbove = Math.max(SWEEP_ABOVE, 2 * this.#fullAt.size);
  }
}
