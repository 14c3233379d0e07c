/** Deployments with their decisions, events and keys, and the policy that an environment carries. */
export const up = (knex) =>
  knex.raw(`
CREATE TABLE environments (
  name text PRIMARY KEY,
  revision integer NOT NULL DEFAULT 1,
  approvals_required integer NOT NULL DEFAULT 1 CHECK (approvals_required BETWEEN 0 AND 100),
  eligible text[],
  requester_may_approve boolean NOT NULL DEFAULT false,
  approval_ttl_s integer NOT NULL DEFAULT 86400 CHECK (approval_ttl_s > 0),
  timeout_s integer NOT NULL DEFAULT 7200 CHECK (timeout_s > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE deployments (
  id uuid PRIMARY KEY,
  revision integer NOT NULL,
  project text NOT NULL,
  environment text NOT NULL,
  version text NOT NULL,
  commit_sha text,
  ref text,
  description text,
  requested_by text,
  source text,
  external_id text,
  links jsonb NOT NULL,
  metadata jsonb NOT NULL,
  retry_of uuid,
  status text NOT NULL,
  approval_status text NOT NULL,
  approvals_required integer NOT NULL,
  eligible text[],
  requester_may_approve boolean NOT NULL,
  approval_expires_at timestamptz,
  channel_id text NOT NULL,
  timeout_s integer NOT NULL,
  limit_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz
);
COMMENT ON COLUMN deployments.limit_at IS 'When a limit of time changes it next: the approval expires or the rollout times out';
CREATE INDEX deployments_newest ON deployments (created_at DESC, id DESC);
CREATE INDEX deployments_project ON deployments (project text_pattern_ops, created_at DESC, id DESC);
CREATE INDEX deployments_environment ON deployments (environment, created_at DESC, id DESC);
CREATE INDEX deployments_status ON deployments (status, created_at DESC, id DESC);
CREATE INDEX deployments_approval ON deployments (approval_status, created_at DESC, id DESC);
CREATE INDEX deployments_requested_by ON deployments (requested_by, created_at DESC, id DESC) WHERE requested_by IS NOT NULL;
CREATE INDEX deployments_version ON deployments (version text_pattern_ops);
CREATE INDEX deployments_ref ON deployments (ref text_pattern_ops) WHERE ref IS NOT NULL;
CREATE INDEX deployments_external_id ON deployments (external_id text_pattern_ops) WHERE external_id IS NOT NULL;
CREATE INDEX deployments_limit ON deployments (limit_at) WHERE limit_at IS NOT NULL;
CREATE INDEX deployments_finished ON deployments (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE decisions (
  deployment_id uuid NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
  actor text NOT NULL,
  decision text NOT NULL CHECK (decision IN ('approve', 'reject')),
  reason text,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (deployment_id, actor)
);

CREATE TABLE events (
  deployment_id uuid NOT NULL,
  revision integer NOT NULL,
  id uuid NOT NULL,
  type text NOT NULL,
  actor text,
  data jsonb NOT NULL,
  request_id text,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (deployment_id, revision)
);
CREATE INDEX events_type_at ON events (type, at);

CREATE TABLE deployment_keys (
  kind text NOT NULL CHECK (kind IN ('idempotency', 'natural')),
  key text NOT NULL,
  deployment_id uuid NOT NULL,
  body_hash text NOT NULL,
  expires_at timestamptz,
  PRIMARY KEY (kind, key)
);
CREATE INDEX deployment_keys_expires ON deployment_keys (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX deployment_keys_deployment ON deployment_keys (deployment_id);
`);

export const down = (knex) =>
  knex.raw('DROP TABLE deployment_keys, events, decisions, deployments, environments');
