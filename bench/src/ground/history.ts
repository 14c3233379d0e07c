// A made-up history, as SQL: deployments of the last 180 days, evenly through time, with ids that are ordered by time as
// the product's are. $1 and $2 are the first and the last row of a portion, $3 how many rows there are in all.

/** A UUIDv7 of a time, its random part made of a text, so that it is the same in every table. */
const id = (at: string, seed: string): string =>
  `(lpad(to_hex((extract(epoch FROM ${at}) * 1000)::bigint), 12, '0') || '7' || substr(md5(${seed}), 1, 3) || '8' || substr(md5(${seed}), 4, 15))::uuid`;

// h and g are as good as random, and the same in every run.
const SHAPED = `
SELECT *, ${id('at', `'d' || i`)} AS id,
  CASE WHEN h % 5 = 0 THEN 'monolith' ELSE 'service-' || lpad((h % 200)::text, 3, '0') END AS project,
  CASE WHEN g % 1000 = 7 THEN 'dr' WHEN g % 100 < 35 THEN 'production' WHEN g % 100 < 80 THEN 'staging' ELSE 'development' END AS environment,
  CASE WHEN (h / 7) % 1000 < 880 THEN 'succeeded' WHEN (h / 7) % 1000 < 960 THEN 'failed' WHEN (h / 7) % 1000 < 999 THEN 'cancelled' ELSE 'timed_out' END AS status,
  CASE WHEN (h / 11) % 100 < 40 THEN 'ci@example.com' ELSE 'person-' || lpad((h % 300)::text, 3, '0') || '@example.com' END AS requested_by,
  '1.' || (i * 40 / n) || '.' || (h % 60) AS version
FROM (SELECT i, $3::bigint AS n, ((i * 2654435761) % 1000003) AS h, ((i * 40503) % 65537) AS g,
    date_trunc('second', now()) - make_interval(secs => 3600 + ($3 - i) * 15552000.0 / $3) AS at
  FROM generate_series($1::bigint, $2::bigint) AS i) AS raw`;

/** What fills a portion, table by table. Every deployment has ended, so that nobody has anything to do for it. */
export const PORTION: readonly string[] = [
  `INSERT INTO deployments (id, revision, project, environment, version, commit_sha, ref, description, requested_by, source, external_id,
     links, metadata, status, approval_status, approvals_required, requester_may_approve, approval_expires_at, channel_id, timeout_s,
     created_at, updated_at, started_at, finished_at)
   SELECT id, 4, project, environment, version, md5(i::text), 'main', 'Raises the limit of the connection pool.', requested_by, 'ci', 'run-' || i,
     '[{"title": "run", "url": "https://ci.example.com/runs/1"}]', '{"region": "eu-central-1"}', status, 'approved', 1, false, at + interval '1 day',
     'C0' || h % 40, 7200, at, at + interval '10 minutes', at + interval '5 minutes', at + interval '10 minutes'
   FROM (${SHAPED}) AS s`,
  `INSERT INTO events (deployment_id, revision, id, type, data, at)
   SELECT s.id, r, ${id('at + make_interval(mins => r * 3)', `'e' || r || i`)},
     CASE r WHEN 1 THEN 'deployment.created' WHEN 2 THEN 'deployment.approved' ELSE 'deployment.' || status END, '{}', at + make_interval(mins => r * 3)
   FROM (${SHAPED}) AS s CROSS JOIN generate_series(1, 3) AS r`,
  `INSERT INTO effects (id, kind, target, deployment_id, destination, priority, phase, desired_revision, applied_revision, sends, sent_at, external_id, created_at, updated_at)
   SELECT ${id('at', `'f' || k || i`)}, (ARRAY['jira.ticket', 'slack.approval'])[k], (ARRAY['jira', 'slack'])[k], s.id,
     CASE k WHEN 1 THEN '' ELSE 'C0' || h % 40 END, 3 - k, 'sent', 4, 4, 1, at, 'x' || i, at, at + interval '11 minutes'
   FROM (${SHAPED}) AS s CROSS JOIN generate_series(1, 2) AS k`,
  `INSERT INTO jira_tickets (deployment_id, effect_id, issue_id, key, url, status, status_category, owed_at, created_at, updated_at)
   SELECT s.id, ${id('at', `'f1' || i`)}, i::text, 'OPS-' || i, 'https://jira.example.com/browse/OPS-' || i, 'Done', 'done', at, at + interval '5 seconds', at
   FROM (${SHAPED}) AS s`,
  `INSERT INTO slack_messages (effect_id, deployment_id, kind, channel_id, ts, posted_at)
   SELECT ${id('at', `'f2' || i`)}, s.id, 'slack.approval', 'C0' || h % 40, i || '.000100', at + interval '2 seconds'
   FROM (${SHAPED}) AS s`,
];

/** The tables that are filled. */
export const TABLES: readonly string[] = ['deployments', 'events', 'effects', 'jira_tickets', 'slack_messages'];

/** As where metrics-cron has kept up: the past is counted and measured. */
export const AFTERWARDS: readonly string[] = [
  'UPDATE rollup_state SET counted_until = now(), settled_until = now()',
  `INSERT INTO sla_windows (starts_at, ends_at) SELECT now() - interval '1 minute', now() ON CONFLICT DO NOTHING`,
];
