import { INDEXES } from './20261130000010_deployments_by_value.mjs';
import { attachToWhole } from './shared/partitioned-index.mjs';

/** The second step: what each partition has becomes part of one index of the whole, as new partitions will have it too. */
export const blocks = 'It reads no rows but those of a partition that came since the step before.';

export async function up(knex) {
  await attachToWhole(knex, INDEXES);
  await knex.raw(`
COMMENT ON INDEX deployments_by_time IS 'Holds every row; queries must state its condition to be served by it';
COMMENT ON INDEX deployments_by_limit IS 'Of an approval that is pending the limit is when it expires'`);
}

/** The partitions' go along. */
export const down = (knex) => knex.raw(`DROP INDEX ${INDEXES.map(([table, name]) => `${table}_${name}`).join(', ')}`);
