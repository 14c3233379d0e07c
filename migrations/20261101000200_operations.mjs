/** Who is alive, which scheduled tasks ran, and what the SLA windows measured. */
export const up = (knex) =>
  knex.raw(`
CREATE TABLE heartbeats (
  service text NOT NULL,
  instance text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  detail jsonb NOT NULL,
  PRIMARY KEY (service, instance)
);

CREATE TABLE tasks (
  name text PRIMARY KEY,
  schedule text NOT NULL,
  next_run_at timestamptz NOT NULL,
  queued_until timestamptz,
  lease_until timestamptz,
  fence integer NOT NULL DEFAULT 0,
  last_run_at timestamptz,
  last_error text
);
COMMENT ON COLUMN tasks.schedule IS 'The cron text, in UTC, that next_run_at was worked out from';

CREATE TABLE sla_windows (
  starts_at timestamptz NOT NULL UNIQUE,
  ends_at timestamptz PRIMARY KEY,
  CHECK (starts_at < ends_at)
);

CREATE TABLE sla_results (
  ends_at timestamptz NOT NULL REFERENCES sla_windows (ends_at) ON DELETE CASCADE,
  metric text NOT NULL,
  project text NOT NULL,
  environment text NOT NULL,
  samples integer NOT NULL,
  within_target integer NOT NULL,
  target_s double precision NOT NULL,
  sum_s double precision NOT NULL,
  p50_s double precision NOT NULL,
  p95_s double precision NOT NULL,
  max_s double precision NOT NULL,
  PRIMARY KEY (ends_at, metric, project, environment)
);
`);

export const down = (knex) => knex.raw('DROP TABLE sla_results, sla_windows, tasks, heartbeats');
