import type { ChangeFeed } from './change-feed.js';
import type { ChangeKind } from './change-notice.js';

export interface FreshOptions<T> {
  readonly read: () => Promise<T>;
  /** Milliseconds for which what was read is good where no notice says otherwise; counted from when reading began. */
  readonly maxAgeMs: number;
  /** Tells of changes; without it, age alone decides. */
  readonly changes?: Pick<ChangeFeed, 'subscribe'>;
  /** The changes that make what was read old. */
  readonly kinds?: readonly ChangeKind[];
}

/** Something small from the database that is asked for often and changes rarely. */
export interface Fresh<T> {
  /** At most `maxAgeMs` old. Whoever asks while it is read waits for the same reading; a failed one is not kept. */
  get(): Promise<T>;
  /** The next `get` reads anew: for whoever has just changed it. */
  forget(): void;
}

interface Reading<T> {
  readonly value: Promise<T>;
  readonly until: number;
}

/** Keeps what `read` gives for as long as it is good. */
export function createFresh<T>({ read, maxAgeMs, changes, kinds = [] }: FreshOptions<T>): Fresh<T> {
  let reading: Reading<T> | null = null;
  // What is being read may be from before the change: it is not kept either.
  const forget = (): void => {
    reading = null;
  };
  changes?.subscribe({
    changed: ({ kind }) => {
      if (kinds.includes(kind)) forget();
    },
    missed: forget,
  });
  return {
    get: () => {
      if (reading !== null && performance.now() < reading.until) return reading.value;
      const mine: Reading<T> = { value: read(), until: performance.now() + maxAgeMs };
      reading = mine;
      mine.value.catch(() => {
        if (reading === mine) reading = null;
      });
      return mine.value;
    },
    forget,
  };
}
