import type { Queryable } from './database.js';
import { all } from './deployment-filter.js';
import { DEPLOYMENT_COLUMNS } from './deployment-row.js';
import { type ListedRow, POSITION } from './walk-deployments.js';

/** Where a list's rows are found by times and ids first, unless there are too many of them. */
export interface Finding {
  readonly ctes: readonly string[];
  /** Selects `created_at` and `id` of all that may belong to the list. */
  readonly rows: string;
  /** Whether it is too much to be looked at; then `rows` need not be complete. */
  readonly wide: string;
}

/**
 * The newest `max` of what was found that also fit the `others`; null where it is too wide. They are looked up one by one,
 * by key: of a join Postgres might think that all deployments should be read for it.
 */
export async function readFound(
  db: Queryable,
  { ctes, rows, wide }: Finding,
  others: readonly string[],
  values: readonly unknown[],
  max: number,
): Promise<readonly ListedRow[] | null> {
  const sql = `WITH RECURSIVE ${ctes.join(', ')}, judged AS MATERIALIZED (SELECT ${wide} AS wide)
    SELECT j.wide, d.* FROM judged j LEFT JOIN LATERAL (
      SELECT ${DEPLOYMENT_COLUMNS}, ${POSITION}
      FROM (SELECT created_at, id FROM (${rows}) AS r WHERE NOT j.wide ORDER BY created_at DESC, id DESC) AS found
      CROSS JOIN LATERAL (SELECT * FROM deployments WHERE id = found.id OFFSET 0) AS d
      WHERE ${all(others)} ORDER BY found.created_at DESC, found.id DESC LIMIT ${max}
    ) AS d ON true`;
  const found = await db.query<ListedRow & { wide: boolean }>(sql, values);
  if (found[0]?.wide !== false) return null;
  // Without any there is one row, of nulls.
  return found.filter((row) => (row.id as string | null) !== null);
}
