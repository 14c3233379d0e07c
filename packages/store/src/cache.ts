import type { Metrics } from '@deptracker/runtime';
import { boundedValues } from './bounded-values.js';
import { type CacheMetrics, cacheMetrics } from './cache-metrics.js';
import type { ChangeFeed } from './change-feed.js';
import type { ChangeKind } from './change-notice.js';

/** What the second level has of a key. */
export interface Found {
  /** The moment of asking, on the second level's own clock: no reading that follows began before. */
  readonly asked: number;
  /** The text, and the milliseconds since the asking that its reading followed, on the same clock; null where there is none. */
  readonly entry: { readonly text: string; readonly ageMs: number } | null;
}

/** A memory that processes share. It may lose or withhold anything at any time. */
export interface SecondLevel {
  /** Null where it cannot be asked; never rejects, and waits a few milliseconds at most. */
  find(key: string): Promise<Found | null>;
  /** Keeps what was read after `asked`; false where it could not. */
  keep(key: string, asked: number, text: string): Promise<boolean>;
}

export interface CacheOptions<T> {
  /** The label of its metrics, and the first part of its keys in the second level. */
  readonly name: string;
  /** Makes of what was read what is given out, once for all who ask. */
  readonly prepare: (text: string) => T;
  /** Nothing is given out that was read longer ago, in milliseconds, whatever notices say or do not. */
  readonly maxAgeMs: number;
  /** Bytes of text that this process keeps. */
  readonly maxBytes: number;
  /** Tell of changes: what this process commits itself, and what it hears of others. */
  readonly changes: readonly Pick<ChangeFeed, 'subscribe'>[];
  /** The changes that make everything in it old. */
  readonly kinds: readonly ChangeKind[];
  readonly second: SecondLevel | null;
  readonly metrics: Metrics;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

/** Texts that are asked for often, each the answer to a question that is its key. */
export interface Cache<T> {
  /**
   * At most `maxAgeMs` old, and never from before a change that this process had made or heard of when it was asked. Who
   * asks while it is read waits for the same reading; a failure is not kept.
   */
  get(key: string, read: () => Promise<string>): Promise<T>;
}

interface Entry<T> {
  readonly value: Promise<T>;
  /** No later than reading it began. */
  began: number;
  settled: boolean;
}

/** So soon after a change nobody can have anything newer: asking the second level would only cost time. */
const QUIET_MS = 20;

class TwoLevelCache<T> implements Cache<T> {
  readonly #options: CacheOptions<T>;
  readonly #now: () => number;
  readonly #count: CacheMetrics;
  readonly #entries;
  #changedAt = -Infinity;

  constructor(options: CacheOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#count = cacheMetrics(options.metrics, options.name);
    this.#entries = boundedValues<Entry<T>>(options.maxBytes);
    for (const feed of options.changes) {
      feed.subscribe({
        changed: ({ kind }) => {
          if (options.kinds.includes(kind)) this.#forget();
        },
        missed: () => this.#forget(),
      });
    }
  }

  get(key: string, read: () => Promise<string>): Promise<T> {
    const at = this.#now();
    const known = this.#entries.get(key);
    if (known !== undefined && at - known.began < this.#options.maxAgeMs) {
      if (known.settled) this.#count.hit('process', at - known.began);
      else this.#count.add('process', 'joined');
      return known.value;
    }
    this.#count.add('process', 'miss');
    return this.#start(key, at, read);
  }

  #start(key: string, at: number, read: () => Promise<string>): Promise<T> {
    const entry: Entry<T> = { began: at, settled: false, value: Promise.resolve().then(() => this.#fill(key, entry, read)) };
    entry.value.catch(() => {
      if (this.#isCurrent(key, entry)) this.#entries.delete(key);
    });
    this.#entries.set(key, entry, 0);
    return entry.value;
  }

  async #fill(key: string, entry: Entry<T>, read: () => Promise<string>): Promise<T> {
    const { prepare, name } = this.#options;
    const found = await this.#find(key, entry);
    const shared = found?.entry ?? null;
    const text = shared?.text ?? (await read());
    const value = prepare(text);
    entry.settled = true;
    if (!this.#isCurrent(key, entry)) return value;
    this.#entries.set(key, entry, Buffer.byteLength(text));
    // What is not current any more is from before a change that we know of: nobody should get it from us.
    if (found !== null && shared === null) this.#keep(`${name}:${key}`, found.asked, text);
    return value;
  }

  /** What the second level has, without what may not be given out; null where it cannot be asked. */
  async #find(key: string, entry: Entry<T>): Promise<Found | null> {
    const { second, name, maxAgeMs } = this.#options;
    if (second === null) return null;
    const asking = entry.began;
    if (asking - this.#changedAt < QUIET_MS) {
      this.#count.add('redis', 'skipped');
      return null;
    }
    const found = await second.find(`${name}:${key}`);
    if (found === null) {
      this.#count.add('redis', 'failed');
      return null;
    }
    const { asked, entry: shared } = found;
    if (shared === null) {
      this.#count.add('redis', 'miss');
      return found;
    }
    // It was read at this moment or later: how old it was when we asked is known, and when we asked is, too.
    const began = asking - shared.ageMs;
    if (shared.ageMs < 0 || began <= this.#changedAt || this.#now() - began >= maxAgeMs) {
      this.#count.add('redis', 'old');
      return { asked, entry: null };
    }
    entry.began = began;
    this.#count.hit('redis', this.#now() - began);
    return found;
  }

  #keep(key: string, asked: number, text: string): void {
    this.#options.second?.keep(key, asked, text).then(
      (kept) => kept || this.#count.add('redis', 'unkept'),
      () => this.#count.add('redis', 'unkept'),
    );
  }

  #isCurrent(key: string, entry: Entry<T>): boolean {
    return this.#entries.get(key) === entry;
  }

  /** What is being read may be from before the change: it is not kept either. */
  #forget(): void {
    this.#changedAt = this.#now();
    this.#entries.clear();
  }
}

/**
 * A cache of two levels, small in the process and shared behind it, that is never older than is said. Its correctness
 * rests on age alone; notices only make it fresher, and the second level only saves readings.
 */
export function createCache<T>(options: CacheOptions<T>): Cache<T> {
  return new TwoLevelCache(options);
}
