/**
 * What people set while everything runs. A configuration that was taken back to its default keeps its row without a
 * value, so that its revision never counts anew.
 */
export const up = (knex) =>
  knex.raw(`
CREATE TABLE configurations (
  key text PRIMARY KEY,
  revision integer NOT NULL DEFAULT 0,
  value jsonb,
  updated_by text,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE channel_mappings (
  id uuid PRIMARY KEY,
  revision integer NOT NULL DEFAULT 1,
  project text NOT NULL,
  environment text NOT NULL,
  channel_id text NOT NULL,
  created_by text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (project, environment)
);
CREATE INDEX channel_mappings_environment ON channel_mappings (environment, project);
CREATE INDEX channel_mappings_channel ON channel_mappings (channel_id, project, environment);

CREATE INDEX setting_events_kind ON setting_events (subject_kind, at DESC, id DESC);
CREATE INDEX setting_events_subject_id ON setting_events (subject_id, at DESC, id DESC);
`);

export const down = (knex) =>
  knex.raw(`
DROP INDEX setting_events_subject_id;
DROP INDEX setting_events_kind;
DROP TABLE channel_mappings, configurations;
`);
