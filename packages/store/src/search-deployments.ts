import type { Queryable } from './database.js';
import { type Bind, type DeploymentFilter, all, equals, facetsOf, span } from './deployment-filter.js';
import { DEPLOYMENT_COLUMNS } from './deployment-row.js';
import type { Position } from './position.js';
import { prefixPattern } from './prefix-pattern.js';
import { type ListedRow, NEWEST_FIRST, POSITION } from './walk-deployments.js';

/** Different values per column beyond which a search is too wide. */
const MOST_VALUES = 500;
/** Rows per column beyond which it is too wide; fewer where each is to be looked at for further filters. */
const MOST_ROWS = 5_000;
const MOST_FILTERED_ROWS = 1_000;

const REPEATED = ['project', 'version', 'ref'] as const;
const UNIQUE = 'external_id';
const ROWS_OF = [...REPEATED, UNIQUE].map((column) => `${column}_rows`);

interface Most {
  readonly rows: number;
  readonly perValue: number;
}

/**
 * The different values of a column that have the prefix, hopping from one to the next, and the newest rows of each: as a
 * span that holds one value. Of a value that it does not know Postgres believes that few rows have it, and it would rather
 * sort all of them than merge the indexes of the partitions; of a span it believes that there are many.
 */
function byValue(column: (typeof REPEATED)[number], pattern: string, within: string, most: Most): string {
  const next = (after: string): string => `SELECT x.${column} FROM deployments x WHERE ${after}x.${column} LIKE ${pattern}
      ORDER BY x.${column} USING ~<~ LIMIT 1`;
  return `${column}_values (value) AS (
    (${next('')})
    UNION ALL
    SELECT (${next(`x.${column} ~>~ v.value AND `)}) FROM ${column}_values v WHERE v.value IS NOT NULL
  ), ${column}_rows AS MATERIALIZED (
    SELECT newest.created_at, newest.id FROM (SELECT value FROM ${column}_values WHERE value IS NOT NULL LIMIT ${MOST_VALUES}) AS v
    CROSS JOIN LATERAL (
      SELECT d.created_at, d.id FROM deployments d WHERE d.${column} ~>=~ v.value AND d.${column} ~<=~ v.value AND ${within}
      ORDER BY d.${column} USING ~<~, ${NEWEST_FIRST} LIMIT ${most.perValue}
    ) AS newest
    LIMIT ${most.rows + 1}
  )`;
}

/** The same for a column of which nearly every value is another one. The order keeps to its index. */
function byRow(column: typeof UNIQUE, pattern: string, within: string, most: Most): string {
  return `${column}_rows AS MATERIALIZED (
    SELECT d.created_at, d.id FROM deployments d WHERE d.${column} LIKE ${pattern} AND ${within}
    ORDER BY d.${column} USING ~<~ LIMIT ${most.rows + 1}
  )`;
}

/** Whether there is more than the CTEs above hold. Counts rows first: the values of a wide search need no counting. */
function isWide(mostRows: number): string {
  const rows = ROWS_OF.map((found) => `(SELECT count(*) FROM ${found}) > ${mostRows}`);
  // The last value is null: there is no further one.
  const values = REPEATED.map(
    (column) => `(SELECT count(*) FROM (SELECT 1 FROM ${column}_values LIMIT ${MOST_VALUES + 2}) AS x) > ${MOST_VALUES + 1}`,
  );
  return [...rows, ...values].join(' OR ');
}

function statement(filter: DeploymentFilter & { readonly q: string }, after: Position | null, max: number, bind: Bind): string {
  const others = equals(filter, facetsOf(filter), bind);
  // Of rows that must fit further filters nobody can say beforehand how many of a value are needed.
  const most = others.length === 0 ? { rows: MOST_ROWS, perValue: max } : { rows: MOST_FILTERED_ROWS, perValue: MOST_FILTERED_ROWS + 1 };
  const pattern = bind(prefixPattern(filter.q));
  const within = all(span(filter, after, bind));
  const found = ROWS_OF.map((rows) => `SELECT created_at, id FROM ${rows}`).join(' UNION ');
  const repeated = REPEATED.map((column) => byValue(column, pattern, within, most));
  const newest = others.length === 0 ? `${found} ORDER BY created_at DESC, id DESC LIMIT ${max}` : found;
  return `WITH RECURSIVE ${[...repeated, byRow(UNIQUE, pattern, within, most)].join(', ')},
    judged AS MATERIALIZED (SELECT ${isWide(most.rows)} AS wide)
    SELECT j.wide, d.* FROM judged j LEFT JOIN LATERAL (
      SELECT ${DEPLOYMENT_COLUMNS}, ${POSITION} FROM deployments d
      WHERE NOT j.wide AND d.id IN (SELECT id FROM (${newest}) AS found) AND ${all(others)}
      ORDER BY ${NEWEST_FIRST} LIMIT ${max}
    ) AS d ON true`;
}

/**
 * The newest `max` deployments of which a project, version, ref or external id begins with `q`, or null where so many
 * rows or values do that it is cheaper to look at the newest rows one by one.
 */
export async function searchDeployments(
  db: Queryable,
  filter: DeploymentFilter & { readonly q: string },
  after: Position | null,
  max: number,
): Promise<readonly ListedRow[] | null> {
  const values: unknown[] = [];
  const sql = statement(filter, after, max, (value) => `$${values.push(value)}`);
  const rows = await db.query<ListedRow & { wide: boolean }>(sql, values);
  if (rows[0]?.wide !== false) return null;
  // Without any there is one row, of nulls.
  return rows.filter((row) => (row.id as string | null) !== null);
}
