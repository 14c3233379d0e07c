/**
 * Projects, and environments whose policy may be left to the defaults in force. Both are filled with what deployments
 * have named so far, hopping from name to name along an index instead of reading every deployment.
 */
export const up = (knex) =>
  knex.raw(`
CREATE TABLE projects (
  key text PRIMARY KEY,
  revision integer NOT NULL DEFAULT 1,
  name text NOT NULL,
  team text,
  repository_url text,
  jira_project_key text,
  default_channel_id text,
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX projects_active ON projects (key COLLATE "C") WHERE archived_at IS NULL;
CREATE INDEX projects_archived ON projects (key COLLATE "C") WHERE archived_at IS NOT NULL;
CREATE INDEX projects_all ON projects (key COLLATE "C");
CREATE INDEX projects_team ON projects (team, key COLLATE "C") WHERE team IS NOT NULL;

ALTER TABLE environments
  ADD COLUMN rank integer NOT NULL DEFAULT 0,
  ADD COLUMN production boolean NOT NULL DEFAULT false,
  ADD COLUMN archived_at timestamptz,
  ALTER COLUMN approvals_required DROP DEFAULT, ALTER COLUMN approvals_required DROP NOT NULL,
  ALTER COLUMN requester_may_approve DROP DEFAULT, ALTER COLUMN requester_may_approve DROP NOT NULL,
  ALTER COLUMN approval_ttl_s DROP DEFAULT, ALTER COLUMN approval_ttl_s DROP NOT NULL,
  ALTER COLUMN timeout_s DROP DEFAULT, ALTER COLUMN timeout_s DROP NOT NULL;
COMMENT ON COLUMN environments.approvals_required IS 'Null, here and in the rest of the policy: the default in force';
CREATE INDEX environments_rank ON environments (rank, name COLLATE "C");

WITH RECURSIVE named AS (
  (SELECT project FROM deployments ORDER BY project USING ~<~ LIMIT 1)
  UNION ALL
  SELECT (SELECT d.project FROM deployments d WHERE d.project ~>~ named.project ORDER BY d.project USING ~<~ LIMIT 1)
  FROM named WHERE named.project IS NOT NULL
)
INSERT INTO projects (key, name) SELECT project, project FROM named WHERE project IS NOT NULL;

WITH RECURSIVE named AS (
  (SELECT environment FROM deployments ORDER BY environment LIMIT 1)
  UNION ALL
  SELECT (SELECT d.environment FROM deployments d WHERE d.environment > named.environment ORDER BY d.environment LIMIT 1)
  FROM named WHERE named.environment IS NOT NULL
)
INSERT INTO environments (name) SELECT environment FROM named WHERE environment IS NOT NULL ON CONFLICT DO NOTHING;
`);

export const down = (knex) =>
  knex.raw(`
DROP TABLE projects;
DROP INDEX environments_rank;
COMMENT ON COLUMN environments.approvals_required IS NULL;
DELETE FROM environments
WHERE approvals_required IS NULL AND eligible IS NULL AND requester_may_approve IS NULL AND approval_ttl_s IS NULL AND timeout_s IS NULL;
UPDATE environments SET
  approvals_required = coalesce(approvals_required, 1), requester_may_approve = coalesce(requester_may_approve, false),
  approval_ttl_s = coalesce(approval_ttl_s, 86400), timeout_s = coalesce(timeout_s, 7200);
ALTER TABLE environments
  DROP COLUMN rank, DROP COLUMN production, DROP COLUMN archived_at,
  ALTER COLUMN approvals_required SET DEFAULT 1, ALTER COLUMN approvals_required SET NOT NULL,
  ALTER COLUMN requester_may_approve SET DEFAULT false, ALTER COLUMN requester_may_approve SET NOT NULL,
  ALTER COLUMN approval_ttl_s SET DEFAULT 86400, ALTER COLUMN approval_ttl_s SET NOT NULL,
  ALTER COLUMN timeout_s SET DEFAULT 7200, ALTER COLUMN timeout_s SET NOT NULL;
`);
