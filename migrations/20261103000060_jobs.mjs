/** What people do to effects by hand, and figures of every hour and day. */
const NOT_DONE = `(next_attempt_at IS NOT NULL OR (phase IN ('held', 'dead') AND discarded_at IS NULL))
  AND NOT (kind = 'slack.notice' AND parent_id IS NOT NULL)`;

export const up = (knex) =>
  knex.raw(`
ALTER TABLE effects ADD COLUMN max_sends integer NOT NULL DEFAULT 2, ADD COLUMN discarded_at timestamptz;
COMMENT ON COLUMN effects.max_sends IS 'Creating requests without an answer that are allowed; a replay by a person allows one more';
COMMENT ON COLUMN effects.discarded_at IS 'Given up for good by a person: dead, not to be woken, and no trouble any more';
CREATE INDEX effects_jobs ON effects (id) WHERE ${NOT_DONE};
CREATE INDEX effects_jobs_kind ON effects (kind, id) WHERE ${NOT_DONE};
DROP INDEX effects_stuck;
CREATE INDEX effects_stuck ON effects (phase, id) WHERE phase IN ('held', 'dead') AND discarded_at IS NULL;
CREATE INDEX effects_discarded ON effects (id) WHERE discarded_at IS NOT NULL;
DROP INDEX effects_spent;
CREATE INDEX effects_spent ON effects (updated_at)
  WHERE kind IN ('slack.notice', 'slack.digest') AND (phase = 'sent' OR discarded_at IS NOT NULL);

CREATE TABLE effect_actions (
  id uuid PRIMARY KEY,
  effect_id uuid NOT NULL,
  action text NOT NULL CHECK (action IN ('replayed', 'discarded')),
  actor text,
  reason text,
  state text NOT NULL,
  last_error text,
  request_id text,
  at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN effect_actions.state IS 'What the effect was before';
CREATE INDEX effect_actions_effect ON effect_actions (effect_id, id);

CREATE TABLE rollup_state (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  counted_until timestamptz NOT NULL DEFAULT '-infinity',
  settled_until timestamptz NOT NULL DEFAULT '-infinity',
  mark_at timestamptz,
  mark_xid xid8
);
COMMENT ON COLUMN rollup_state.counted_until IS 'Events before this are in the rollups, once; later ones are not';
COMMENT ON COLUMN rollup_state.settled_until IS 'No transaction that is still open can add an event before this';
COMMENT ON COLUMN rollup_state.mark_xid IS 'When every transaction up to this one has ended, mark_at is settled';
INSERT INTO rollup_state DEFAULT VALUES;

CREATE TABLE rollups (
  project text NOT NULL,
  environment text NOT NULL,
  grain text NOT NULL CHECK (grain IN ('hour', 'day')),
  starts_at timestamptz NOT NULL,
  created integer NOT NULL,
  approved integer NOT NULL,
  rejected integer NOT NULL,
  expired integer NOT NULL,
  started integer NOT NULL,
  succeeded integer NOT NULL,
  failed integer NOT NULL,
  timed_out integer NOT NULL,
  cancelled integer NOT NULL,
  rolled_back integer NOT NULL,
  PRIMARY KEY (project, environment, grain, starts_at)
);
COMMENT ON COLUMN rollups.project IS 'Empty: all projects together; likewise environment';

CREATE TABLE rollup_durations (
  project text NOT NULL,
  environment text NOT NULL,
  grain text NOT NULL CHECK (grain IN ('hour', 'day')),
  starts_at timestamptz NOT NULL,
  metric text NOT NULL CHECK (metric IN ('approval_wait', 'rollout')),
  bucket smallint NOT NULL,
  samples integer NOT NULL,
  sum_ms bigint NOT NULL,
  PRIMARY KEY (project, environment, grain, starts_at, metric, bucket)
);
COMMENT ON COLUMN rollup_durations.bucket IS 'The place among the bounds of packages/domain/src/duration-buckets.ts';
`);

export const down = (knex) =>
  knex.raw(`
DROP TABLE rollup_durations, rollups, rollup_state, effect_actions;
DROP INDEX effects_spent, effects_discarded, effects_stuck, effects_jobs_kind, effects_jobs;
ALTER TABLE effects DROP COLUMN discarded_at, DROP COLUMN max_sends;
CREATE INDEX effects_spent ON effects (updated_at) WHERE kind IN ('slack.notice', 'slack.digest') AND phase = 'sent';
CREATE INDEX effects_stuck ON effects (phase, updated_at) WHERE phase IN ('held', 'dead');
`);
