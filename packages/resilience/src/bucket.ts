/** One attempt to take a token. */
export interface Taken {
  readonly granted: boolean;
  /** Whole tokens that are left. */
  readonly left: number;
  /** Milliseconds until there is a token again; 0 where one is left. */
  readonly nextMs: number;
  /** Milliseconds until the bucket is full again. */
  readonly fullMs: number;
}

/**
 * Microseconds in which one token comes back. A whole number, so that a bucket holds exactly as many tokens as it is
 * said to: fractions would add up until the last one is missing.
 */
export function microsPerToken(perMinute: number): number {
  return Math.floor(60_000_000 / perMinute);
}

/** What an attempt means that leaves the bucket `missing` microseconds before it is full. */
export function takenOf(perMinute: number, granted: boolean, missing: number): Taken {
  const interval = microsPerToken(perMinute);
  return {
    granted,
    left: perMinute - Math.ceil(missing / interval),
    nextMs: Math.max(0, missing - (perMinute - 1) * interval) / 1000,
    fullMs: missing / 1000,
  };
}
