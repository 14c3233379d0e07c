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
  /** Tokens that Redis was not told of, and those that it was told of without having answered. */
  readonly #owed = new Map<string, { untold: number; told: number; readonly perMinute: number }>();
  #sweepAbove = SWEEP_ABOVE;

  /** Whether a token is given now; then it is owed. */
  give(bucket: string, perMinute: number, now: number): boolean {
    const known = this.#known.get(bucket);
    if (known === undefined || known.room < 1 || now >= known.until) return false;
    known.room -= 1;
    const owed = this.#owed.get(bucket);
    if (owed === undefined) this.#owed.set(bucket, { untold: 1, told: 0, perMinute });
    else owed.untold += 1;
    return true;
  }

  /** Takes note of what Redis says is left, having been told of `paid` tokens; gives how many it may not know of. */
  learn(bucket: string, left: number, paid: number, now: number): number {
    const owed = this.#pay(bucket, paid);
    const room = Math.floor(left * SHARE) - owed;
    if (room < 1) this.#known.delete(bucket);
    else this.#known.set(bucket, { room, until: now + KNOWN_MS });
    if (this.#known.size > this.#sweepAbove) this.#sweep(now);
    return owed;
  }

  /** Tokens of this bucket that Redis is to be told of now. */
  settle(bucket: string): number {
    const owed = this.#owed.get(bucket);
    if (owed === undefined) return 0;
    const tokens = owed.untold;
    owed.told += tokens;
    owed.untold = 0;
    return tokens;
  }

  /** All that Redis is to be told of now. */
  settleAll(): Debt[] {
    const debts = [...this.#owed].map(([bucket, { perMinute }]) => ({ bucket, perMinute, tokens: this.settle(bucket) }));
    return debts.filter(({ tokens }) => tokens > 0);
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

  /** Takes off what Redis has answered to; gives what remains. */
  #pay(bucket: string, paid: number): number {
    const owed = this.#owed.get(bucket);
    if (owed === undefined) return 0;
    owed.told = Math.max(0, owed.told - paid);
    const rest = owed.untold + owed.told;
    if (rest === 0) this.#owed.delete(bucket);
    return rest;
  }

  #sweep(now: number): void {
    for (const [bucket, { until }] of this.#known) if (until <= now) this.#known.delete(bucket);
    this.#sweepAbove = Math.max(SWEEP_ABOVE, 2 * this.#known.size);
  }
}
