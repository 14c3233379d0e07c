import type { ClientRateLimitInfo, Store } from 'express-rate-limit';
import type { TokenBuckets } from '@deptracker/resilience';

/** Retry-After counts whole seconds, and 0 would invite to come back at once. */
export const SHORTEST_WAIT_MS = 1_000;

/**
 * Lets express-rate-limit count by token buckets. It thinks in hits of a window: a bucket with so many tokens left looks
 * like a window with so many hits to go, and an empty one like a window that is exceeded. What it calls the reset is
 * when the bucket is full again or, for who is refused, when the next token comes.
 */
export class BucketStore implements Store {
  readonly localKeys = false;

  constructor(
    private readonly buckets: TokenBuckets,
    readonly prefix: string,
    private readonly perMinute: number,
  ) {}

  async increment(key: string): Promise<ClientRateLimitInfo> {
    const { granted, left, nextMs, fullMs } = await this.buckets.take(`${this.prefix}${key}`, this.perMinute);
    const resetMs = granted ? fullMs : Math.max(SHORTEST_WAIT_MS, nextMs);
    return {
      totalHits: granted ? this.perMinute - left : this.perMinute + 1,
      resetTime: new Date(Date.now() + Math.ceil(resetMs)),
    };
  }

  /** Nothing gives a token back: every request counts, whatever becomes of it. */
  decrement(): void {}

  /** Nobody is forgiven by hand: within a minute every bucket is full again by itself. */
  resetKey(): void {}
}
