/** Who changed which setting, and answers that are given again to the same Idempotency-Key. */
export const up = (knex) =>
  knex.raw(`
CREATE TABLE setting_events (
  id uuid PRIMARY KEY,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  revision integer NOT NULL,
  type text NOT NULL,
  actor text,
  data jsonb NOT NULL,
  request_id text,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX setting_events_newest ON setting_events (at DESC, id DESC);
CREATE INDEX setting_events_subject ON setting_events (subject_kind, subject_id, at DESC, id DESC);
CREATE INDEX setting_events_actor ON setting_events (actor, at DESC, id DESC) WHERE actor IS NOT NULL;

CREATE TABLE idempotency_answers (
  operation text NOT NULL,
  key text NOT NULL,
  body_hash text NOT NULL,
  status integer,
  answer json,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (operation, key)
);
CREATE INDEX idempotency_answers_expires ON idempotency_answers (expires_at);
`);

export const down = (knex) => knex.raw('DROP TABLE idempotency_answers, setting_events');
