import { createGroupCommit } from './group-commit.js';

export interface GatheredReadsOptions<T> {
  /** Reads what there is of these ids, which are all different, in one statement. */
  readonly read: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>;
  /** Statements in flight at once. */
  readonly readers: number;
  readonly maxBatch: number;
  /** Reads that must wait before a statement is started beside one in flight, as `createGroupCommit` has it. */
  readonly beside?: number;
  /** Reads waiting beyond which `OverloadedError` is raised. */
  readonly maxWaiting: number;
}

/**
 * Gathers concurrent reads of single rows into one statement, as the group-commit writer gathers writes: it starts when
 * a reader is free, the next gathers meanwhile; a read alone starts at once. Nothing is remembered: a
 * statement begins after all that it is for were asked for, so that each sees whatever was committed before. What fails,
 * fails for all of its statement; null is for what there is not.
 */
export function createGatheredReads<T>({ read, readers, ...limits }: GatheredReadsOptions<T>): (id: string) => Promise<T | null> {
  const gathered = createGroupCommit<string, T | null>({
    ...limits,
    writers: readers,
    divides: false,
    write: async (ids) => {
      const found = await read([...new Set(ids)]);
      return ids.map((id) => found.get(id) ?? null);
    },
  });
  return (id) => gathered.write(id);
}
