import type { Redis } from 'ioredis';
import { Advances } from './advances.js';
import { bounded } from './bounded.js';
import { type Taken, microsPerToken } from './bucket.js';
import { type Clock, monotonicClock } from './clock.js';
import type { GateLogger } from './gate-logger.js';
import { LocalBuckets } from './local-buckets.js';
import { type Attempt, takeShared } from './shared-buckets.js';

export type { Taken } from './bucket.js';

export interface TokenBuckets {
  /**
   * Takes a token from the bucket, which holds `perMinute` (1 to a million) and gets as many back in a minute, evenly.
   * Of one that is far from empty it is given at once, and Redis is told soon after. Never rejects, and waits for Redis
   * 20 ms at most.
   */
  take(bucket: string, perMinute: number): Promise<Taken>;
  /** Whether this process counts on its own at the moment. */
  alone(): boolean;
}

export interface TokenBucketsOptions {
  /** First part of every key. */
  readonly prefix: string;
  /** Asked at each use, so that it may come and go. */
  readonly redis: () => Redis | null;
  readonly logger: GateLogger;
  readonly clock?: Pick<Clock, 'now'>;
  /** Milliseconds that a request gives Redis at most; 20 unless a test needs certainty on a busy machine. */
  readonly patienceMs?: number;
}

const REDIS_PATIENCE_MS = 20;
/** After Redis failed it is left alone for so long, lest every request wait for it. */
const REDIS_REST_MS = 5_000;
/** Redis does nothing else while the script runs: so many attempts take it well below a millisecond. */
const MOST_AT_ONCE = 256;
/** How long Redis may be without word of tokens that were given, in milliseconds. */
const TELL_MS = 10;

interface Waiting extends Attempt {
  readonly bucket: string;
  readonly resolve: (taken: Taken) => void;
}

const ignore = (): void => undefined;

class SharedTokenBuckets implements TokenBuckets {
  readonly #local = new LocalBuckets();
  readonly #advances = new Advances();
  readonly #clock: Pick<Clock, 'now'>;
  #waiting: Waiting[] = [];
  #telling = false;
  #restUntil = Number.NEGATIVE_INFINITY;
  #alone = false;

  constructor(private readonly options: TokenBucketsOptions) {
    this.#clock = options.clock ?? monotonicClock;
  }

  alone(): boolean {
    return this.#alone;
  }

  take(bucket: string, perMinute: number): Promise<Taken> {
    if (this.#reachable() === null) return Promise.resolve(this.#own(bucket, perMinute));
    if (this.#advances.give(bucket, perMinute, this.#clock.now())) {
      this.#tellSoon();
      return Promise.resolve(this.#own(bucket, perMinute));
    }
    return new Promise((resolve) => {
      const given = this.#advances.settle(bucket);
      this.#wait({ bucket, key: this.#key(bucket), perMinute, given, asks: true, resolve });
    });
  }

  #tellSoon(): void {
    if (this.#telling) return;
    this.#telling = true;
    setTimeout(() => this.#tell(), TELL_MS).unref();
  }

  #tell(): void {
    this.#telling = false;
    for (const { bucket, perMinute, tokens } of this.#advances.settleAll()) {
      this.#wait({ bucket, key: this.#key(bucket), perMinute, given: tokens, asks: false, resolve: ignore });
    }
  }

  #wait(one: Waiting): void {
    // What arrives in one turn of the event loop becomes one call.
    if (this.#waiting.length === 0) setImmediate(() => this.#send());
    this.#waiting.push(one);
  }

  /** The braces keep all buckets on one node of a Redis Cluster: a script may touch no more. */
  #key(bucket: string): string {
    return `${this.options.prefix}:{limit}:${bucket}`;
  }

  #send(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < all.length; from += MOST_AT_ONCE) {
      const batch = all.slice(from, from + MOST_AT_ONCE);
      this.#shared(batch).catch((error: unknown) => {
        this.#withdraw(error instanceof Error ? error.message : String(error), true);
        for (const { bucket, perMinute, asks, resolve } of batch) if (asks) resolve(this.#own(bucket, perMinute));
      });
    }
  }

  async #shared(batch: readonly Waiting[]): Promise<void> {
    const redis = this.#reachable();
    if (redis === null) throw new Error('not connected');
    const answers = await bounded(takeShared(redis, batch), this.options.patienceMs ?? REDIS_PATIENCE_MS);
    this.#rejoin();
    const now = this.#clock.now();
    for (const [index, { bucket, perMinute, given, resolve }] of batch.entries()) {
      const taken = answers[index] ?? this.#own(bucket, perMinute);
      const owed = this.#advances.learn(bucket, taken.left, given, now);
      // Noted so that a process that loses Redis gives nobody a second bucket.
      this.#local.note(bucket, taken.fullMs + (owed * microsPerToken(perMinute)) / 1000, now);
      resolve(taken);
    }
  }

  #own(bucket: string, perMinute: number): Taken {
    return this.#local.take(bucket, perMinute, this.#clock.now());
  }

  #reachable(): Redis | null {
    if (this.#clock.now() < this.#restUntil) return null;
    const redis = this.options.redis();
    if (redis?.status === 'ready') return redis;
    this.#withdraw('not connected', false);
    return null;
  }

  #withdraw(reason: string, rest: boolean): void {
    if (rest) this.#restUntil = this.#clock.now() + REDIS_REST_MS;
    this.#advances.forget();
    if (this.#alone) return;
    this.#alone = true;
    this.options.logger.warn('rate limits: Redis is away, this process counts on its own', { reason });
  }

  #rejoin(): void {
    if (!this.#alone) return;
    this.#alone = false;
    this.options.logger.info('rate limits: Redis is back, counting together again');
  }
}

/**
 * Token buckets that all replicas share through Redis. While Redis is away or slow each process counts on its own, from
 * what it last knew.
 */
export function createTokenBuckets(options: TokenBucketsOptions): TokenBuckets {
  return new SharedTokenBuckets(options);
}
