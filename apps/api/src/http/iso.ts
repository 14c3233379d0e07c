/** The two moments that were written last, the newer one first. */
let [moment, text, earlierMoment, earlierText] = [Number.NaN, '', Number.NaN, ''];

/**
 * A moment in ISO 8601, UTC, to the millisecond. The last two are remembered: all deployments of a batch are created at one
 * moment, and mostly lapse at one other.
 */
export function iso(at: Date): string;
export function iso(at: Date | null): string | null;
export function iso(at: Date | null): string | null {
  if (at === null) return null;
  const asked = at.getTime();
  if (asked === moment) return text;
  if (asked === earlierMoment) return earlierText;
  [earlierMoment, earlierText] = [moment, text];
  [moment, text] = [asked, at.toISOString()];
  return text;
}
