import { prepared, preparedName } from './prepared.js';

/** Shapes that a process keeps. Each connection keeps the plan of those that it has run, some 400 kB with eleven partitions. */
const MOST = 24;

let count = 0;

/**
 * `prepared` for a statement that a request's filters put together, where any values of its shape are read along the same
 * index: with a dozen partitions, planning takes longer than reading a page. The plan is one for all values, so that the
 * statement must not give Postgres a reason to think that few rows fit (`readPath`), nor find anything by a pattern, of which such a
 * plan cannot make a span of the index. The first shapes are kept, whatever comes beyond is planned each time.
 */
export function shaped(text: string): string {
  if (preparedName(text) !== undefined || count === MOST) return text;
  count += 1;
  return prepared(`shape_${count}`, text);
}
