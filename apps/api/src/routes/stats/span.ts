import type { Grain } from '@deptracker/store';
import { invalidRequest } from '../../http/http-refusal.js';

/** Whole hours or days in UTC; `to` does not belong to it. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The length of each, in milliseconds; UTC knows no other hours and days. */
export const GRAIN_MS: Readonly<Record<Grain, number>> = { hour: HOUR_MS, day: DAY_MS };

/** The years that ISO-8601 writes with four digits, but for the year 0, which the database does not know. */
const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9999-12-31T00:00:00Z');

const LONGEST_DAYS: Readonly<Record<Grain, number>> = { hour: 31, day: 400 };
const DEFAULT_DAYS: Readonly<Record<Grain, number>> = { hour: 1, day: 30 };

interface Asked {
  readonly from?: Date;
  readonly to?: Date;
  readonly interval: Grain;
}

/** The span that is asked for, in whole hours or days; one that is empty, too long or out of this world is refused. */
export function spanOf({ from, to, interval }: Asked, now: Date): Span {
  const length = GRAIN_MS[interval];
  const end = Math.ceil((to ?? now).getTime() / length) * length;
  const start = from === undefined ? end - DEFAULT_DAYS[interval] * DAY_MS : Math.floor(from.getTime() / length) * length;
  if (from !== undefined && from >= (to ?? now)) {
    throw invalidRequest([{ parameter: 'from', message: to === undefined ? 'from must lie in the past' : 'to must be later than from' }]);
  }
  if (end - start > LONGEST_DAYS[interval] * DAY_MS) {
    const also = interval === 'hour' ? '; ask for days, or for less' : '; ask for less';
    throw invalidRequest([{ parameter: 'from', message: `by the ${interval} at most ${LONGEST_DAYS[interval]} days can be asked for${also}` }]);
  }
  if (start < EARLIEST || end > LATEST) {
    throw invalidRequest([{ parameter: to === undefined ? 'from' : 'to', message: 'only the years from 1 to 9999 can be asked for' }]);
  }
  return { from: new Date(start), to: new Date(end) };
}
