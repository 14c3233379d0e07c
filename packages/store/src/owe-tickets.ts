import { EFFECT_KINDS, PRIORITIES } from '@deptracker/domain';
import type { Queryable, UnitOfWork } from './database.js';
import type { Phase, QueueMs, QueuedEffect } from './effect-row.js';
import { newId } from './new-id.js';

/** A ticket that belongs to no deployment. What is null is left to the worker's configuration, or to Jira. */
export interface TicketRequest {
  readonly summary: string;
  readonly description: string | null;
  readonly type: string | null;
  readonly priority: string | null;
  readonly projectKey: string | null;
}

/** How far a deployment's ticket is. */
export interface TicketState {
  readonly id: string;
  readonly phase: Phase;
  readonly key: string | null;
  /** It was given up before anything stood in Jira, or what stood was deleted there. */
  readonly gone: boolean;
}

interface Asked {
  readonly requestedBy: string | null;
  readonly queueMs: QueueMs;
}

const QUEUED = 'CASE WHEN $1::int > 0 THEN now() + make_interval(secs => $1::int / 1000.0) END';
const RETURNED = 'id, kind, target, priority';
/** Something may stand outside of which nobody knows. */
const UNANSWERED = '(external_id IS NULL AND sends > 0)';

/** The ticket of a deployment as it stands, locked; null where none is owed. */
export async function lockTicket(uow: UnitOfWork, deploymentId: string): Promise<TicketState | null> {
  const [row] = await uow.query<TicketState & Record<string, unknown>>(
    `SELECT e.id, e.phase, t.key, (e.phase = 'dead' AND e.external_id IS NULL OR t.deleted_at IS NOT NULL) AS gone
     FROM effects e LEFT JOIN jira_tickets t ON t.effect_id = e.id
     WHERE e.deployment_id = $1 AND e.kind = 'jira.ticket' FOR UPDATE OF e`,
    [deploymentId],
  );
  return row === undefined ? null : { ...row, gone: row.gone === true };
}

/** Owes a deployment the ticket that it has none of; it is owed since the deployment is there. */
export async function oweTicket(uow: UnitOfWork, deploymentId: string, asked: Asked): Promise<QueuedEffect> {
  const [row] = await uow.query<QueuedEffect & Record<string, unknown>>(
    `INSERT INTO effects (id, kind, target, deployment_id, priority, desired_revision, next_attempt_at, queued_until, created_at)
     SELECT $2, 'jira.ticket', 'jira', d.id, $3, d.revision, now(), ${QUEUED}, d.created_at FROM deployments d WHERE d.id = $4
     RETURNING ${RETURNED}`,
    [asked.queueMs.jira, newId(), PRIORITIES.default, deploymentId],
  );
  if (row === undefined) throw new Error(`There is no deployment ${deploymentId}.`);
  await noteRequest(uow, row.id, asked);
  return row;
}

/**
 * Opens a ticket anew that is gone, also where a person had discarded it. An issue that stood before is remembered as one
 * that is not the ticket, and then it is as if nothing had ever been sent. Where none is known but requests went out
 * without an answer, it is looked for first, as in a replay. Whoever holds the lease has lost it.
 */
export async function reopenTicket(uow: UnitOfWork, effectId: string, asked: Asked): Promise<QueuedEffect> {
  await uow.query(
    `UPDATE jira_tickets SET other_ids = other_ids || issue_id, issue_id = NULL, key = NULL, url = NULL, status = NULL, status_id = NULL,
       status_category = NULL, assignee_id = NULL, assignee = NULL, priority = NULL, resolution = NULL, content_hash = NULL,
       seen_at = NULL, deleted_at = NULL, updated_at = now()
     WHERE effect_id = $1 AND issue_id IS NOT NULL`,
    [effectId],
  );
  const [row] = await uow.query<QueuedEffect & Record<string, unknown>>(
    `UPDATE effects SET phase = CASE WHEN ${UNANSWERED} THEN 'unknown' ELSE 'unsent' END, sends = CASE WHEN ${UNANSWERED} THEN sends ELSE 0 END,
       max_sends = CASE WHEN ${UNANSWERED} THEN greatest(max_sends, sends + 1) ELSE 2 END, external_id = NULL, discarded_at = NULL,
       attempts = 0, lookups = 0, rechecks = 0, applied_revision = 0,
       next_attempt_at = now(), queued_until = ${QUEUED}, lease_until = NULL, fence = fence + 1, failing_since = NULL, last_error = NULL, confirm_at = NULL,
       updated_at = now()
     WHERE id = $2 RETURNING ${RETURNED}`,
    [asked.queueMs.jira, effectId],
  );
  if (row === undefined) throw new Error(`There is no effect ${effectId}.`);
  await noteRequest(uow, effectId, asked);
  return row;
}

/** Owes a ticket that belongs to no deployment. */
export async function oweIssue(uow: UnitOfWork, ticket: TicketRequest, asked: Asked): Promise<QueuedEffect> {
  const [row] = await uow.query<QueuedEffect & Record<string, unknown>>(
    `INSERT INTO effects (id, kind, target, priority, desired_revision, next_attempt_at, queued_until)
     VALUES ($2, 'jira.issue', $3, $4, 1, now(), ${QUEUED}) RETURNING ${RETURNED}`,
    [asked.queueMs.jira, newId(), EFFECT_KINDS['jira.issue'], PRIORITIES.default],
  );
  if (row === undefined) throw new Error('No effect was written.');
  await uow.query(
    `INSERT INTO jira_tickets (effect_id, project_key, summary, description, type, priority, requested_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [row.id, ticket.projectKey, ticket.summary, ticket.description, ticket.type, ticket.priority, asked.requestedBy],
  );
  return row;
}

/** What was asked for and is not sent yet; null where the effect has no such request. */
export async function findTicketRequest(db: Queryable, effectId: string): Promise<TicketRequest | null> {
  const [row] = await db.query<TicketRequest & Record<string, unknown>>(
    `SELECT summary, description, type, priority, project_key AS "projectKey" FROM jira_tickets
     WHERE effect_id = $1 AND deployment_id IS NULL AND summary IS NOT NULL`,
    [effectId],
  );
  return row ?? null;
}

/** Who asked is worth a row, though nothing stands yet. */
async function noteRequest(uow: UnitOfWork, effectId: string, { requestedBy }: Asked): Promise<void> {
  await uow.query(
    `INSERT INTO jira_tickets (effect_id, deployment_id, requested_by, owed_at)
     SELECT id, deployment_id, $2, created_at FROM effects WHERE id = $1
     ON CONFLICT (effect_id) DO UPDATE SET requested_by = excluded.requested_by, updated_at = now()`,
    [effectId, requestedBy],
  );
}
