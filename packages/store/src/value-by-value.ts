/**
 * An index on some columns, the time and the id gives its rows newest first only within one value of each column. Where a
 * list leaves columns open, it is read **value by value**: the newest rows of each combination of values (a **place**), of
 * which the newest are those of the list. That costs as many rows as are wanted of each place, and saves an index for
 * each column that may be left open. Only times and ids are read so; the rows themselves are then looked up by key.
 *
 * The values are a handful of constants, or found before. All comparisons are those of `text_pattern_ops`, as the indexes have them.
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
 * Times and ids of the newest `each` rows of each of the places, in no order; `within` says more of the rows, called `as`.
 *
 * The limit is a subquery so that Postgres does not know it and wants the first rows soon: it believes of a place that it
 * learns only while it runs that few rows are there, and would rather sort all of them than merge the indexes of the partitions.
 */
export function newestOfEach({ table, columns }: ValueIndex, places: string, as: string, within: string, each: number | string): string {
  const here = columns.map((column) => `${as}.${column} = p.${column}`);
  return `SELECT newest.created_at, newest.id FROM ${places} AS p CROSS JOIN LATERAL (
      SELECT ${as}.created_at, ${as}.id FROM ${table} ${as} WHERE ${here.join(' AND ')} AND ${within}
      ORDER BY ${as}.created_at DESC, ${as}.id DESC LIMIT (SELECT ${each})
    ) AS newest`;
}
