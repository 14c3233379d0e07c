import type { Metrics } from '@deptracker/runtime';
import { type Cache, type ChangeFeed, type SecondLevel, createCache } from '@deptracker/store';
import { type Tagged, tagged } from './http/send-tagged.js';

/** A first page is at most so old, also while no notice arrives, and while Redis comes and goes. */
export const FIRST_PAGE_MS = 1_000;

/** Some hundred pages of fifty. */
const MAX_BYTES = 8_000_000;

interface FirstPagesOptions {
  readonly changes: readonly Pick<ChangeFeed, 'subscribe'>[];
  readonly second: SecondLevel;
  readonly metrics: Metrics;
}

/** First pages of the list of deployments, as they go out. Any change of any deployment may change any of them. */
export function createFirstPages(options: FirstPagesOptions): Cache<Tagged> {
  return createCache({ ...options, name: 'deployments', kinds: ['deployment'], maxAgeMs: FIRST_PAGE_MS, maxBytes: MAX_BYTES, prepare: tagged });
}
