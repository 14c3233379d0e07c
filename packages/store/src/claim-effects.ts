import type { Queryable } from './database.js';
import { EFFECT_COLUMNS, type Effect } from './effect-row.js';

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

/** Puts off an effect that nobody holds, without a claim: there is no permit or the breaker is open. */
export async function postponeEffect(db: Queryable, id: string, ms: number): Promise<void> {
  await db.query(
    `UPDATE effects SET next_attempt_at = now() + make_interval(secs => $2 / 1000.0), queued_until = NULL
     WHERE id = $1 AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until <= now())`,
    [id, ms],
  );
}
