/** The part of what a bucket is known to hold that a process may give before Redis knows of it. */
const SHARE = 1 / 100;
/** How long the answer of Redis counts as what a bucket holds, in milliseconds. */
const KNOWN_MS = 100;
/** Below this many buckets nobody looks for those that are no longer known. */
const SWEEP_ABOVE = 1_000;

/** Tokens that were given and of which Redis was not told. */
export interface Debt {
  readonly bucket: string;
  readonly perMinute: number;
  readonly tokens: number;
}

/**
 * What a process gives of buckets that are far from empty without asking Redis first: between two answers of Redis at
 * most a hundredth of what the first said is left. Times are milliseconds of the caller's clock.
 */
export class Advances {
  readonly #known = new Map<string, { room: number; readonly until: number }>();
  readonly #owed = new Map<string, { tokens: number; readonly perMinute: number }>();
  #sweepAbove = SWEEP_ABOVE;

  /** Whether a token is given now; then it is owed. */
  give(bucket: string, perMinute: number, now: number): boolean {
    const known = this.#known.get(bucket);
    if (known === undefined || known.room < 1 || now >= known.until) return false;
    known.room -= 1;
    const owed = this.#owed.get(bucket);
    if (owed === undefined) this.#owed.set(bucket, { tokens: 1, perMinute });
    else owed.tokens += 1;
    return true;
  }

  /** Takes note of what Redis says is left; gives how many tokens it does not know of. */
  learn(bucket: string, left: number, now: number): number {
    const owed = this.#owed.get(bucket)?.tokens ?? 0;
    const room = Math.floor(left * SHARE) - owed;
    if (room < 1) this.#known.delete(bucket);
    else this.#known.set(bucket, { room, until: now + KNOWN_MS });
    if (this.#known.size > this.#sweepAbove) this.#sweep(now);
    return owed;
  }

  /** Tokens that are owed to this bucket; the caller pays them. */
  settle(bucket: string): number {
    const tokens = this.#owed.get(bucket)?.tokens ?? 0;
    this.#owed.delete(bucket);
    return tokens;
  }

  /** All that is owed; the caller pays it. */
  settleAll(): Debt[] {
    const debts = [...this.#owed].map(([bucket, owed]) => ({ bucket, ...owed }));
    this.#owed.clear();
    return debts;
  }

  /** From now on Redis is asked first; what is owed is remitted. */
  forget(): void {
    this.#known.clear();
    this.#owed.clear();
  }

  /** How many buckets are known. */
  get size(): number {
    return this.#known.size;
  }

  #sweep(now: number): void {
    for (const [bucket, { until }] of this.#known) if (until <= now) this.#known.delete(bucket);
    this.#sweepAbove = Math.max(SWEEP_ABOVE, 2 * this.#known.size);
  }
}
