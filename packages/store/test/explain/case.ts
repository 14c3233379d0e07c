import type { UnitOfWork } from '@deptracker/store';

/** How many rows a query may look at, however large the tables are. */
export interface Bound {
  readonly rows: number;
  /** Rows that may be sorted at once. */
  readonly sorted: number;
}

/** One query that must not scan; with a cursor as well where it has one. */
export interface Case {
  readonly what: string;
  readonly bound: Bound;
  /** `aside` is for finding something to ask about; `further` asks for the page after a place somewhere in the middle. */
  readonly run: (db: UnitOfWork, aside: UnitOfWork, further: boolean) => Promise<unknown>;
  readonly cursor: boolean;
}

export const LIMIT = 50;

/** Filters that an index serves as they are: what is read is what is shown, with what belongs to each. */
export const EXACT: Bound = { rows: 4 * LIMIT, sorted: LIMIT };
/** Filters of which a few values are read one by one and merged: each gives as many as are shown. */
export const merged = (values: number): Bound => ({ rows: (values + 3) * (LIMIT + 5), sorted: values * (LIMIT + 1) });
/** Filters of which one index serves a part: so many rows are looked at and no more (docs/api.md). */
export const WALKED: Bound = { rows: 25_000, sorted: 25_000 };

export const atMost = (rows: number): Bound => ({ rows, sorted: rows });

export function daysAgo(days: number): Date {
  return new Date(Date.now() - days * 86_400_000);
}

/** A place in the middle of what is listed newest first. */
export const MIDDLE = { createdAt: daysAgo(90).toISOString(), id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

/** A filter in words. */
export const show = (filter: object): string =>
  Object.entries(filter)
    .map(([name, value]) => (value instanceof Date ? name : `${name}=${String(value)}`))
    .join(' ') || 'all';

/** A query that has no pages. */
export const single = (what: string, rows: number, run: Case['run']): Case => ({ what, bound: atMost(rows), run, cursor: false });
