import { EFFECT_KINDS, type Owed, PRIORITIES } from '@deptracker/domain';
import type { Queryable, UnitOfWork } from './database.js';
import type { Effect, QueueMs, QueuedEffect } from './effect-row.js';
import { newId } from './new-id.js';

export interface OweOptions {
  readonly deploymentId: string;
  readonly owed: readonly Owed[];
  readonly queueMs: QueueMs;
  /** Milliseconds that a notice waits for others to join it in a digest. */
  readonly noticeDelayMs: number;
}

// What stands outside but could not be brought up to an earlier revision gets another chance with the next one;
// not what a person has discarded.
const REVIVED = `(e.phase = 'dead' AND e.external_id IS NOT NULL AND e.discarded_at IS NULL)`;

/**
 * Writes what an event owes, in the unit of work of the fact itself. An effect that is there already is brought up to
 * the new revision and is due now, unless it waits out a failure or for an answer. Returns what the caller should queue.
 */
export async function oweEffects(uow: UnitOfWork, options: OweOptions): Promise<QueuedEffect[]> {
  const rows = options.owed.map((owed) => ({
    id: newId(),
    kind: owed.kind,
    target: EFFECT_KINDS[owed.kind],
    queueMs: owed.kind === 'slack.notice' ? 0 : options.queueMs[EFFECT_KINDS[owed.kind]],
    eventRevision: owed.mode === 'per_event' ? owed.revision : 0,
    destination: owed.destination,
    priority: PRIORITIES[owed.priority],
    revision: owed.revision,
    delayMs: owed.kind === 'slack.notice' ? options.noticeDelayMs : 0,
  }));
  return [
    ...(await uow.query<QueuedEffect & { queued: boolean }>(
      `INSERT INTO effects AS e (id, kind, target, deployment_id, event_revision, destination, priority, desired_revision,
         next_attempt_at, queued_until, parent_id)
       SELECT f.id, f.kind, f.target, $1, f."eventRevision", f.destination, f.priority, f.revision,
         now() + make_interval(secs => f."delayMs" / 1000.0),
         CASE WHEN f."queueMs" > 0 THEN now() + make_interval(secs => f."queueMs" / 1000.0) END,
         CASE WHEN f.kind = 'slack.reply' THEN
           (SELECT p.id FROM effects p WHERE p.deployment_id = $1 AND p.kind = 'slack.approval') END
       FROM json_to_recordset($2::json) AS f(id uuid, kind text, target text, "eventRevision" int, destination text,
         priority int, revision int, "delayMs" int, "queueMs" int)
       ORDER BY f.kind
       ON CONFLICT (deployment_id, kind, destination, event_revision) DO UPDATE SET
         desired_revision = greatest(e.desired_revision, excluded.desired_revision),
         priority = CASE WHEN e.next_attempt_at IS NULL THEN excluded.priority
                         ELSE least(e.priority, excluded.priority) END,
         next_attempt_at = CASE WHEN ${REVIVED} OR e.phase = 'sent' AND e.failing_since IS NULL THEN now()
                                ELSE e.next_attempt_at END,
         queued_until = CASE WHEN ${REVIVED} OR e.phase = 'sent' AND e.failing_since IS NULL THEN excluded.queued_until
                             ELSE e.queued_until END,
         phase = CASE WHEN ${REVIVED} THEN 'sent' ELSE e.phase END,
         attempts = CASE WHEN ${REVIVED} THEN 0 ELSE e.attempts END,
         failing_since = CASE WHEN ${REVIVED} THEN NULL ELSE e.failing_since END,
         updated_at = now()
       RETURNING e.id, e.kind, e.target, e.priority,
         (e.next_attempt_at <= now() AND e.queued_until > now()) AS queued`,
      [options.deploymentId, JSON.stringify(rows)],
    )),
  ].filter(({ queued }) => queued);
}

/** Adds a comment that a ticket owes for an event; adding it again does nothing. */
export async function oweComment(db: Queryable, ticket: Effect, eventRevision: number): Promise<void> {
  await db.query(
    `INSERT INTO effects (id, kind, target, deployment_id, event_revision, priority, desired_revision, next_attempt_at, parent_id)
     VALUES ($1, 'jira.comment', 'jira', $2, $3, 3, $3, now(), $4)
     ON CONFLICT (deployment_id, kind, destination, event_revision) DO NOTHING`,
    [newId(), ticket.deploymentId, eventRevision, ticket.id],
  );
}
