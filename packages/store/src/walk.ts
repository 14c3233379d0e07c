import type { Position } from './position.js';

/** How many rows are looked at along each path, first and then once more, before a page is given out short. */
const STEPS = [500, 5_000] as const;

export interface Step {
  readonly after: Position | null;
  /** So many that fit are enough. */
  readonly max: number;
  readonly steps: number;
}

export interface Walked<Row> {
  /** What fits of the rows that were looked at, in the order of the list. */
  readonly rows: readonly Row[];
  /** The last row that was looked at, where it is not known that none fits after it; null at the end of the path. */
  readonly until: Position | null;
}

/** A row of a walk. The row at which it ends comes along, whether it fits or not. */
export interface Looked {
  readonly fits: boolean;
  /** As many rows were looked at as were to be. */
  readonly last: boolean;
}

/** What the rows of a walk say of it. */
export function walkedTo<Row extends Looked>(rows: readonly Row[], max: number, positionOf: (row: Row) => Position): Walked<Row> {
  const fitting = rows.filter((row) => row.fits);
  const end = rows.at(-1);
  const more = end !== undefined && (end.last || fitting.length === max);
  return { rows: fitting, until: more ? positionOf(end) : null };
}

/** Whether a walk has come further back than another one. */
function isFurther({ until: a }: Walked<unknown>, { until: b }: Walked<unknown>): boolean {
  if (a === null || b === null) return a === null;
  return a.createdAt === b.createdAt ? a.id < b.id : a.createdAt < b.createdAt;
}

/**
 * Looks along every path in turn until one gives `max` rows or ends; otherwise goes on from where the furthest came to,
 * and gives up after so many rows. All paths must lead through the rows that fit in the same order, newest first.
 */
export async function walkAll<Path, Row>(
  paths: readonly Path[],
  walk: (path: Path, step: Step) => Promise<Walked<Row>>,
  after: Position | null,
  max: number,
  looks: readonly number[] = STEPS,
): Promise<Walked<Row>> {
  const rows: Row[] = [];
  let at = after;
  for (const steps of looks) {
    let furthest: Walked<Row> | null = null;
    for (const path of paths) {
      const walked = await walk(path, { after: at, max: max - rows.length, steps });
      if (furthest === null || isFurther(walked, furthest)) furthest = walked;
      if (walked.until === null || rows.length + walked.rows.length === max) return { rows: [...rows, ...walked.rows], until: walked.until };
    }
    rows.push(...(furthest?.rows ?? []));
    at = furthest?.until ?? null;
  }
  return { rows, until: at };
}

/** What to show of the rows that were found for a page of `limit` and one more, and where the next page goes on. */
export function cutPage<Row>({ rows, until }: Walked<Row>, limit: number, positionOf: (row: Row) => Position): Walked<Row> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, until: rows.length > limit && last !== undefined ? positionOf(last) : until };
}

/**
 * A statement that looks at the first `steps` rows of `rows`, and no more, and gives those that fit and the row at which it
 * ends; where all of them fit, no more than are wanted. `rows` selects `at`, `id`, `fits` and whatever else is wanted, in
 * their order; the result is called `w`.
 */
export function walking(rows: string, { max, ...step }: Pick<Step, 'max' | 'steps'>, allFit: boolean): string {
  const steps = allFit ? max : step.steps;
  return `(
    SELECT * FROM (
      SELECT looked.*, row_number() OVER (ORDER BY looked.at DESC, looked.id DESC) = ${steps} AS last
      FROM (${rows} LIMIT ${steps}) AS looked
    ) AS numbered
    WHERE numbered.fits OR numbered.last ORDER BY numbered.at DESC, numbered.id DESC LIMIT ${max}
  ) AS w`;
}
