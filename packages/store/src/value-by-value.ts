/**
 * An index on some columns, the time and the id gives its rows newest first only within one value of each column. Where a
 * list leaves columns open, it is read **value by value**: the newest rows of each combination of values (a **place**), of
 * which the newest are those of the list. That costs as many rows as are wanted of each place, and saves an index for
 * each column that may be left open. Only times and ids are read so; the rows themselves are then looked up by key.
 *
 * The values are known beforehand (a column with a handful of constants), or found by hopping along the index from one
 * place to the next. All comparisons are those of `text_pattern_ops`, as the indexes have them.
 */
export interface ValueIndex {
  readonly table: string;
  /** Before `created_at, id`, in the index's order. */
  readonly columns: readonly string[];
}

/** A table of places: every combination of these values, each an SQL array of texts, one for each column. */
export function combined(columns: readonly string[], arrays: readonly string[]): string {
  const each = columns.map((column, at) => `unnest(${arrays[at] ?? ''}::text[]) AS ${column}(${column})`);
  return `SELECT * FROM ${each.join(' CROSS JOIN ')}`;
}

/**
 * A recursive CTE's text: the places that there are, where the values of all columns but the last are `known` (a table as
 * above) and not empty. Among them are ends, whose last value is null, and beginnings, where it is empty.
 */
export function hopping(name: string, { table, columns }: ValueIndex, known: string): string {
  const last = columns.at(-1) ?? '';
  const others = columns.slice(0, -1);
  const row = (of: string, which: readonly string[]): string => `ROW(${which.map((column) => `${of}.${column}`).join(', ')})`;
  // As rows, so that Postgres before 18 begins at the next place too: behind a span of the first column no other one helps it.
  const next = `SELECT x.${last} FROM ${table} x
    WHERE ${row('x', columns)} OPERATOR(pg_catalog.~>~) ${row('p', columns)} AND ${row('x', others)} OPERATOR(pg_catalog.~<=~) ${row('p', others)}
    ORDER BY ${columns.map((column) => `x.${column} USING ~<~`).join(', ')} LIMIT 1`;
  return `${name} (${columns.join(', ')}) AS (
    SELECT known.*, '' FROM (${known}) AS known
    UNION ALL
    SELECT ${others.map((column) => `p.${column}`).join(', ')}, (${next}) FROM ${name} p WHERE p.${last} IS NOT NULL
  )`;
}

/**
 * Times and ids of the newest `each` rows of each of the places, in no order; `within` says more of the rows, called `as`.
 *
 * The limit is a subquery so that Postgres does not know it and wants the first rows soon: it believes of a place that it
 * learns only while it runs that few rows are there, and would rather sort all of them than merge the indexes of the partitions.
 */
export function newestOfEach({ table, columns }: ValueIndex, places: string, as: string, within: string, each: number): string {
  const here = columns.map((column) => `${as}.${column} = p.${column}`);
  return `SELECT newest.created_at, newest.id FROM ${places} AS p CROSS JOIN LATERAL (
      SELECT ${as}.created_at, ${as}.id FROM ${table} ${as} WHERE ${here.join(' AND ')} AND ${within}
      ORDER BY ${as}.created_at DESC, ${as}.id DESC LIMIT (SELECT ${each})
    ) AS newest`;
}
