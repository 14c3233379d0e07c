const indexes = new WeakMap<object, Map<string, Map<unknown, unknown[]>>>();

/** The rows whose column has this value, in their order. Each table is sorted out once: a run may have thousands of rows. */
export function rowsOf<T extends object, K extends keyof T & string>(rows: readonly T[], column: K, value: T[K]): readonly T[] {
  const columns = indexes.get(rows) ?? new Map<string, Map<unknown, unknown[]>>();
  indexes.set(rows, columns);
  let index = columns.get(column);
  if (index === undefined) {
    index = new Map();
    for (const row of rows) {
      const same = index.get(row[column]);
      if (same === undefined) index.set(row[column], [row]);
      else same.push(row);
    }
    columns.set(column, index);
  }
  return (index.get(value) ?? []) as readonly T[];
}
