import type { Queryable } from './database.js';
import { type Bind, type DeploymentFilter, all, equals, facetsOf, span } from './deployment-filter.js';
import { type Finding, readFound } from './found-deployments.js';
import type { Position } from './position.js';
import { prefixPattern } from './prefix-pattern.js';
import { newestOfEach } from './value-by-value.js';
import type { ListedRow } from './walk-deployments.js';

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

/** The different values of a column that have the prefix, hopping from one to the next, and the newest rows of each. */
function byValue(column: (typeof REPEATED)[number], pattern: string, within: string, most: Most): string {
  const next = (after: string): string => `SELECT x.${column} FROM deployments x WHERE ${after}x.${column} LIKE ${pattern}
      ORDER BY x.${column} USING ~<~ LIMIT 1`;
  const values = `(SELECT ${column} FROM ${column}_values WHERE ${column} IS NOT NULL LIMIT ${MOST_VALUES})`;
  const newest = newestOfEach({ table: 'deployments', columns: [column] }, values, 'd', within, most.perValue);
  return `${column}_values (${column}) AS (
    (${next('')})
    UNION ALL
    SELECT (${next(`x.${column} ~>~ v.${column} AND `)}) FROM ${column}_values v WHERE v.${column} IS NOT NULL
  ), ${column}_rows AS MATERIALIZED (${newest} LIMIT ${most.rows + 1})`;
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

/** How the rows of a search are found, and at most how many of them are looked at for further filters. */
function findingOf(q: string, filter: DeploymentFilter, after: Position | null, max: number, bind: Bind): Finding {
  // Of rows that must fit further filters nobody can say beforehand how many of a value are needed.
  const most = facetsOf(filter).length === 0 ? { rows: MOST_ROWS, perValue: max } : { rows: MOST_FILTERED_ROWS, perValue: MOST_FILTERED_ROWS + 1 };
  const pattern = bind(prefixPattern(q));
  const within = all(span(filter, after, bind));
  return {
    ctes: [...REPEATED.map((column) => byValue(column, pattern, within, most)), byRow(UNIQUE, pattern, within, most)],
    rows: ROWS_OF.map((rows) => `SELECT created_at, id FROM ${rows}`).join(' UNION '),
    wide: isWide(most.rows),
  };
}

/**
 * The newest `max` deployments of which a project, version, ref or external id begins with `q`. Null where nothing is
 * searched for, or so many rows or values begin so that it is cheaper to look at the newest rows one by one.
 */
export async function searchDeployments(db: Queryable, filter: DeploymentFilter, after: Position | null, max: number): Promise<readonly ListedRow[] | null> {
  if (filter.q === undefined) return null;
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const finding = findingOf(filter.q, filter, after, max, bind);
  return readFound(db, finding, equals(filter, facetsOf(filter), bind), values, max);
}
