/** What is owed to the outside, and what was last seen there. */
export const up = (knex) =>
  knex.raw(`
CREATE TABLE effects (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  target text NOT NULL,
  deployment_id uuid,
  event_revision integer NOT NULL DEFAULT 0,
  destination text NOT NULL DEFAULT '',
  parent_id uuid,
  priority smallint NOT NULL CHECK (priority BETWEEN 1 AND 3),
  phase text NOT NULL DEFAULT 'unsent' CHECK (phase IN ('unsent', 'sending', 'sent', 'unknown', 'held', 'dead')),
  desired_revision integer NOT NULL,
  applied_revision integer NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  sends integer NOT NULL DEFAULT 0,
  lookups integer NOT NULL DEFAULT 0,
  rechecks integer NOT NULL DEFAULT 0,
  first_sent_at timestamptz,
  sent_at timestamptz,
  next_attempt_at timestamptz,
  queued_until timestamptz,
  lease_until timestamptz,
  fence integer NOT NULL DEFAULT 0,
  external_id text,
  extra_ids text[] NOT NULL DEFAULT '{}',
  failing_since timestamptz,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
COMMENT ON COLUMN effects.event_revision IS '0 for an effect that lives as long as its deployment; else the revision of the one event it tells of';
COMMENT ON COLUMN effects.next_attempt_at IS 'The one schedule: null where nothing is to be done';
COMMENT ON COLUMN effects.extra_ids IS 'Duplicates found outside, to be closed';
CREATE UNIQUE INDEX effects_once ON effects (deployment_id, kind, destination, event_revision);
CREATE INDEX effects_due ON effects (target, priority, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX effects_notices ON effects (destination, next_attempt_at) WHERE kind = 'slack.notice' AND next_attempt_at IS NOT NULL;
CREATE INDEX effects_unknown ON effects (kind, destination, next_attempt_at) WHERE phase IN ('sending', 'unknown');
CREATE INDEX effects_parent ON effects (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX effects_spent ON effects (updated_at) WHERE kind IN ('slack.notice', 'slack.digest') AND phase = 'sent';
CREATE INDEX effects_stuck ON effects (phase, updated_at) WHERE phase IN ('held', 'dead');

CREATE TABLE jira_tickets (
  deployment_id uuid PRIMARY KEY,
  effect_id uuid NOT NULL,
  issue_id text NOT NULL,
  key text NOT NULL,
  url text NOT NULL,
  status text,
  status_id text,
  status_category text,
  content_hash text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX jira_tickets_created ON jira_tickets (created_at);
CREATE INDEX jira_tickets_key ON jira_tickets (key);

CREATE TABLE slack_messages (
  effect_id uuid PRIMARY KEY,
  deployment_id uuid,
  kind text NOT NULL,
  channel_id text NOT NULL,
  ts text NOT NULL,
  thread_ts text,
  content_hash text,
  posted_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX slack_messages_deployment ON slack_messages (deployment_id) WHERE deployment_id IS NOT NULL;
CREATE INDEX slack_messages_posted ON slack_messages (kind, posted_at);

CREATE TABLE slack_users (
  team_id text NOT NULL,
  user_id text NOT NULL,
  email text,
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (team_id, user_id)
);

CREATE TABLE inbound_dedupe (
  key text PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbound_dedupe_at ON inbound_dedupe (at);
`);

export const down = (knex) =>
  knex.raw('DROP TABLE inbound_dedupe, slack_users, slack_messages, jira_tickets, effects');
