import type { Queryable, UnitOfWork } from './database.js';

export const SLA_METRICS = ['ticket', 'message', 'decision', 'completion'] as const;
/**
 * From creation to the Jira ticket, to the approval message and to the decision; `completion` is from the start of a
 * rollout to its success, failure or time-out.
 */
export type SlaMetric = (typeof SLA_METRICS)[number];

/** Per metric, the seconds within which it should happen. */
export type SlaTargets = Readonly<Record<SlaMetric, number>>;

/** A span of time whose milestones were measured, its start included, its end not. Texts keep Postgres's microseconds. */
export interface SlaWindow {
  readonly startsAt: string;
  readonly endsAt: string;
}

export interface SlaWindowOptions {
  /** The time of the schedule that is measured up to. */
  readonly slot: Date;
  /** Longest window, in seconds; what is behind by more is measured in several. */
  readonly maxSeconds: number;
  /** How far the very first window reaches back, in seconds. */
  readonly lookbackSeconds: number;
  readonly targets: SlaTargets;
}

/** Windows end behind the slot, so that a milestone whose transaction began before it has been committed. */
export const SLA_SETTLE_SECONDS = 10;

// A writer that takes even longer holds the window's end back, unless it hangs. The advisory lock is for its
// transaction: whoever comes second sees the first one's window.
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('deptracker.sla_windows'))`;
const OPEN_WINDOW = `
WITH span AS (
  SELECT (SELECT max(ends_at) FROM sla_windows) AS known,
    (SELECT min(created_at) FROM deployments WHERE id >= '00000000-0000-0000-0000-000000000000') AS oldest,
    least($1::timestamptz - make_interval(secs => ${SLA_SETTLE_SECONDS}),
      (SELECT min(xact_start) FROM pg_stat_activity
       WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
         AND xact_start > now() - interval '10 minutes')) AS ends
), bounded AS (
  SELECT coalesce(known, greatest(coalesce(oldest, ends - make_interval(secs => $2)), ends - make_interval(secs => $3))) AS starts,
    ends FROM span
)
INSERT INTO sla_windows (starts_at, ends_at)
SELECT starts, least(ends, starts + make_interval(secs => $2)) FROM bounded WHERE starts < ends
ON CONFLICT DO NOTHING
RETURNING starts_at::text AS "startsAt", ends_at::text AS "endsAt"`;

// Each by its key: of the partitions together Postgres knows too little to find that a join of them is worse.
const ITS_DEPLOYMENT = (of: string): string => `CROSS JOIN LATERAL (SELECT * FROM deployments WHERE id = ${of}.deployment_id OFFSET 0) AS d`;
const FROM_CREATION = (metric: SlaMetric, table: string, at: string, also = ''): string =>
  `SELECT '${metric}' AS metric, d.project, d.environment, m.${at} - d.created_at AS took
   FROM ${table} m ${ITS_DEPLOYMENT('m')}
   WHERE m.${at} >= $1 AND m.${at} < $2 ${also}`;

// What it costs follows the milestones inside the window: each is found by an index on its time.
const MEASURE = `
WITH milestones AS (
  ${FROM_CREATION('ticket', 'jira_tickets', 'created_at', 'AND m.issue_id IS NOT NULL')}
  UNION ALL
  ${FROM_CREATION('message', 'slack_messages', 'posted_at', `AND m.kind = 'slack.approval'`)}
  UNION ALL
  ${FROM_CREATION('decision', 'events', 'at', `AND m.type IN ('deployment.approved', 'deployment.rejected')`)}
  UNION ALL
  SELECT 'completion', d.project, d.environment, e.at - d.started_at
  FROM events e ${ITS_DEPLOYMENT('e')}
  WHERE e.at >= $1 AND e.at < $2 AND d.started_at IS NOT NULL
    AND e.type IN ('deployment.succeeded', 'deployment.failed', 'deployment.timed_out')
), samples AS (
  SELECT metric, project, environment, greatest(0, extract(epoch FROM took))::float8 AS s,
    ($3::json ->> metric)::float8 AS target
  FROM milestones
)
INSERT INTO sla_results (ends_at, metric, project, environment, samples, within_target, target_s, sum_s, p50_s, p95_s, max_s)
SELECT $2, metric, project, environment, count(*), count(*) FILTER (WHERE s <= target), target, sum(s),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY s), percentile_cont(0.95) WITHIN GROUP (ORDER BY s), max(s)
FROM samples GROUP BY metric, project, environment, target`;

/**
 * Measures the window that follows the last one and stores what it found, in the caller's transaction; null where
 * everything up to the slot is measured. Windows never overlap and leave no gap, however many processes measure.
 */
export async function measureSlaWindow(uow: UnitOfWork, options: SlaWindowOptions): Promise<SlaWindow | null> {
  await uow.query(LOCK);
  const [window] = await uow.query<SlaWindow>(OPEN_WINDOW, [options.slot, options.maxSeconds, options.lookbackSeconds]);
  if (window === undefined) return null;
  await uow.query(MEASURE, [window.startsAt, window.endsAt, JSON.stringify(options.targets)]);
  return window;
}

/** What the windows of some time say of one metric of one project and environment. Durations in seconds. */
export interface SlaFigures {
  readonly metric: SlaMetric;
  readonly project: string;
  readonly environment: string;
  readonly samples: number;
  readonly withinTarget: number;
  readonly average: number;
  /** Of the latest window with samples: percentiles of several windows cannot be merged. */
  readonly p50: number;
  readonly p95: number;
  /** The longest of all windows. */
  readonly max: number;
}

/** Sums the windows that ended in the last `lookbackMs`, by the database's clock. */
export async function readSlaFigures(db: Queryable, lookbackMs: number): Promise<SlaFigures[]> {
  return [
    ...(await db.query<SlaFigures>(
      `SELECT metric, project, environment, sum(samples)::float8 AS samples, sum(within_target)::float8 AS "withinTarget",
         sum(sum_s) / sum(samples) AS average, (array_agg(p50_s ORDER BY ends_at DESC))[1] AS p50,
         (array_agg(p95_s ORDER BY ends_at DESC))[1] AS p95, max(max_s) AS max
       FROM sla_results WHERE ends_at > now() - make_interval(secs => $1 / 1000.0)
       GROUP BY metric, project, environment`,
      [lookbackMs],
    )),
  ];
}
