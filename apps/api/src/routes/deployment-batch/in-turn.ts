/** Does the work for every item, at most `atOnce` at a time; the results are in the order of the items. */
export async function inTurn<I, O>(items: readonly I[], atOnce: number, work: (item: I, index: number) => Promise<O>): Promise<O[]> {
  const results: O[] = [];
  let next = 0;
  async function lane(): Promise<void> {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(items[index] as I, index);
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return results;
}
