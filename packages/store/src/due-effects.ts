import type { Target } from '@deptracker/domain';
import type { Queryable } from './database.js';
import type { QueuedEffect } from './effect-row.js';

const FREE = `next_attempt_at <= now() AND (lease_until IS NULL OR lease_until <= now())`;

/**
 * Takes effects that are due and not queued, most urgent first, marks them as queued for `queueMs` and returns them:
 * the caller adds their jobs. If it dies before, the mark lapses and another worker takes them.
 */
export async function takeUnqueued(db: Queryable, target: Target, max: number, queueMs: number): Promise<QueuedEffect[]> {
  return [
    ...(await db.query<QueuedEffect>(
      `UPDATE effects SET queued_until = now() + make_interval(secs => $3 / 1000.0)
       WHERE id IN (
         SELECT id FROM effects
         WHERE target = $1 AND ${FREE} AND (queued_until IS NULL OR queued_until <= now())
         ORDER BY priority, next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING id, kind, target, priority`,
      [target, max, queueMs],
    )),
  ].sort((a, b) => a.priority - b.priority);
}

/** Effects that are due, queued or not, most urgent first: what a worker runs itself while there is no queue. */
export async function listDue(db: Queryable, target: Target, max: number): Promise<QueuedEffect[]> {
  return [
    ...(await db.query<QueuedEffect>(
      `SELECT id, kind, target, priority FROM effects WHERE target = $1 AND ${FREE}
       ORDER BY priority, next_attempt_at LIMIT $2`,
      [target, max],
    )),
  ];
}

/** Whether an effect has been due and free for longer than `ms`: somebody should have run it by now. */
export async function hasOverdue(db: Queryable, target: Target, ms: number): Promise<boolean> {
  const rows = await db.query(
    `SELECT 1 FROM effects
     WHERE target = $1 AND ${FREE} AND next_attempt_at <= now() - make_interval(secs => $2 / 1000.0) LIMIT 1`,
    [target, ms],
  );
  return rows.length > 0;
}
