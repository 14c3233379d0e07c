import type { Queryable } from './database.js';
import { EFFECT_COLUMNS, type Effect } from './effect-row.js';
import { prepared } from './prepared.js';

/** Reads one effect without claiming it; null where it is gone. */
export async function findEffect(db: Queryable, id: string): Promise<Effect | null> {
  const [row] = await db.query<Effect>(`SELECT ${EFFECT_COLUMNS} FROM effects e WHERE e.id = $1`, [id]);
  return row ?? null;
}

const FIND = prepared('find_effects', `SELECT ${EFFECT_COLUMNS} FROM effects e WHERE e.id = ANY ($1::uuid[])`);

/** Reads many effects by id; those that are gone are absent. */
export async function findEffects(db: Queryable, ids: readonly string[]): Promise<Map<string, Effect>> {
  const rows = await db.query<Effect>(FIND, [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

const FREE = `e.next_attempt_at <= now() AND (e.lease_until IS NULL OR e.lease_until <= now())`;

/** The wish for the lease of an effect, in milliseconds. */
export interface Claim {
  readonly id: string;
  readonly leaseMs: number;
  /** When what stands outside is written once more, where the run before did not give its lease back. */
  readonly confirmMs: number;
}

// A lease that was not given back: its run died or stood still, and an edit of its may be applied late, over ours.
const CLAIMED = (leaseMs: string, confirmMs: string): string => `lease_until = now() + make_interval(secs => ${leaseMs} / 1000.0), fence = e.fence + 1,
  confirm_at = CASE WHEN e.phase = 'sent' AND e.lease_until IS NOT NULL THEN now() + make_interval(secs => ${confirmMs} / 1000.0) ELSE e.confirm_at END`;

/** Takes the lease of an effect that is due and free; null where it is neither. Tells by `confirm_at` that the run before may still have an effect. */
export async function claimEffect(db: Queryable, { id, leaseMs, confirmMs }: Claim): Promise<Effect | null> {
  const [row] = await db.query<Effect>(
    `UPDATE effects e SET ${CLAIMED('$2', '$3')} WHERE e.id = $1 AND ${FREE} RETURNING ${EFFECT_COLUMNS}`,
    [id, leaseMs, confirmMs],
  );
  return row ?? null;
}

const CLAIM = prepared('claim_effects', `
  WITH wanted AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::float8[], $3::float8[]) AS w(id, lease_ms, confirm_ms)),
  free AS MATERIALIZED (SELECT e.id FROM effects e WHERE e.id = ANY ($1::uuid[]) AND ${FREE} FOR UPDATE SKIP LOCKED)
  UPDATE effects e SET ${CLAIMED('w.lease_ms', 'w.confirm_ms')}
  FROM wanted w JOIN free ON free.id = w.id WHERE e.id = w.id AND e.id = ANY ($1::uuid[]) AND ${FREE}
  RETURNING ${EFFECT_COLUMNS}`);

/**
 * Takes the leases of many effects at once, answered in their order: null also for one that somebody else has locked just
 * now, and for all but the first of one id.
 */
export async function claimEffects(db: Queryable, claims: readonly Claim[]): Promise<(Effect | null)[]> {
  const wanted = new Map([...claims].reverse().map((claim) => [claim.id, claim]));
  const rows = await db.query<Effect>(
    CLAIM,
    [[...wanted.keys()], [...wanted.values()].map(({ leaseMs }) => leaseMs), [...wanted.values()].map(({ confirmMs }) => confirmMs)],
  );
  const taken = new Map(rows.map((row) => [row.id, row]));
  return claims.map((claim) => (wanted.get(claim.id) === claim ? (taken.get(claim.id) ?? null) : null));
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
    `UPDATE effects SET phase = 'sending', sends = sends + 1, lookups = 0, sent_at = now(),
       first_sent_at = coalesce(first_sent_at, now()), updated_at = now()
     WHERE id = $1 AND fence = $2 AND lease_until > now() + make_interval(secs => $3 / 1000.0) RETURNING 1`,
    [effect.id, effect.fence, timeoutMs],
  );
  return rows.length === 1;
}

/** The wish to send a request for an effect that was claimed with this fence. */
export interface Intent {
  readonly id: string;
  readonly fence: number;
  readonly timeoutMs: number;
}

const INTEND = prepared('intend_to_send', `
  WITH wanted AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::int[], $3::float8[]) AS w(id, fence, timeout_ms)),
  held AS MATERIALIZED (SELECT e.id FROM effects e WHERE e.id = ANY ($1::uuid[]) FOR UPDATE SKIP LOCKED)
  UPDATE effects e SET phase = 'sending', sends = e.sends + 1, lookups = 0, sent_at = now(),
    first_sent_at = coalesce(e.first_sent_at, now()), updated_at = now()
  FROM wanted w JOIN held ON held.id = w.id
  WHERE e.id = w.id AND e.id = ANY ($1::uuid[]) AND e.fence = w.fence AND e.lease_until > now() + make_interval(secs => w.timeout_ms / 1000.0)
  RETURNING e.id, e.fence`);

/** Commits the intents of many at once, answered in their order: false also where somebody else has locked the row just now. */
export async function intendToSendAll(db: Queryable, intents: readonly Intent[]): Promise<boolean[]> {
  const rows = await db.query<{ id: string; fence: number }>(
    INTEND,
    [intents.map(({ id }) => id), intents.map(({ fence }) => fence), intents.map(({ timeoutMs }) => timeoutMs)],
  );
  const kept = new Map(rows.map(({ id, fence }) => [id, fence]));
  // One intent, one request: nobody else gets the same answer.
  return intents.map(({ id, fence }) => kept.get(id) === fence && kept.delete(id));
}

/**
 * Puts off an effect that nobody holds, without a claim: there is no permit or the breaker is open. One that has become more
 * urgent than it was seen stays due, and is to be run anew; gives whether that is so.
 */
export async function postponeEffect(db: Queryable, { id, priority }: Pick<Effect, 'id' | 'priority'>, ms: number): Promise<boolean> {
  const rows = await db.query<{ due: boolean }>(
    `UPDATE effects SET queued_until = NULL,
       next_attempt_at = CASE WHEN priority < $3 THEN next_attempt_at ELSE now() + make_interval(secs => $2 / 1000.0) END
     WHERE id = $1 AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until <= now())
     RETURNING next_attempt_at <= now() AS due`,
    [id, ms, priority],
  );
  return rows[0]?.due === true;
}
