/**
 * The third step: what the new indexes serve goes. Processes of the version before find what they ask for, those by
 * status or approval slowly.
 */
export const up = (knex) =>
  knex.raw(`
DROP INDEX deployments_newest, deployments_project, deployments_project_environment, deployments_project_status,
  deployments_environment, deployments_status, deployments_approval, deployments_requested_by, deployments_version, deployments_ref,
  deployments_external_id, deployments_limit, deployments_waiting`);

export const down = (knex) =>
  knex.raw(`
CREATE INDEX deployments_newest ON deployments (created_at DESC, id DESC) WHERE id >= '00000000-0000-0000-0000-000000000000';
COMMENT ON INDEX deployments_newest IS 'Holds every row; queries must state its condition to be served by it';
CREATE INDEX deployments_project ON deployments (project text_pattern_ops, created_at DESC, id DESC);
CREATE INDEX deployments_project_environment ON deployments (project, environment, created_at DESC, id DESC);
CREATE INDEX deployments_project_status ON deployments (project, status, created_at DESC, id DESC);
CREATE INDEX deployments_environment ON deployments (environment, created_at DESC, id DESC);
CREATE INDEX deployments_status ON deployments (status, created_at DESC, id DESC);
CREATE INDEX deployments_approval ON deployments (approval_status, created_at DESC, id DESC);
CREATE INDEX deployments_requested_by ON deployments (requested_by, created_at DESC, id DESC) WHERE requested_by IS NOT NULL;
CREATE INDEX deployments_version ON deployments (version text_pattern_ops, created_at DESC, id DESC);
CREATE INDEX deployments_ref ON deployments (ref text_pattern_ops, created_at DESC, id DESC) WHERE ref IS NOT NULL;
CREATE INDEX deployments_external_id ON deployments (external_id text_pattern_ops, created_at DESC, id DESC) WHERE external_id IS NOT NULL;
CREATE INDEX deployments_limit ON deployments (limit_at) WHERE limit_at IS NOT NULL;
CREATE INDEX deployments_waiting ON deployments (approval_expires_at, id) WHERE approval_status = 'pending'`);
