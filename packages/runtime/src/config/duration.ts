const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Ten years: longer than anything here waits, short enough that adding it to a time stays a valid date. */
const LONGEST_MS = 3650 * UNITS.d;

/**
 * Reads a length of time: a whole number with `ms`, `s`, `m`, `h` or `d`; without a unit it counts milliseconds.
 * Returns milliseconds, or null where the text is none or longer than ten years.
 */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,15})(ms|s|m|h|d)?$/.exec(text);
  if (match === null) return null;
  const unit = (match[2] ?? 'ms') as keyof typeof UNITS;
  const ms = Number(match[1]) * UNITS[unit];
  return ms <= LONGEST_MS ? ms : null;
}

/** Writes milliseconds in the largest unit that divides them, such as `30s`; `parseDuration` reads it back. */
export function formatDuration(ms: number): string {
  const units = Object.entries(UNITS).reverse();
  const [unit, size] = units.find(([, length]) => ms >= length && ms % length === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}
