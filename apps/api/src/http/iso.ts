/** Few enough to be let go all at once. */
const MOST_TEXTS = 500;
const texts = new Map<number, string>();

/**
 * A moment in ISO 8601, UTC, to the millisecond. What it makes of one is remembered: all deployments of a batch are created
 * and lapse at the same moments, and what is read again has those that it had.
 */
export function iso(at: Date): string;
export function iso(at: Date | null): string | null;
export function iso(at: Date | null): string | null {
  if (at === null) return null;
  const moment = at.getTime();
  const known = texts.get(moment);
  if (known !== undefined) return known;
  const text = at.toISOString();
  if (texts.size === MOST_TEXTS) texts.clear();
  texts.set(moment, text);
  return text;
}
