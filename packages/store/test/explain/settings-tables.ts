/** Fills what does not belong to one deployment: settings with their history, figures, answers. Run beside the rows in `shaped`. */
export const SETTINGS: readonly string[] = [
  // 20,000 projects, a quarter of them of one team.
  `INSERT INTO projects (key, name, team, repository_url, archived_at)
   SELECT key, initcap(key), CASE WHEN n % 4 = 0 THEN 'platform' ELSE 'team-' || n % 500 END, 'https://git.example.com/' || key,
     CASE WHEN n % 100 = 1 THEN now() END
   FROM (SELECT key, row_number() OVER (ORDER BY key) AS n FROM (
     SELECT DISTINCT project AS key FROM shaped UNION SELECT 'app-' || a FROM generate_series(1, 20000) AS a) AS keys) AS p`,
  `INSERT INTO environments (name, rank, production) VALUES ('development', 10, false), ('staging', 20, false), ('production', 30, true), ('dr', 40, true)`,
  `INSERT INTO environments (name, rank) SELECT 'preview-' || e, 5 FROM generate_series(1, 196) AS e`,
  // As many as may be.
  `INSERT INTO channel_mappings (id, project, environment, channel_id)
   SELECT md5('m' || m)::uuid, 'service-' || m % 250, CASE m / 250 WHEN 0 THEN '*' WHEN 1 THEN 'production' WHEN 2 THEN 'staging' ELSE 'dev*' END, 'C0' || m % 40
   FROM generate_series(0, 999) AS m`,
  `INSERT INTO templates (id, purpose, project, body)
   SELECT md5('t' || t)::uuid, (ARRAY['jira.summary', 'jira.description', 'slack.approval'])[1 + t % 3], 'service-' || t / 3, repeat('text ', 200)
   FROM generate_series(0, 499) AS t`,
  // Mostly of projects; two fifths, the oldest, by somebody who has left since, then mostly by the robot. Those of templates are the oldest.
  `INSERT INTO setting_events (id, subject_kind, subject_id, revision, type, actor, data, at)
   SELECT md5('s' || i)::uuid, kind, CASE kind WHEN 'project' THEN 'app-' || h % 20000 ELSE kind || '-' || h % 50 END, 1, kind || '.updated',
     CASE WHEN i <= n * 4 / 10 THEN 'gone@example.com' WHEN h % 10 < 6 THEN 'ci@example.com' WHEN h % 10 < 8 THEN 'person-' || lpad((h % 300)::text, 3, '0') || '@example.com' END,
     '{"changes": {"name": {"from": "a", "to": "b"}}}', at
   FROM (SELECT *, CASE WHEN i <= n / 50 THEN 'template' WHEN g % 100 < 3 THEN 'environment' WHEN g % 100 < 5 THEN 'configuration' ELSE 'project' END AS kind
         FROM shaped WHERE i % 2 = 0) AS e ORDER BY i`,
  `INSERT INTO idempotency_answers (operation, key, body_hash, status, answer, expires_at)
   SELECT 'createProject', 'key-' || i, 'hash', 201, '{}', at + interval '1 day' FROM shaped ORDER BY i`,
  // A year by the day and a month by the hour, of up to 200 projects, each environment, and all of them together.
  `CREATE TEMP TABLE places AS
   SELECT project, environment, g.grain, at AS starts_at, project = '' AND environment = '' AS whole
   FROM (SELECT '' UNION ALL SELECT 'service-' || lpad(p::text, 3, '0') FROM generate_series(0, least(200, (SELECT max(n) FROM shaped) / 2000) - 1) AS p) AS p(project)
   CROSS JOIN unnest(ARRAY['', 'production', 'staging', 'development', 'dr']) AS e(environment)
   CROSS JOIN (VALUES ('day', interval '1 day', 365), ('hour', interval '1 hour', 720)) AS g(grain, step, most)
   CROSS JOIN LATERAL generate_series(date_trunc(g.grain, now(), 'UTC') - g.step * g.most, now(), g.step) AS at
   WHERE g.grain = 'day' OR project IN ('', 'service-017')`,
  `INSERT INTO rollups (project, environment, grain, starts_at, created, approved, rejected, expired, started, succeeded, failed, timed_out, cancelled, rolled_back)
   SELECT project, environment, grain, starts_at, 9, 8, 1, 0, 8, 6, 2, 0, 0, 0 FROM places`,
  `INSERT INTO rollup_durations (project, environment, grain, starts_at, metric, bucket, samples, sum_ms)
   SELECT project, environment, grain, starts_at, metric, 60 + b, 3, 900000
   FROM places CROSS JOIN unnest(ARRAY['approval_wait', 'rollout']) AS metric CROSS JOIN LATERAL generate_series(1, CASE WHEN whole THEN 40 ELSE 2 END) AS b`,
  'DROP TABLE places',
  `INSERT INTO sla_windows (starts_at, ends_at)
   SELECT at, at + interval '5 minutes' FROM generate_series(date_trunc('minute', now()) - interval '7 days', now() - interval '10 minutes', interval '5 minutes') AS at`,
  `INSERT INTO sla_results (ends_at, metric, project, environment, samples, within_target, target_s, sum_s, p50_s, p95_s, max_s)
   SELECT ends_at, 'ticket', 'service-' || p, 'production', 3, 2, 60, 100, 30, 60, 70 FROM sla_windows CROSS JOIN generate_series(1, 20) AS p`,
];
