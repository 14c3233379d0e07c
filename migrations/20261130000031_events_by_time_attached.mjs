import { INDEXES } from './20261130000030_events_by_time.mjs';
import { attachToWhole } from './shared/partitioned-index.mjs';

export const blocks = 'It reads no rows but those of a partition that came since the step before.';

/** The second step: what each partition has becomes part of one index of the whole, as new partitions will have it too. */
export const up = (knex) => attachToWhole(knex, INDEXES);

export const down = (knex) => knex.raw('DROP INDEX events_by_time');
