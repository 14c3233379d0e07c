import { quartersFrom } from '@deptracker/store';
import pg from 'pg';
import { SETTINGS } from './settings-tables.js';

/** The tables that grow with every deployment, or without a cap; a sequential scan of one of them is what no query may do. */
export const BIG_TABLES = [
  'deployments', 'events', 'decisions', 'deployment_keys', 'effects', 'jira_tickets', 'slack_messages', 'inbound_dedupe', 'effect_actions',
  'projects', 'setting_events', 'idempotency_answers', 'rollups', 'rollup_durations', 'sla_results',
] as const;

/** Of whom and of what the large tables hold: what the rows below name, in words. */
export const SKEW = {
  /** A fifth of everything, evenly through time; never rejected. */
  dominantProject: 'monolith',
  /** A twenty-fifth of everything, all of it the oldest. */
  retiredProject: 'legacy-app',
  oneOfManyProjects: 'service-017',
  /** One in a thousand, evenly through time; never by the robot. */
  rareEnvironment: 'dr',
  /** Two fifths of everything. */
  robot: 'ci@example.com',
  person: 'person-017@example.com',
  /** Some hundreds in a million, all of them the oldest. */
  leaver: 'gone@example.com',
  /** Two fifths of all messages, all of them the oldest. */
  retiredChannel: 'C0OLD',
  /** Some hundreds of tickets in a million, all of them the oldest. */
  retiredStatus: 'Waiting for QA',
} as const;

// h and g are as good as random, and the same in every run.
const ROWS = `
SELECT i, ((i * 2654435761) % 1000003) AS h, ((i * 40503) % 65537) AS g,
  $1::bigint AS n, date_trunc('second', now()) - make_interval(secs => ($1 - i) * 15552000.0 / $1) AS at
FROM generate_series(1, $1::bigint) AS i`;

// Time-ordered, as ids are: that is how rows come to their partitions.
const UUID_V7 = `(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5('d' || i), 1, 3) || '8' || substr(md5('d' || i), 4, 15))::uuid`;

const SHAPED = `
SELECT i, h, g, n, at, ${UUID_V7} AS id,
  CASE WHEN i <= n * 8 / 100 AND i % 2 = 0 THEN 'legacy-app' WHEN h % 5 = 0 THEN 'monolith'
    ELSE 'service-' || lpad((h % 200)::text, 3, '0') END AS project,
  CASE WHEN g % 1000 = 7 THEN 'dr' WHEN g % 100 < 35 THEN 'production' WHEN g % 100 < 80 THEN 'staging' ELSE 'development' END AS environment,
  CASE WHEN i > n - 100 THEN (ARRAY['pending', 'approved', 'in_progress'])[1 + i % 3]
    WHEN (h / 7) % 1000 < 860 THEN 'succeeded' WHEN (h / 7) % 1000 < 920 THEN 'failed' WHEN (h / 7) % 1000 < 940 THEN 'rolled_back'
    WHEN (h / 7) % 1000 < 955 THEN CASE WHEN h % 5 = 0 THEN 'failed' ELSE 'rejected' END
    WHEN (h / 7) % 1000 < 975 THEN 'cancelled' WHEN (h / 7) % 1000 < 990 THEN 'expired' ELSE 'timed_out' END AS status,
  CASE WHEN i <= n / 1000 THEN 'gone@example.com' WHEN (h / 11) % 50 = 0 THEN NULL
    WHEN (h / 11) % 100 < 40 AND g % 1000 <> 7 THEN 'ci@example.com'
    ELSE 'person-' || lpad((h % 300)::text, 3, '0') || '@example.com' END AS requested_by,
  CASE WHEN i <= n * 3 / 100 THEN '0.9.' || (h % 40) WHEN i % (n / 3) = 1 THEN '7.7.7'
    WHEN h % 10 < 6 THEN '1.' || (i * 40 / n) || '.' || (h % 60) ELSE '2.' || (i * 40 / n) || '.' || (h % 60) END AS version,
  CASE WHEN h % 20 = 0 THEN NULL WHEN h % 10 < 7 THEN 'main' ELSE 'feature/TICKET-' || (h % 40000) END AS ref,
  CASE WHEN h % 10 > 0 THEN 'run-' || i END AS external_id
FROM (${ROWS}) AS raw`;

