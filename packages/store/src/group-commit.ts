import { UnavailableError } from './database.js';

/** The queue of the group-commit writer is full: the caller should come back later. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

interface Waiting<I, O> {
  readonly item: I;
  /** When it came, on a clock that never goes back. */
  readonly since: number;
  readonly resolve: (result: O) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitOptions<I, O> {
  /** Writes a batch whole or not at all; answers in the order of the input. */
  readonly write: (batch: readonly I[]) => Promise<readonly O[]>;
  /** Batches in flight at once. */
  readonly writers: number;
  readonly maxBatch: number;
  /**
   * Items that must wait before a batch is started beside one in flight: a statement for few costs nearly as much as one
   * for many. None waits for that longer than `BESIDE_MS`. Default 1.
   */
  readonly beside?: number;
  /**
   * Items from which on what waits is divided among the writers that are free: the first batch is answered, and the next
   * read, while others are still being written. Default `maxBatch`.
   */
  readonly share?: number;
  /** Items waiting beyond which `OverloadedError` is raised. */
  readonly maxWaiting: number;
  /** Milliseconds that an item waits for a writer, and that a batch is halved for while the database has no time for it. */
  readonly patienceMs?: number;
  /** Whether a batch that fails is halved to find the guilty item; true where nothing is said. */
  readonly divides?: boolean;
}

const PATIENCE_MS = 3_000;

/** Milliseconds; a batch in flight that takes longer is slow, and nobody should wait for it. */
const BESIDE_MS = 20;

function rejectAll<I, O>(batch: readonly Waiting<I, O>[], error: unknown): void {
  for (const { reject } of batch) reject(error);
}

/**
 * Gathers concurrent writes into batches that form by themselves: one starts when a writer is free, the next gathers
 * meanwhile. A batch that fails is halved until the guilty item stands alone; only it gets the error.
 * An unreachable database fails the whole batch at once. One that answers, but with time-outs (somebody holds a lock),
 * is asked anew only as long as patience lasts, or each half would wait for a time-out of its own.
 */
export function createGroupCommit<I, O>(options: GroupCommitOptions<I, O>): { write(item: I): Promise<O>; waiting(): number } {
  const { patienceMs = PATIENCE_MS, beside = 1, share = options.maxBatch } = options;
  const queue: Waiting<I, O>[] = [];
  let sweeping = false;
  let running = 0;
  let scheduled = false;
  let late: NodeJS.Timeout | null = null;

  async function settle(whole: readonly Waiting<I, O>[]): Promise<void> {
    const until = performance.now() + patienceMs;
    const parts = [whole];
    let trouble: UnavailableError | null = null;
    // Halves in turn, not one to its end: the innocent are through before the guilty is found.
    for (let batch = parts.shift(); batch !== undefined; batch = parts.shift()) {
      if (trouble !== null && performance.now() >= until) {
        rejectAll(batch, trouble);
        continue;
      }
      try {
        const results = await options.write(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, index) => resolve(results[index] as O));
      } catch (error) {
        if (error instanceof UnavailableError) trouble = error;
        const middle = Math.ceil(batch.length / 2);
        if (batch.length === 1 || options.divides === false || (error instanceof UnavailableError && !error.answered)) rejectAll(batch, error);
        else parts.push(batch.slice(0, middle), batch.slice(middle));
      }
    }
  }

  /** Sends away who has waited too long, and comes back for the next. */
  function sweep(): void {
    const now = performance.now();
    const young = queue.findIndex(({ since }) => now - since < patienceMs);
    rejectAll(queue.splice(0, young === -1 ? queue.length : young), new OverloadedError('Writes have waited too long.'));
    sweeping = queue.length > 0;
    if (sweeping) setTimeout(sweep, patienceMs - (now - (queue[0]?.since ?? now))).unref();
  }

  /** Whether a batch is to be started now; who is too few for one is looked at again in a moment. */
  function isWorthwhile(): boolean {
    const [first] = queue;
    if (first === undefined) return false;
    const waited = performance.now() - first.since;
    if (running === 0 || queue.length >= beside || waited >= BESIDE_MS) return true;
    late ??= setTimeout(() => {
      late = null;
      schedule();
    }, BESIDE_MS - waited).unref();
    return false;
  }

  /** Items of the next batch: an equal part for each free writer, within the bounds. */
  const size = (): number => Math.min(options.maxBatch, Math.max(share, Math.ceil(queue.length / (options.writers - running))));

  function start(): void {
    scheduled = false;
    while (running < options.writers && isWorthwhile()) {
      const batch = queue.splice(0, size());
      running += 1;
      settle(batch).finally(() => {
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
        queue.push({ item, since: performance.now(), resolve, reject });
        if (!sweeping) {
          sweeping = true;
          setTimeout(sweep, patienceMs).unref();
        }
        schedule();
      }),
    waiting: () => queue.length,
  };
}
