import type { Queryable, UnitOfWork } from './database.js';
import type { Effect, Phase } from './effect-row.js';

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
  /** Milliseconds until what is shown is written once more; null where that was done. */
  readonly confirmInMs?: number | null;
  /** Duplicates that were closed by this run. */
  readonly closedIds?: readonly string[];
  /** The thing outside is gone: forget its id, so that it is made anew. */
  readonly forget?: true;
  /** It could only follow what a person has discarded, and is discarded with it. */
  readonly discarded?: true;
}

// Somebody else has learned meanwhile that it stands: whatever this run found out, it is not to be made again.
const KNOWN = `(external_id IS NOT NULL AND NOT $13 AND $3 IN ('unsent', 'unknown', 'held'))`;
// A doubt that came up meanwhile is not settled by an edit that began before.
const CONFIRMED = '($16 AND coalesce(confirm_at <= $17, true))';
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
    `UPDATE effects SET phase = CASE WHEN ${KNOWN} THEN 'sent' ELSE $3 END, applied_revision = coalesce($4, applied_revision), attempts = coalesce($5, attempts),
       sends = coalesce($6, sends), max_sends = CASE WHEN $13 THEN 2 ELSE max_sends END, lookups = coalesce($7, lookups), rechecks = coalesce($8, rechecks),
       next_attempt_at = CASE
         WHEN ${KNOWN} THEN now()
         WHEN $3 = 'sent' AND NOT $11
           AND (desired_revision > coalesce($4, applied_revision) OR cardinality(${OPEN_EXTRAS}) > 0) THEN now()
         ELSE least(now() + make_interval(secs => $9 / 1000.0), CASE WHEN $3 = 'sent' AND NOT $11 AND NOT ${CONFIRMED} THEN confirm_at END) END,
       confirm_at = CASE WHEN ${CONFIRMED} OR $13 THEN NULL ELSE coalesce(now() + make_interval(secs => $15 / 1000.0), confirm_at) END,
       last_error = $10, failing_since = CASE WHEN $11 AND NOT ${KNOWN} THEN coalesce(failing_since, now()) END,
       extra_ids = ${OPEN_EXTRAS}, external_id = CASE WHEN $13 THEN NULL ELSE external_id END, lease_until = NULL, queued_until = NULL,
       discarded_at = CASE WHEN $14 THEN now() ELSE discarded_at END, updated_at = now()
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
      patch.discarded ?? false,
      patch.confirmInMs ?? null,
      patch.confirmInMs === null,
      effect.now,
    ],
  );
  return row === undefined ? { kept: false, due: false } : { kept: true, due: row.due };
}

/**
 * Somebody without the lease has edited what stands outside, with what they knew: nobody can say what it shows now, so
 * it is brought up to date again, also after whoever has the lease just now.
 */
export async function distrustEffect(uow: UnitOfWork, effectId: string): Promise<void> {
  await uow.query('UPDATE jira_tickets SET content_hash = NULL WHERE effect_id = $1', [effectId]);
  await uow.query('UPDATE slack_messages SET content_hash = NULL WHERE effect_id = $1', [effectId]);
  await uow.query(
    `UPDATE effects SET applied_revision = 0, confirm_at = clock_timestamp(), next_attempt_at = least(next_attempt_at, now()), updated_at = now()
     WHERE id = $1 AND phase = 'sent'`,
    [effectId],
  );
}

/**
 * Somebody without the lease has had no answer to an edit, which may be applied late: what stands outside is written
 * once more when that cannot be any more, in `confirmInMs` milliseconds.
 */
export async function doubtEffect(db: Queryable, effectId: string, confirmInMs: number): Promise<void> {
  await db.query(
    `UPDATE effects e SET confirm_at = d.at, next_attempt_at = least(e.next_attempt_at, d.at), updated_at = now()
     FROM (SELECT now() + make_interval(secs => $2 / 1000.0) AS at) d WHERE e.id = $1 AND e.phase = 'sent'`,
    [effectId, confirmInMs],
  );
}

/**
 * Records an external id that was learned, whoever holds the lease by now. The first one wins and settles the row as
 * sent; another one becomes a duplicate to close, and the row is due for that. One that a person has discarded only
 * remembers it. Returns the id that stands.
 */
export async function learnExternalId(db: Queryable, effectId: string, externalId: string): Promise<string> {
  const [row] = await db.query<{ external_id: string }>(
    `UPDATE effects SET external_id = coalesce(external_id, $2),
       phase = CASE WHEN discarded_at IS NULL THEN 'sent' ELSE phase END,
       extra_ids = CASE WHEN external_id <> $2 AND NOT $2 = ANY (extra_ids) THEN extra_ids || $2::text ELSE extra_ids END,
       next_attempt_at = CASE WHEN discarded_at IS NULL AND (external_id IS NULL OR external_id <> $2) THEN now()
         ELSE next_attempt_at END,
       first_sent_at = coalesce(first_sent_at, now()), updated_at = now()
     WHERE id = $1 RETURNING external_id`,
    [effectId, externalId],
  );
  return row?.external_id ?? externalId;
}
