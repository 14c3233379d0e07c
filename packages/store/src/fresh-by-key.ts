import type { ChangeFeed } from './change-feed.js';
import type { ChangeKind } from './change-notice.js';

export interface FreshByKeyOptions<T> {
  /** Milliseconds for which a row is good where no notice says otherwise; counted from when reading it began. */
  readonly maxAgeMs: number;
  /** Rows that are kept; beyond, whichever was asked for longest ago goes. */
  readonly maxKeys: number;
  /** Which rows are kept at all; left out, each. */
  readonly keeps?: (row: T) => boolean;
  /** Tells of changes; without it, age alone decides. */
  readonly changes?: Pick<ChangeFeed, 'subscribe'> | undefined;
  /** The kind of change that makes the row of its id old. */
  readonly kind: ChangeKind;
}

/** Rows that are asked for often and change rarely, of which there may be more than can be kept. */
export interface FreshByKey<T> {
  /**
   * At most `maxAgeMs` old. Whoever asks for a row while it is read waits for the same reading. Only what there is is
   * kept: neither null nor a failure.
   */
  get(key: string, read: () => Promise<T | null>): Promise<T | null>;
  /** The next `get` of this row reads anew: for whoever has just changed it. */
  forget(key: string): void;
  readonly size: number;
}

interface Reading<T> {
  readonly value: Promise<T | null>;
  readonly until: number;
}

/** The sibling of `createFresh` for what cannot be read as a whole. */
export function createFreshByKey<T>({ maxAgeMs, maxKeys, keeps = () => true, changes, kind }: FreshByKeyOptions<T>): FreshByKey<T> {
  // In the order in which they were last asked for.
  const readings = new Map<string, Reading<T>>();
  const drop = (key: string, one: Reading<T>): void => {
    if (readings.get(key) === one) readings.delete(key);
  };

  function start(key: string, read: () => Promise<T | null>): Reading<T> {
    const one: Reading<T> = { value: read(), until: performance.now() + maxAgeMs };
    one.value.then(
      (value) => (value === null || !keeps(value)) && drop(key, one),
      () => drop(key, one),
    );
    return one;
  }

  changes?.subscribe({
    changed: (notice) => {
      if (notice.kind === kind) readings.delete(notice.id);
    },
    missed: () => readings.clear(),
  });
  return {
    get(key, read) {
      const kept = readings.get(key);
      const one = kept !== undefined && performance.now() < kept.until ? kept : start(key, read);
      readings.delete(key);
      readings.set(key, one);
      if (readings.size > maxKeys) {
        const [oldest] = readings.keys();
        if (oldest !== undefined) readings.delete(oldest);
      }
      return one.value;
    },
    // What is being read may be from before the change: it is not kept either.
    forget: (key) => {
      readings.delete(key);
    },
    get size() {
      return readings.size;
    },
  };
}
