/**
 * Every filter of the list of deployments, and the two pairs that are asked most, give their rows newest first. An index
 * whose condition always holds is only used by who states it: so a list with a filter is never read along the newest of
 * all, in the hope of soon meeting a row that fits.
 */
export const up = (knex) =>
  knex.raw(`
DROP INDEX deployments_newest, deployments_version, deployments_ref, deployments_external_id;
CREATE INDEX deployments_newest ON deployments (created_at DESC, id DESC) WHERE id >= '00000000-0000-0000-0000-000000000000';
COMMENT ON INDEX deployments_newest IS 'Holds every row; queries must state its condition to be served by it';
CREATE INDEX deployments_project_environment ON deployments (project, environment, created_at DESC, id DESC);
CREATE INDEX deployments_project_status ON deployments (project, status, created_at DESC, id DESC);
CREATE INDEX deployments_version ON deployments (version text_pattern_ops, created_at DESC, id DESC);
CREATE INDEX deployments_ref ON deployments (ref text_pattern_ops, created_at DESC, id DESC) WHERE ref IS NOT NULL;
CREATE INDEX deployments_external_id ON deployments (external_id text_pattern_ops, created_at DESC, id DESC) WHERE external_id IS NOT NULL;
`);

export const down = (knex) =>
  knex.raw(`
DROP INDEX deployments_newest, deployments_project_environment, deployments_project_status, deployments_version, deployments_ref,
  deployments_external_id;
CREATE INDEX deployments_newest ON deployments (created_at DESC, id DESC);
CREATE INDEX deployments_version ON deployments (version text_pattern_ops);
CREATE INDEX deployments_ref ON deployments (ref text_pattern_ops) WHERE ref IS NOT NULL;
CREATE INDEX deployments_external_id ON deployments (external_id text_pattern_ops) WHERE external_id IS NOT NULL;
`);
