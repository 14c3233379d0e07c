const DAY_MS = 86_400_000;

/**
 * The wait that a Retry-After header asks for (RFC 9110: seconds, or an HTTP date), in milliseconds, at most a day;
 * null where it is absent or senseless. A date is judged by the answer's own Date header, so that our clock is not
 * needed.
 */
export function retryAfterMs(header: string | null, answeredAt: string | null): number | null {
  const value = header?.trim() ?? '';
  if (value === '') return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.min(Math.ceil(Number(value) * 1000), DAY_MS);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return null;
  const now = Date.parse(answeredAt ?? '');
  return Math.min(Math.max(0, until - (Number.isNaN(now) ? Date.now() : now)), DAY_MS);
}