const FILL: readonly string[] = [
  `CREATE TEMP TABLE shaped AS
   SELECT s.*, status NOT IN ('pending', 'approved', 'in_progress') AS ended,
     CASE WHEN environment IN ('staging', 'development') AND status NOT IN ('pending', 'rejected') THEN 'not_required'
       WHEN status IN ('pending', 'rejected', 'expired', 'cancelled') THEN status ELSE 'approved' END AS approval_status,
     CASE WHEN i <= n * 4 / 10 THEN 'C0OLD' ELSE 'C0' || (h % 40) END AS channel
   FROM (${SHAPED}) AS s`,
  `INSERT INTO deployments (id, revision, project, environment, version, commit_sha, ref, description, requested_by, source,
     external_id, links, metadata, status, approval_status, approvals_required, requester_may_approve, approval_expires_at,
     channel_id, timeout_s, limit_at, created_at, updated_at, started_at, finished_at)
   SELECT id, 4, project, environment, version, md5(i::text), ref, repeat('what it brings ', 6), requested_by, 'ci', external_id,
     '[{"title": "run", "url": "https://ci.example.com/runs/1"}]', '{"build": {"number": 812}}', status, approval_status, 1, false,
     at + interval '1 day', channel, 7200, CASE WHEN NOT ended THEN at + interval '400 days' END, at,
     at + interval '10 minutes', CASE WHEN status <> 'pending' THEN at + interval '5 minutes' END,
     CASE WHEN ended THEN at + interval '10 minutes' END
   FROM shaped ORDER BY i`,
  `INSERT INTO decisions (deployment_id, actor, decision, at)
   SELECT id, 'bob@example.com', 'approve', at + interval '4 minutes' FROM shaped WHERE approval_status = 'approved' ORDER BY i`,
  `INSERT INTO events (deployment_id, revision, id, type, data, at)
   SELECT id, r, md5('e' || r || id)::uuid, CASE r WHEN 1 THEN 'deployment.created' WHEN 2 THEN 'deployment.approved'
     WHEN 3 THEN 'deployment.started' ELSE 'deployment.' || status END, '{"to": "approved"}', at + make_interval(mins => r * 2)
   FROM shaped CROSS JOIN generate_series(1, 4) AS r ORDER BY i, r`,
  `INSERT INTO deployment_keys (kind, key, deployment_id, body_hash, expires_at)
   SELECT 'natural', 'natural-' || i, id, 'hash', NULL FROM shaped ORDER BY i`,
  `INSERT INTO deployment_keys (kind, key, deployment_id, body_hash, expires_at)
   SELECT 'idempotency', 'key-' || i, id, 'hash', now() + interval '1 day' FROM shaped WHERE i > n - n / 20 ORDER BY i`,
  // Five a deployment. What is not done yet: the newest, the tickets of some days that wait out an outage, some others
  // that failed and wait, some that nobody could deliver, some of these given up by hand.
  `INSERT INTO effects (id, kind, target, deployment_id, event_revision, destination, parent_id, priority, phase, desired_revision,
     applied_revision, sends, sent_at, next_attempt_at, lease_until, external_id, failing_since, discarded_at, created_at, updated_at)
   SELECT md5('f' || k || id)::uuid, (ARRAY['jira.ticket', 'slack.approval', 'slack.reply', 'slack.reply', 'slack.notice'])[k],
     CASE k WHEN 1 THEN 'jira' ELSE 'slack' END, id, CASE WHEN k > 2 THEN k ELSE 0 END, CASE k WHEN 1 THEN '' ELSE channel END,
     CASE WHEN k IN (3, 4) THEN md5('f2' || id)::uuid WHEN k = 5 AND i <= n - 200 AND h % 20000 > 10 THEN md5('g' || i / 20)::uuid END,
     least(k, 3), CASE WHEN i > n - 200 OR k = 1 AND i > n - n / 20 THEN 'unsent' WHEN h % 20000 IN (3, 6) THEN 'dead'
       WHEN h % 20000 = 4 THEN 'unknown' WHEN h % 20000 = 5 THEN 'held' ELSE 'sent' END,
     4, 4, 1, at, CASE WHEN i > n - 200 THEN now() - interval '1 second' WHEN h % 20000 = 4 OR k = 1 AND i > n - n / 20 THEN now() + interval '1 day' END,
     CASE WHEN i > n - 200 AND i % 50 = 0 THEN now() + interval '1 hour' END,
     CASE WHEN i > n - 200 OR k = 1 AND i > n - n / 20 THEN NULL ELSE 'x' || i END,
     CASE WHEN h % 20000 = 4 OR k = 1 AND i > n - n / 20 THEN now() END,
     CASE WHEN h % 20000 = 6 AND i <= n - n / 20 THEN now() END, at, at + interval '11 minutes'
   FROM shaped CROSS JOIN generate_series(1, 5) AS k ORDER BY i, k`,
  // Digests of twenty notices, and tickets that belong to no deployment.
  `INSERT INTO effects (id, kind, target, destination, priority, phase, desired_revision, applied_revision, sends, sent_at, external_id, created_at, updated_at)
   SELECT md5('g' || i / 20)::uuid, 'slack.digest', 'slack', channel, 3, 'sent', 1, 1, 1, at, 'g' || i, at, at FROM shaped WHERE i % 20 = 0 AND i <= n - 200
   UNION ALL
   SELECT md5('q' || i)::uuid, 'jira.issue', 'jira', '', 2, 'sent', 1, 1, 1, at, 'q' || i, at, at FROM shaped WHERE i % 50 = 0`,
  `INSERT INTO effect_actions (id, effect_id, action, actor, reason, state, at)
   SELECT md5('a' || r || id)::uuid, md5('f3' || id)::uuid, 'replayed', 'ann@example.com', 'once more', 'dead', at
   FROM shaped CROSS JOIN generate_series(1, 2) AS r WHERE i % 4 = 0 ORDER BY i`,
  `INSERT INTO jira_tickets (deployment_id, effect_id, issue_id, key, url, status, status_id, status_category, content_hash, project_key, summary,
     type, assignee_id, assignee, priority, requested_by, owed_at, seen_at, created_at, updated_at)
   SELECT CASE WHEN own THEN id END, CASE WHEN own THEN md5('f1' || id) ELSE md5('q' || i) END::uuid, number, 'DEP-' || number,
     'https://jira.example.com/browse/DEP-' || number, CASE WHEN i <= n / 1000 THEN 'Waiting for QA' WHEN h % 300 = 0 THEN 'In Review'
       WHEN h % 9 = 0 THEN 'To Do' ELSE 'Done' END, '3', 'done', md5(number), 'DEP', project || ' ' || version || ' to ' || environment,
     CASE WHEN NOT own THEN 'Task' END, CASE WHEN h % 3 = 0 THEN 'u' || h % 300 END, CASE WHEN h % 3 = 0 THEN 'Person ' || h % 300 END, 'Medium',
     CASE WHEN NOT own THEN requested_by END, at, CASE WHEN h % 3 = 0 THEN at + interval '1 hour' END, at + interval '20 seconds', at + interval '1 hour'
   FROM (SELECT *, true AS own, i::text AS number FROM shaped WHERE i <= n - n / 20
         UNION ALL SELECT *, false, (n + i)::text FROM shaped WHERE i % 50 = 0) AS t ORDER BY i`,
  `INSERT INTO slack_messages (effect_id, deployment_id, kind, channel_id, ts, thread_ts, posted_at)
   SELECT md5('f' || k || id)::uuid, id, CASE k WHEN 2 THEN 'slack.approval' ELSE 'slack.reply' END, channel,
     extract(epoch FROM at) || '.000' || k, CASE k WHEN 3 THEN extract(epoch FROM at) || '.0002' END, at + make_interval(secs => k)
   FROM shaped CROSS JOIN generate_series(2, 3) AS k WHERE i <= n - 200 ORDER BY i, k`,
  `INSERT INTO slack_messages (effect_id, kind, channel_id, ts, posted_at)
   SELECT md5('g' || i / 20)::uuid, 'slack.digest', channel, extract(epoch FROM at) || '.0009', at FROM shaped WHERE i % 20 = 0 AND i <= n - 200`,
  `INSERT INTO inbound_dedupe (key, at) SELECT 'click-' || i, at FROM shaped`,
  ...SETTINGS,
];

