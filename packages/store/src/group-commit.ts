import { UnavailableError } from './database.js';

/** The queue of the group-commit writer is full: the caller should come back later. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (result: O) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitOptions<I, O> {
  /** Writes a batch whole or not at all; answers in the order of the input. */
  readonly write: (batch: readonly I[]) => Promise<readonly O[]>;
  /** Batches in flight at once. */
  readonly writers: number;
  readonly maxBatch: number;
  /** Items waiting beyond which `OverloadedError` is raised. */
  readonly maxWaiting: number;
  /** Whether a batch that fails is halved to find the guilty item; true where nothing is said. */
  readonly divides?: boolean;
}

/**
 * Gathers concurrent writes into batches that form by themselves: one starts when a writer is free, the next gathers
 * meanwhile; no timer. A batch that fails is halved until the guilty item stands alone; only it gets the error.
 * An unreachable database fails the whole batch at once.
 */
export function createGroupCommit<I, O>(options: GroupCommitOptions<I, O>): { write(item: I): Promise<O>; waiting(): number } {
  const queue: Waiting<I, O>[] = [];
  let running = 0;
  let scheduled = false;

  async function settle(batch: readonly Waiting<I, O>[]): Promise<void> {
    try {
      const results = await options.write(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(results[index] as O));
    } catch (error) {
      if (batch.length === 1 || options.divides === false || (error instanceof UnavailableError && !error.answered)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await settle(batch.slice(0, middle));
      await settle(batch.slice(middle));
    }
  }

  function start(): void {
    scheduled = false;
    while (running < options.writers && queue.length > 0) {
      running += 1;
      settle(queue.splice(0, options.maxBatch)).finally(() => {
        running -= 1;
        schedule();
      }).catch(() => undefined);
    }
  }

  function schedule(): void {
    if (scheduled || queue.length === 0 || running >= options.writers) return;
    scheduled = true;
    setImmediate(start);
  }

  return {
    write: (item) =>
      new Promise<O>((resolve, reject) => {
        if (queue.length >= options.maxWaiting) {
          reject(new OverloadedError('Too many writes are waiting.'));
          return;
        }
        queue.push({ item, resolve, reject });
        schedule();
      }),
    waiting: () => queue.length,
  };
}
