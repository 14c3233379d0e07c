import type { Queryable, UnitOfWork } from './database.js';
import type { Effect } from './effect-row.js';
import { saveMessage } from './outside.js';
import { prepared } from './prepared.js';
import { learnExternalId } from './record-effect.js';

const WAKE = prepared('wake_children', `UPDATE effects SET next_attempt_at = now() WHERE parent_id = ANY ($1::uuid[]) AND phase = 'unsent' AND next_attempt_at > now()`);

/** Effects that wait for these (the replies in a message's thread) are due now. */
export async function wakeChildren(db: Queryable, ...parentIds: readonly string[]): Promise<void> {
  await db.query(WAKE, [parentIds]);
}

// Whichever of ticket and message is recorded last sees the other: both write the message's row, so one waits. An edit
// that is under way may not have known of the ticket: what is to be confirmed since is written again after it.
const STALE = `applied_revision = CASE WHEN phase = 'sent' THEN 0 ELSE applied_revision END,
  confirm_at = CASE WHEN phase = 'sent' THEN clock_timestamp() ELSE confirm_at END,
  priority = CASE WHEN phase = 'sent' AND next_attempt_at IS NULL THEN 3 ELSE priority END,
  next_attempt_at = CASE WHEN phase = 'sent' AND (failing_since IS NULL OR next_attempt_at IS NULL) THEN now() ELSE next_attempt_at END`;

const SHOW_TICKET = prepared('show_ticket', `UPDATE effects SET ${STALE}, updated_at = now() WHERE deployment_id = ANY ($1::uuid[]) AND kind = 'slack.approval'`);

/** Tickets have come to stand: a message that was sent without its link is brought up to date, when nothing is more urgent. */
export async function showTicketInMessage(uow: UnitOfWork, ...deploymentIds: readonly string[]): Promise<void> {
  await uow.query(SHOW_TICKET, [deploymentIds]);
}

const LINK_TICKET = prepared('link_ticket', `UPDATE effects e SET ${STALE}, updated_at = now() WHERE e.id = ANY ($1::uuid[])
  AND EXISTS (SELECT 1 FROM jira_tickets t WHERE t.deployment_id = e.deployment_id AND t.issue_id IS NOT NULL)`);

/** The other side of the same: a message that was posted without a link although a ticket stands by now. */
export async function linkTicketInMessage(uow: UnitOfWork, ...messages: readonly Pick<Effect, 'id'>[]): Promise<void> {
  await uow.query(LINK_TICKET, [messages.map(({ id }) => id)]);
}

/** Whether an earlier reply to the same message is still under way, so that a thread keeps the order of events. */
export async function hasEarlierReply(db: Queryable, effect: Effect): Promise<boolean> {
  const rows = await db.query(
    `SELECT 1 FROM effects WHERE parent_id = $1 AND kind = $2 AND event_revision < $3
       AND phase IN ('unsent', 'sending', 'unknown') LIMIT 1`,
    [effect.parentId, effect.kind, effect.eventRevision],
  );
  return rows.length > 0;
}

/**
 * A click proves that a deployment's approval message stands, with this channel and ts. Where we did not know, that
 * settles its effect; otherwise nothing changes.
 */
export async function adoptMessage(uow: UnitOfWork, deploymentId: string, channelId: string, ts: string): Promise<void> {
  const [effect] = await uow.query<{ id: string; kind: string }>(
    `SELECT id, kind FROM effects WHERE deployment_id = $1 AND kind = 'slack.approval' AND destination = $2
       AND external_id IS DISTINCT FROM $3 FOR UPDATE`,
    [deploymentId, channelId, ts],
  );
  if (effect === undefined) return;
  const standing = await learnExternalId(uow, effect.id, ts);
  if (standing !== ts) return;
  await saveMessage(uow, { effectId: effect.id, deploymentId, kind: effect.kind, channelId, ts, contentHash: null });
}
