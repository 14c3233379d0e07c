import { DURATION_BOUNDS_MS, TALLIED } from '@deptracker/domain';
import type { Queryable, UnitOfWork } from './database.js';

/**
 * An event may bear a time from before its transaction got its number, but not by more than a transaction may idle (10 s)
 * and its first write may take (3 s); the rest is for a clock that is set back.
 */
const MARGIN_SECONDS = 15;

// Numbers are given in order. When all transactions up to the mark's own have ended, whoever writes from now on got a
// later number, hence after mark_at: nothing that is older can still appear.
const MARK = `
UPDATE rollup_state SET
  settled_until = CASE WHEN mark_xid < pg_snapshot_xmin(pg_current_snapshot())
    THEN greatest(settled_until, mark_at - make_interval(secs => $1)) ELSE settled_until END,
  mark_at = CASE WHEN mark_xid >= pg_snapshot_xmin(pg_current_snapshot()) AND mark_xid <= pg_current_xact_id()
    THEN mark_at ELSE now() END,
  mark_xid = CASE WHEN mark_xid >= pg_snapshot_xmin(pg_current_snapshot()) AND mark_xid <= pg_current_xact_id()
    THEN mark_xid ELSE pg_current_xact_id() END
RETURNING extract(epoch FROM now() - nullif(settled_until, '-infinity'))::float8 AS "behindSeconds"`;

/**
 * Moves on how far events are certain to be complete, once every transaction that was open at the last mark has ended.
 * Returns how many seconds that is ago; null where nothing is certain yet. A mark with a number from another cluster
 * (a dump that was restored) is made anew.
 */
export async function markRollups(db: Queryable, marginSeconds = MARGIN_SECONDS): Promise<number | null> {
  const [row] = await db.query<{ behindSeconds: number | null }>(MARK, [marginSeconds]);
  return row?.behindSeconds ?? null;
}

const NAMES = Object.keys(TALLIED) as (keyof typeof TALLIED)[];
export const columnOf = (name: keyof typeof TALLIED): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const COLUMNS = NAMES.map(columnOf);

// Whoever comes second finds nothing to do. What is open for counting is read by statements after the lock.
const LOCK = 'SELECT 1 FROM rollup_state FOR UPDATE SKIP LOCKED';
const SLICE = `
SELECT counted_until::text AS known, starts::text, least(settled_until, starts + make_interval(secs => $1))::text AS ends,
  settled_until <= starts + make_interval(secs => $1) AS last
FROM rollup_state, LATERAL (SELECT CASE WHEN counted_until > '-infinity' THEN counted_until
  ELSE least(settled_until,
    (SELECT min(created_at) FROM deployments WHERE id >= '00000000-0000-0000-0000-000000000000')) END AS starts) AS s
WHERE starts < settled_until OR counted_until = '-infinity' AND settled_until > '-infinity'`;

// What a rollout's duration and a wait for approval are measured from never changes, so that it does not matter when.
const FACTS = `
facts AS MATERIALIZED (
  SELECT d.project, d.environment, e.type, g.grain, date_trunc(g.grain, e.at, 'UTC') AS starts_at, m.metric, m.ms,
    width_bucket(m.ms, $4::bigint[]) AS bucket
  FROM events e
  -- OFFSET: each by its key, so that it costs what happened in the slice and never a look at all deployments.
  CROSS JOIN LATERAL (SELECT * FROM deployments WHERE id = e.deployment_id OFFSET 0) AS d
  CROSS JOIN LATERAL (SELECT
    CASE WHEN e.type IN ('${TALLIED.approved}', '${TALLIED.rejected}') THEN d.created_at
         WHEN e.type IN ('${TALLIED.succeeded}', '${TALLIED.failed}', '${TALLIED.timedOut}') THEN d.started_at END AS since
  ) AS s CROSS JOIN LATERAL (SELECT
    CASE WHEN since IS NULL THEN NULL WHEN e.type IN ('${TALLIED.approved}', '${TALLIED.rejected}') THEN 'approval_wait'
         ELSE 'rollout' END AS metric,
    greatest(0, round(extract(epoch FROM e.at - since) * 1000))::bigint AS ms
  ) AS m CROSS JOIN (VALUES ('hour'), ('day')) AS g(grain)
  WHERE e.type = ANY ($3) AND e.at >= $1 AND e.at < $2
)`;

