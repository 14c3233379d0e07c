import { EFFECT_KINDS, type Owed, PRIORITIES } from '@deptracker/domain';
import { v7 as uuidv7 } from 'uuid';
import type { Queryable, UnitOfWork } from './database.js';
import { saveMessage } from './outside.js';
import { EFFECT_COLUMNS, type Effect, type Phase, type QueueMs, type QueuedEffect } from './effect-row.js';

export interface OweOptions {
  readonly deploymentId: string;
  readonly owed: readonly Owed[];
  readonly queueMs: QueueMs;
  /** Milliseconds that a notice waits for others to join it in a digest. */
  readonly noticeDelayMs: number;
}

// What stands outside but could not be brought up to an earlier revision gets another chance with the next one.
const REVIVED = `(e.phase = 'dead' AND e.external_id IS NOT NULL)`;

/**
 * Writes what an event owes, in the unit of work of the fact itself. An effect that is there already is brought up to
 * the new revision and is due now, unless it waits out a failure or for an answer. Returns what the caller should queue.
 */
export async function oweEffects(uow: UnitOfWork, options: OweOptions): Promise<QueuedEffect[]> {
  const rows = options.owed.map((owed) => ({
    id: uuidv7(),
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

/** Reads one effect without claiming it; null where it is gone. */
export async function findEffect(db: Queryable, id: string): Promise<Effect | null> {
  const [row] = await db.query<Effect>(`SELECT ${EFFECT_COLUMNS} FROM effects e WHERE e.id = $1`, [id]);
  return row ?? null;
}

/** Takes the lease of an effect that is due and free; null where it is neither. Changes only lease and fence. */
export async function claimEffect(db: Queryable, id: string, leaseMs: number): Promise<Effect | null> {
  const [row] = await db.query<Effect>(
    `UPDATE effects e SET lease_until = now() + make_interval(secs => $2 / 1000.0), fence = e.fence + 1
     WHERE e.id = $1 AND e.next_attempt_at <= now() AND (e.lease_until IS NULL OR e.lease_until <= now())
     RETURNING ${EFFECT_COLUMNS}`,
    [id, leaseMs],
  );
  return row ?? null;
}

/** Claims others of the same kind and destination whose outcome is unknown and due, so that one look-up serves all. */
export async function claimUnknown(db: Queryable, like: Effect, max: number, leaseMs: number): Promise<Effect[]> {
  return [
    ...(await db.query<Effect>(
      `UPDATE effects e SET lease_until = now() + make_interval(secs => $5 / 1000.0), fence = e.fence + 1
       WHERE e.id IN (
         SELECT id FROM effects WHERE kind = $1 AND destination = $2 AND phase IN ('sending', 'unknown')
           AND parent_id IS NOT DISTINCT FROM $6 AND id <> $3
           AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until <= now())
         ORDER BY next_attempt_at LIMIT $4 FOR UPDATE SKIP LOCKED)
       RETURNING ${EFFECT_COLUMNS}`,
      [like.kind, like.destination, like.id, max, leaseMs, like.parentId],
    )),
  ];
}

/**
 * Commits the intent to send a request that creates. False where the lease is lost or would not outlive `timeoutMs`:
 * then nothing may be sent.
 */
export async function intendToSend(db: Queryable, effect: Effect, timeoutMs: number): Promise<boolean> {
  const rows = await db.query(
    `UPDATE effects SET phase = 'sending', sends = sends + 1, sent_at = now(),
       first_sent_at = coalesce(first_sent_at, now()), updated_at = now()
     WHERE id = $1 AND fence = $2 AND lease_until > now() + make_interval(secs => $3 / 1000.0) RETURNING 1`,
    [effect.id, effect.fence, timeoutMs],
  );
  return rows.length === 1;
}

/** How an effect goes on after a run. Fields left out stay as they are. */
export interface EffectPatch {
  readonly phase: Phase;
  readonly appliedRevision?: number;
  readonly attempts?: number;
  readonly sends?: number;
  readonly lookups?: number;
  readonly rechecks?: number;
  /** Milliseconds until the next attempt; null where nothing is to be done. */
  readonly nextInMs: number | null;
  readonly error: string | null;
  readonly failing: boolean;
  /** Duplicates that were closed by this run. */
  readonly closedIds?: readonly string[];
  /** The thing outside is gone: forget its id, so that it is made anew. */
  readonly forget?: true;
}

const OPEN_EXTRAS = 'ARRAY(SELECT unnest(extra_ids) EXCEPT SELECT unnest($12::text[]))';

/**
 * Records a run and gives the lease back, only while the fence is still ours. `due` says that the row is to be run
 * again at once, because what should be moved on meanwhile.
 */
export async function recordEffect(
  db: Queryable,
  effect: Effect,
  patch: EffectPatch,
): Promise<{ readonly kept: boolean; readonly due: boolean }> {
  const [row] = await db.query<{ due: boolean }>(
    `UPDATE effects SET phase = $3, applied_revision = coalesce($4, applied_revision), attempts = coalesce($5, attempts),
       sends = coalesce($6, sends), lookups = coalesce($7, lookups), rechecks = coalesce($8, rechecks),
       next_attempt_at = CASE
         WHEN $3 = 'sent' AND NOT $11
           AND (desired_revision > coalesce($4, applied_revision) OR cardinality(${OPEN_EXTRAS}) > 0) THEN now()
         ELSE now() + make_interval(secs => $9 / 1000.0) END,
       last_error = $10, failing_since = CASE WHEN $11 THEN coalesce(failing_since, now()) END,
       extra_ids = ${OPEN_EXTRAS}, external_id = CASE WHEN $13 THEN NULL ELSE external_id END, lease_until = NULL, queued_until = NULL, updated_at = now()
     WHERE id = $1 AND fence = $2
     RETURNING coalesce(next_attempt_at <= now(), false) AS due`,
    [
      effect.id,
      effect.fence,
      patch.phase,
      patch.appliedRevision ?? null,
      patch.attempts ?? null,
      patch.sends ?? null,
      patch.lookups ?? null,
      patch.rechecks ?? null,
      patch.nextInMs,
      patch.error,
      patch.failing,
      patch.closedIds ?? [],
      patch.forget ?? false,
    ],
  );
  return row === undefined ? { kept: false, due: false } : { kept: true, due: row.due };
}

/**
 * Somebody without the lease has edited what stands outside, with what they knew: nobody can say what it shows now, so
 * it is brought up to date again.
 */
export async function distrustEffect(uow: UnitOfWork, effectId: string): Promise<void> {
  await uow.query('UPDATE jira_tickets SET content_hash = NULL WHERE effect_id = $1', [effectId]);
  await uow.query('UPDATE slack_messages SET content_hash = NULL WHERE effect_id = $1', [effectId]);
  await uow.query(
    `UPDATE effects SET applied_revision = 0, next_attempt_at = least(next_attempt_at, now()), updated_at = now()
     WHERE id = $1 AND phase = 'sent'`,
    [effectId],
  );
}

/**
 * Records an external id that was learned, whoever holds the lease by now. The first one wins and settles the row as
 * sent; another one becomes a duplicate to close, and the row is due for that. Returns the id that stands.
 */
export async function learnExternalId(db: Queryable, effectId: string, externalId: string): Promise<string> {
  const [row] = await db.query<{ external_id: string }>(
    `UPDATE effects SET external_id = coalesce(external_id, $2), phase = 'sent',
       extra_ids = CASE WHEN external_id <> $2 AND NOT $2 = ANY (extra_ids) THEN extra_ids || $2::text ELSE extra_ids END,
       next_attempt_at = CASE WHEN external_id IS NULL OR external_id <> $2 THEN now() ELSE next_attempt_at END,
       first_sent_at = coalesce(first_sent_at, now()), updated_at = now()
     WHERE id = $1 RETURNING external_id`,
    [effectId, externalId],
  );
  return row?.external_id ?? externalId;
}

/** Puts off an effect that nobody holds, without a claim: there is no permit or the breaker is open. */
export async function postponeEffect(db: Queryable, id: string, ms: number): Promise<void> {
  await db.query(
    `UPDATE effects SET next_attempt_at = now() + make_interval(secs => $2 / 1000.0), queued_until = NULL
     WHERE id = $1 AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until <= now())`,
    [id, ms],
  );
}

/** Effects that wait for this one (the replies in a message's thread) are due now. */
export async function wakeChildren(db: Queryable, parentId: string): Promise<void> {
  await db.query(
    `UPDATE effects SET next_attempt_at = now() WHERE parent_id = $1 AND phase = 'unsent' AND next_attempt_at > now()`,
    [parentId],
  );
}

/** Adds a comment that a ticket owes for an event; adding it again does nothing. */
export async function oweComment(db: Queryable, ticket: Effect, eventRevision: number): Promise<void> {
  await db.query(
    `INSERT INTO effects (id, kind, target, deployment_id, event_revision, priority, desired_revision, next_attempt_at, parent_id)
     VALUES ($1, 'jira.comment', 'jira', $2, $3, 3, $3, now(), $4)
     ON CONFLICT (deployment_id, kind, destination, event_revision) DO NOTHING`,
    [uuidv7(), ticket.deploymentId, eventRevision, ticket.id],
  );
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

// Whichever of ticket and message is recorded last sees the other: both write the message's row, so one waits.
const STALE = `applied_revision = CASE WHEN phase = 'sent' THEN 0 ELSE applied_revision END,
  priority = CASE WHEN phase = 'sent' AND next_attempt_at IS NULL THEN 3 ELSE priority END,
  next_attempt_at = CASE WHEN phase = 'sent' THEN coalesce(next_attempt_at, now()) ELSE next_attempt_at END`;

/** A ticket has come to stand: a message that was sent without its link is brought up to date, when nothing is more urgent. */
export async function showTicketInMessage(uow: UnitOfWork, deploymentId: string): Promise<void> {
  await uow.query(
    `UPDATE effects SET ${STALE}, updated_at = now() WHERE deployment_id = $1 AND kind = 'slack.approval'`,
    [deploymentId],
  );
}

/** The other side of the same: a message that was posted without a link although a ticket stands by now. */
export async function linkTicketInMessage(uow: UnitOfWork, message: Effect): Promise<void> {
  await uow.query(
    `UPDATE effects SET ${STALE}, updated_at = now()
     WHERE id = $1 AND EXISTS (SELECT 1 FROM jira_tickets WHERE deployment_id = $2)`,
    [message.id, message.deploymentId],
  );
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
