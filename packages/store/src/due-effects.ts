import type { Target } from '@deptracker/domain';
import type { Queryable } from './database.js';
import type { QueuedEffect } from './effect-row.js';

const FREE = `next_attempt_at <= now() AND (lease_until IS NULL OR lease_until <= now())`;

// One urgency after the other, each from what is due longest: then the index ends where nothing is due any more, and what
// waits for its next attempt in an outage costs nothing. The outer rows come in their order, so the limit keeps to it.
const byUrgency = (columns: string, where: string, lock = ''): string => `
  SELECT ${columns} FROM unnest(ARRAY[1, 2, 3]) AS p(priority)
  CROSS JOIN LATERAL (
    SELECT id, kind, target, priority FROM effects e
    WHERE e.target = $1 AND e.priority = p.priority AND ${where} ORDER BY next_attempt_at LIMIT $2 ${lock}
  ) AS due
  LIMIT $2`;

const byPriority = (effects: readonly QueuedEffect[]): QueuedEffect[] => [...effects].sort((a, b) => a.priority - b.priority);

/**
 * Takes effects that are due and not queued, most urgent first, marks them as queued for `queueMs` and returns them:
 * the caller adds their jobs. If it dies before, the mark lapses and another worker takes them.
 */
export async function takeUnqueued(db: Queryable, target: Target, max: number, queueMs: number): Promise<QueuedEffect[]> {
  const unqueued = byUrgency('due.id', `${FREE} AND (queued_until IS NULL OR queued_until <= now())`, 'FOR UPDATE SKIP LOCKED');
  const taken = await db.query<QueuedEffect>(
    `UPDATE effects SET queued_until = now() + make_interval(secs => $3 / 1000.0) WHERE id IN (${unqueued})
     RETURNING id, kind, target, priority`,
    [target, max, queueMs],
  );
  return byPriority(taken);
}

/** Effects that are due, queued or not, most urgent first: what a worker runs itself while there is no queue. */
export async function listDue(db: Queryable, target: Target, max: number): Promise<QueuedEffect[]> {
  return byPriority(await db.query<QueuedEffect>(byUrgency('due.*', FREE), [target, max]));
}

/** Whether an effect has been due and free for longer than `ms`: somebody should have run it by now. */
export async function hasOverdue(db: Queryable, target: Target, ms: number): Promise<boolean> {
  const rows = await db.query(
    `SELECT 1 FROM effects
     WHERE target = $1 AND priority IN (1, 2, 3) AND ${FREE} AND next_attempt_at <= now() - make_interval(secs => $2 / 1000.0) LIMIT 1`,
    [target, ms],
  );
  return rows.length > 0;
}
