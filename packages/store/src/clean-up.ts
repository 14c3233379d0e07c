import type { Queryable, UnitOfWork } from './database.js';

// Each function removes one batch of at most `max` rows and returns how many it removed: fewer than `max` is the end.
// What another transaction holds is skipped and left to the next time. `= ANY (ARRAY(…))` where a table has no more than
// its key to be found by: with IN, Postgres may prefer to read it whole.

async function removed(db: Queryable, sql: string, values: readonly unknown[]): Promise<number> {
  const [row] = await db.query<{ count: number }>(sql, values);
  return row?.count ?? 0;
}

/** Idempotency keys whose time has passed. */
export function removeExpiredKeys(db: Queryable, max: number): Promise<number> {
  return removed(
    db,
    `WITH gone AS (
       DELETE FROM deployment_keys WHERE (kind, key) IN (
         SELECT kind, key FROM deployment_keys WHERE expires_at <= now()
         ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING 1)
     SELECT count(*)::int AS count FROM gone`,
    [max],
  );
}

/** Answers to idempotency keys whose time has passed. */
export function removeExpiredAnswers(db: Queryable, max: number): Promise<number> {
  return removed(
    db,
    `WITH gone AS (
       DELETE FROM idempotency_answers WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM idempotency_answers WHERE expires_at <= now()
         ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))
       RETURNING 1)
     SELECT count(*)::int AS count FROM gone`,
    [max],
  );
}

/** Keys of inbound messages that were handled longer than `olderThanMs` ago. */
export function removeInbound(db: Queryable, max: number, olderThanMs: number): Promise<number> {
  return removed(
    db,
    `WITH gone AS (
       DELETE FROM inbound_dedupe WHERE key = ANY (ARRAY(
         SELECT key FROM inbound_dedupe WHERE at <= now() - make_interval(secs => $2 / 1000.0)
         ORDER BY at LIMIT $1 FOR UPDATE SKIP LOCKED))
       RETURNING 1)
     SELECT count(*)::int AS count FROM gone`,
    [max, olderThanMs],
  );
}

/**
 * Notices and digests that were delivered longer than `olderThanMs` ago and owe nothing more, with what was known of
 * their messages, likewise those that were discarded. Held and dead ones stay: somebody may replay them.
 */
export function removeSpentNotices(db: Queryable, max: number, olderThanMs: number): Promise<number> {
  return removed(
    db,
    `WITH gone AS (
       DELETE FROM effects WHERE id IN (
         SELECT id FROM effects
         WHERE kind IN ('slack.notice', 'slack.digest') AND (phase = 'sent' OR discarded_at IS NOT NULL) AND next_attempt_at IS NULL
           AND (lease_until IS NULL OR lease_until <= now()) AND updated_at <= now() - make_interval(secs => $2 / 1000.0)
         ORDER BY updated_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING id
     ), messages AS (
       DELETE FROM slack_messages WHERE effect_id IN (SELECT id FROM gone)
     ), actions AS (
       DELETE FROM effect_actions WHERE effect_id = ANY (ARRAY(SELECT id FROM gone))
     )
     SELECT count(*)::int AS count FROM gone`,
    [max, olderThanMs],
  );
}

/** SLA windows that ended longer than `olderThanMs` ago, with their results. The newest stays: the next one follows it. */
export function removeSlaWindows(db: Queryable, max: number, olderThanMs: number): Promise<number> {
  return removed(
    db,
    `WITH gone AS (
       DELETE FROM sla_windows WHERE ends_at IN (
         SELECT ends_at FROM sla_windows
         WHERE ends_at <= now() - make_interval(secs => $2 / 1000.0) AND ends_at < (SELECT max(ends_at) FROM sla_windows)
         ORDER BY ends_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING 1)
     SELECT count(*)::int AS count FROM gone`,
    [max, olderThanMs],
  );
}

/** Signs of life of processes that have been silent for `olderThanMs`. */
export function removeHeartbeats(db: Queryable, max: number, olderThanMs: number): Promise<number> {
  return removed(
    db,
    `WITH gone AS (
       DELETE FROM heartbeats WHERE (service, instance) IN (
         SELECT service, instance FROM heartbeats WHERE at <= now() - make_interval(secs => $2 / 1000.0)
         LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING 1)
     SELECT count(*)::int AS count FROM gone`,
    [max, olderThanMs],
  );
}

/** Ids of deployments, the first included, the last not. */
export interface IdSpan {
  readonly from: string;
  readonly to: string;
}

/**
 * Deployments that were finished longer than `olderThanMs` ago, with all that belongs to them: events, decisions, keys,
 * tickets, messages, effects. One that still owes something outside stays until that is done, and one that changed after
 * what the rollups have counted until they have; so do those that are `spared`. The rows are locked first and looked at
 * again in a later statement, so that a change that was just committed is seen.
 */
export async function removeDeployments(uow: UnitOfWork, max: number, olderThanMs: number, spared: IdSpan | null = null): Promise<number> {
  const OWES_NOTHING = `NOT EXISTS (
    SELECT 1 FROM effects e WHERE e.deployment_id = d.id AND (e.next_attempt_at IS NOT NULL OR e.lease_until > now()))`;
  const locked = await uow.query<{ id: string }>(
    `SELECT d.id FROM deployments d
     WHERE d.finished_at <= now() - make_interval(secs => $2 / 1000.0) AND ${OWES_NOTHING}
       AND d.updated_at < (SELECT counted_until FROM rollup_state)
       -- Follows from the line above; an index can use it.
       AND d.finished_at < (SELECT counted_until FROM rollup_state)
       ${spared === null ? '' : 'AND (d.id < $3 OR d.id >= $4)'}
     ORDER BY d.finished_at LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [max, olderThanMs, ...(spared === null ? [] : [spared.from, spared.to])],
  );
  if (locked.length === 0) return 0;
  const gone = await uow.query<{ id: string }>(`DELETE FROM deployments d WHERE d.id = ANY ($1) AND ${OWES_NOTHING} RETURNING d.id`, [
    locked.map(({ id }) => id),
  ]);
  // With ids that are known beforehand only their partitions are looked at.
  await uow.query(
    `WITH e AS (DELETE FROM events WHERE deployment_id = ANY ($1)
     ), d AS (DELETE FROM decisions WHERE deployment_id = ANY ($1)
     ), t AS (DELETE FROM jira_tickets WHERE deployment_id = ANY ($1)
     ), m AS (DELETE FROM slack_messages WHERE deployment_id = ANY ($1)
     ), f AS (DELETE FROM effects WHERE deployment_id = ANY ($1) RETURNING id
     ), a AS (DELETE FROM effect_actions WHERE effect_id = ANY (ARRAY(SELECT id FROM f)))
     DELETE FROM deployment_keys WHERE deployment_id = ANY ($1)`,
    [gone.map(({ id }) => id)],
  );
  return gone.length;
}