/** A year of quarters instead of one partition for everything before this one, as where Dep Tracker has run for long. */
async function layOut(client: pg.Client): Promise<void> {
  const { rows: [first] } = await client.query<{ now: Date }>(`SELECT date_trunc('quarter', now(), 'UTC') - interval '1 year' AS now`);
  const quarters = quartersFrom(first?.now ?? new Date(), 3);
  for (const table of ['deployments', 'events']) {
    await client.query(`DROP TABLE ${table}_before`);
    for (const { name, from, to } of quarters) {
      await client.query(`CREATE TABLE ${table}_${name} PARTITION OF ${table} FOR VALUES FROM ('${from}') TO ('${to}')`);
    }
  }
}

/** Fills a migrated, empty database with `rows` deployments and what belongs to them, in seconds: indexes come last. */
export async function fillLargeTables(url: string, rows: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await layOut(client);
    await client.query(`SET work_mem = '64MB'; SET maintenance_work_mem = '512MB'`);
    const indexes = await client.query<{ name: string; sql: string }>(
      `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS sql FROM pg_index i
       WHERE i.indrelid = ANY ($1::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)`,
      [[...BIG_TABLES]],
    );
    for (const { name } of indexes.rows) await client.query(`DROP INDEX ${name}`);
    for (const sql of FILL) await client.query(sql, sql.includes('$1') ? [rows] : []);
    for (const { sql } of indexes.rows) await client.query(sql.replace(' ON ONLY ', ' ON '));
    await client.query('DROP TABLE shaped');
    // As where metrics-cron runs: clean-up takes only what is counted.
    await client.query('UPDATE rollup_state SET counted_until = now()');
    // As autovacuum has it: of partitioned tables it looks at the parts, never at the whole.
    const { rows: parts } = await client.query<{ name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relname ~ $1`,
      [`^(${BIG_TABLES.join('|')})(_default|_before|_[0-9]{4}q[1-4])?$`],
    );
    await client.query(`VACUUM ANALYZE ${parts.map(({ name }) => name).join(', ')}`);
  } finally {
    await client.end();
  }
}
