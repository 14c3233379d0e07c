import type { Metrics } from '@deptracker/runtime';

export type CacheLevel = 'process' | 'redis';

/**
 * `joined` waited for a reading under way; `old` was there and could not be given out; `skipped` was not asked for, since a
 * change was too recent; `failed` had no answer in time; `unkept` could not be stored.
 */
export type CacheResult = 'hit' | 'joined' | 'miss' | 'old' | 'skipped' | 'failed' | 'unkept';

/** Counts what a cache does. */
export interface CacheMetrics {
  add(level: CacheLevel, result: CacheResult): void;
  /** A hit, and the age in milliseconds of what is given out. */
  hit(level: CacheLevel, ageMs: number): void;
}

const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1];

/** The metrics of the cache of this name. */
export function cacheMetrics(metrics: Metrics, cache: string): CacheMetrics {
  const requests = metrics.counter({
    name: 'cache_requests_total',
    help: 'What caches were asked for, by level and by what came of it.',
    labelNames: ['cache', 'level', 'result'],
  });
  const ages = metrics.histogram({
    name: 'cache_age_seconds',
    help: 'How long ago that was read what caches gave out.',
    labelNames: ['cache'],
    buckets: SECONDS,
  });
  const add: CacheMetrics['add'] = (level, result) => requests.labels(cache, level, result).inc();
  return {
    add,
    hit: (level, ageMs) => {
      add(level, 'hit');
      ages.labels(cache).observe(ageMs / 1000);
    },
  };
}
