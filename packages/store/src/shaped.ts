import { prepared, preparedName } from './prepared.js';

/** Shapes that a process keeps; each connection keeps the plan of those that it has run. */
const MOST = 128;

let count = 0;

/**
 * `prepared` for a statement that a request's filters put together, where its shape comes again and again and any values of
 * that shape are read along the same index: with a dozen partitions, planning takes longer than reading a page. Not for
 * what is found by a pattern, of which a plan for all values cannot make a span of the index. The first shapes are
 * kept, whatever comes beyond is planned each time.
 */
export function shaped(text: string): string {
  if (preparedName(text) !== undefined || count === MOST) return text;
  count += 1;
  return prepared(`shape_${count}`, text);
}
