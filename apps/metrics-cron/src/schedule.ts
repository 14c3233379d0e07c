import { Cron } from 'croner';

// In UTC, and never from the process's clock: every question names the time that it starts from.
const cron = (schedule: string): Cron => new Cron(schedule, { timezone: 'UTC', mode: '5-or-6-parts' });

/** The schedule's first time after `after`. Throws where the text is no cron text or names no time at all. */
export function nextRun(schedule: string, after: Date): Date {
  const next = cron(schedule).nextRun(after);
  if (!next) throw new Error(`The schedule "${schedule}" names no time that ever comes.`);
  return next;
}

const ANY_TIME = new Date('2026-01-01T00:00:00Z');

/** What is wrong with a schedule, as a sentence for the operator; null where it can be used. */
export function scheduleMistake(name: string, schedule: string): string | null {
  // Croner reads "?" as the time on the process's clock.
  if (schedule.includes('?')) return `${name} must not contain "?"; use "*" instead; it is "${schedule}".`;
  try {
    nextRun(schedule, ANY_TIME);
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, '').replace(/\.$/, '') : String(error);
    return `${name} must be a cron text in UTC, such as */5 * * * *; it is "${schedule}": ${why}.`;
  }
}
