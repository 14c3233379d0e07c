// The database knows no year 0.
const MICROSECONDS = /^((?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\d{3}Z$/;

/** Whether this is a moment in UTC with microseconds as our positions have them, which the database will understand. */
export function isInstant(text: unknown): text is string {
  if (typeof text !== 'string') return false;
  const upToMs = `${MICROSECONDS.exec(text)?.[1] ?? ''}Z`;
  const moment = new Date(upToMs);
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === upToMs;
}
