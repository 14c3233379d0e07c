import type { Random } from './random.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

// How busy the hours of a working day are, from 0 to 23, and the days of a week, from Sunday.
const HOURS = [0, 0, 0, 0, 0, 0, 0.1, 0.4, 1.5, 4, 6, 6, 3, 4, 6, 5.5, 4, 2.5, 1, 0.5, 0.3, 0.2, 0.1, 0];
const DAYS = [0.12, 4, 5.5, 5.5, 5, 2.8, 0.15];

/** A moment of the seven days from `week` on at which people work whose clocks are `utcOffset` hours ahead. */
export function workingMoment(random: Random, week: number, utcOffset: number): number {
  const first = new Date(week).getUTCDay();
  const day = random.weighted(DAYS.map((_, index) => DAYS[(first + index) % 7] ?? 0));
  const hour = random.weighted(HOURS);
  return week + day * DAY + (hour - utcOffset) * HOUR + Math.floor(random.next() * HOUR);
}

/** `at`, or the morning of the next working day where nobody works then. */
export function nextWorkingMoment(random: Random, at: number, utcOffset: number): number {
  let local = at + utcOffset * HOUR;
  const isOff = (): boolean => {
    const moment = new Date(local);
    return [0, 6].includes(moment.getUTCDay()) || moment.getUTCHours() < 8 || moment.getUTCHours() >= 18;
  };
  if (!isOff()) return at;
  while (isOff()) local = Math.floor(local / HOUR) * HOUR + HOUR;
  return local - utcOffset * HOUR + random.whole(5, 110) * MINUTE;
}
