/**
 * What a naive build keeps: the same facts in plain tables, each with the indexes that its own queries need. No more, so
 * that it does not pay for what only the product promises.
 */
export const TABLES = `
CREATE TABLE deployments (
  id uuid PRIMARY KEY, revision integer NOT NULL, project text NOT NULL, environment text NOT NULL, version text NOT NULL,
  commit_sha text, ref text, description text, requested_by text, source text, external_id text, links jsonb NOT NULL,
  metadata jsonb NOT NULL, retry_of uuid, rollback_of uuid, promoted_from uuid, status text NOT NULL,
  approval_status text NOT NULL, approvals_required integer NOT NULL, approval_expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz, finished_at timestamptz
);
CREATE INDEX ON deployments (created_at DESC);
CREATE INDEX ON deployments (project, created_at DESC);
CREATE INDEX ON deployments (environment, created_at DESC);
CREATE INDEX ON deployments (status, created_at DESC);
CREATE TABLE events (
  id uuid PRIMARY KEY, deployment_id uuid NOT NULL REFERENCES deployments, revision integer NOT NULL, type text NOT NULL,
  actor text, data jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON events (deployment_id);
CREATE TABLE effects (
  id uuid PRIMARY KEY, deployment_id uuid NOT NULL REFERENCES deployments, kind text NOT NULL, phase text NOT NULL DEFAULT 'unsent',
  desired_revision integer NOT NULL, next_attempt_at timestamptz
);
CREATE INDEX ON effects (deployment_id);
CREATE INDEX ON effects (next_attempt_at);
CREATE TABLE decisions (deployment_id uuid NOT NULL REFERENCES deployments, actor text NOT NULL, decision text NOT NULL, reason text, at timestamptz NOT NULL, PRIMARY KEY (deployment_id, actor));
CREATE TABLE jira_tickets (deployment_id uuid PRIMARY KEY REFERENCES deployments, key text NOT NULL, url text NOT NULL, status text);
CREATE TABLE slack_messages (id uuid PRIMARY KEY, deployment_id uuid NOT NULL REFERENCES deployments, kind text NOT NULL, channel_id text NOT NULL, ts text NOT NULL);
CREATE INDEX ON slack_messages (deployment_id);
`;
