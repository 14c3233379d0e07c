/**
 * Runs works that share a key one after the other, in the order in which they were given; all others at once. So of two
 * items of a batch with the same key it is always the first that counts.
 */
export function createAfterSame(): <T>(keys: readonly string[], work: () => Promise<T>) => Promise<T> {
  const latest = new Map<string, Promise<unknown>>();
  return (keys, work) => {
    const before = keys.flatMap((key) => latest.get(key) ?? []);
    const mine = before.length === 0 ? work() : Promise.allSettled(before).then(work);
    for (const key of keys) latest.set(key, mine);
    return mine;
  };
}