const PLACE = `coalesce(project, ''), coalesce(environment, ''), grain, starts_at`;
/** Each place, each project, each environment, and all of them. */
const sets = (more: string): string =>
  `GROUPING SETS ((grain, starts_at${more}, project, environment), (grain, starts_at${more}, project), (grain, starts_at${more}, environment), (grain, starts_at${more}))`;

const COUNT = `
WITH ${FACTS}, counts AS (
  INSERT INTO rollups AS r (project, environment, grain, starts_at, ${COLUMNS.join(', ')})
  SELECT ${PLACE}, ${NAMES.map((name) => `count(*) FILTER (WHERE type = '${TALLIED[name]}')`).join(', ')}
  FROM facts GROUP BY ${sets('')}
  ON CONFLICT (project, environment, grain, starts_at) DO UPDATE SET
    ${COLUMNS.map((column) => `${column} = r.${column} + excluded.${column}`).join(', ')}
)
INSERT INTO rollup_durations AS r (project, environment, grain, starts_at, metric, bucket, samples, sum_ms)
SELECT ${PLACE}, metric, bucket, count(*), sum(ms) FROM facts WHERE metric IS NOT NULL GROUP BY ${sets(', metric, bucket')}
ON CONFLICT (project, environment, grain, starts_at, metric, bucket) DO UPDATE SET
  samples = r.samples + excluded.samples, sum_ms = r.sum_ms + excluded.sum_ms`;

interface Slice {
  readonly starts: string | null;
  readonly ends: string;
  readonly last: boolean;
}

/**
 * Counts the events of the time that follows what is counted, at most `maxSeconds` of it, and moves on how far that is, in
 * one transaction: every event is in the rollups exactly once, whoever dies where. Tells whether there was something and
 * whether there may be more.
 */
export async function countRollups(uow: UnitOfWork, maxSeconds: number): Promise<{ readonly counted: boolean; readonly more: boolean }> {
  if ((await uow.query(LOCK)).length === 0) return { counted: false, more: false };
  const [slice] = await uow.query<Slice>(SLICE, [maxSeconds]);
  if (slice === undefined) return { counted: false, more: false };
  // Without a deployment there is nothing to count, and from here on nothing older can appear.
  if (slice.starts === null) {
    await uow.query('UPDATE rollup_state SET counted_until = settled_until');
    return { counted: false, more: false };
  }
  await uow.query(COUNT, [slice.starts, slice.ends, Object.values(TALLIED), DURATION_BOUNDS_MS]);
  await uow.query('UPDATE rollup_state SET counted_until = $1', [slice.ends]);
  return { counted: true, more: !slice.last };
}

/**
 * Forgets what is counted, from the beginning of the UTC day of `from` on or everything, so that it is counted anew from
 * the events that there are. What clean-up has removed since then does not come back.
 */
export async function resetRollups(uow: UnitOfWork, from: Date | null = null): Promise<void> {
  await uow.query('SELECT 1 FROM rollup_state FOR UPDATE');
  if (from === null) {
    await uow.query('TRUNCATE rollups, rollup_durations');
    await uow.query(`UPDATE rollup_state SET counted_until = '-infinity'`);
    return;
  }
  const day = `date_trunc('day', $1::timestamptz, 'UTC')`;
  await uow.query(`DELETE FROM rollups WHERE starts_at >= ${day}`, [from]);
  await uow.query(`DELETE FROM rollup_durations WHERE starts_at >= ${day}`, [from]);
  await uow.query(`UPDATE rollup_state SET counted_until = least(counted_until, ${day})`, [from]);
}
