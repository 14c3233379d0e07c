import { dropFromParts, makeOnParts } from './shared/partitioned-index.mjs';

/**
 * Indexes of deployments anew, in three steps: made on each partition, taken over by the whole, and then the old ones go.
 *
 * All lead upwards and compare texts byte by byte: what is new then comes in at the right end of its value's rows, where
 * pages fill up, and costs no look at the language's rules. Lists read them backwards. What was by status and by approval
 * is in one, as are the limits of time and the approvals that wait: each index is written with every change.
 */
const NEWEST = 'created_at, id';

export const INDEXES = [
  ['deployments', 'by_time', `(${NEWEST}) WHERE id >= '00000000-0000-0000-0000-000000000000'`],
  ['deployments', 'by_project', `(project text_pattern_ops, ${NEWEST})`],
  ['deployments', 'by_project_environment', `(project text_pattern_ops, environment text_pattern_ops, ${NEWEST})`],
  ['deployments', 'by_project_status', `(project text_pattern_ops, status text_pattern_ops, ${NEWEST})`],
  ['deployments', 'by_environment', `(environment text_pattern_ops, ${NEWEST})`],
  ['deployments', 'by_environment_status', `(environment text_pattern_ops, status text_pattern_ops, approval_status text_pattern_ops, ${NEWEST})`],
  ['deployments', 'by_status', `(status text_pattern_ops, approval_status text_pattern_ops, ${NEWEST})`],
  ['deployments', 'by_requester', `(requested_by text_pattern_ops, ${NEWEST}) WHERE requested_by IS NOT NULL`],
  ['deployments', 'by_version', `(version text_pattern_ops, ${NEWEST})`],
  ['deployments', 'by_ref', `(ref text_pattern_ops, ${NEWEST}) WHERE ref IS NOT NULL`],
  ['deployments', 'by_external_id', `(external_id text_pattern_ops, ${NEWEST}) WHERE external_id IS NOT NULL`],
  ['deployments', 'by_limit', '(approval_status text_pattern_ops, limit_at, id) WHERE limit_at IS NOT NULL'],
];

export const up = (knex) => makeOnParts(knex, INDEXES);

export const down = (knex) => dropFromParts(knex, INDEXES);

export const config = { transaction: false };
