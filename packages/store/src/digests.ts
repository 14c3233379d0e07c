import type { Queryable, UnitOfWork } from './database.js';
import { newId } from './new-id.js';

/** A notice that a digest carries: which event of which deployment. */
export interface DigestMember {
  readonly effectId: string;
  readonly deploymentId: string;
  readonly eventRevision: number;
}

/**
 * Gathers the notices to one channel that are due into a new digest effect, at most `max`, and freezes them as its
 * members: from now on they have no schedule of their own. Null where another worker took them.
 */
export async function gatherDigest(uow: UnitOfWork, channelId: string, max: number): Promise<string | null> {
  const members = await uow.query<{ id: string }>(
    `SELECT id FROM effects
     WHERE kind = 'slack.notice' AND destination = $1 AND next_attempt_at <= now() AND parent_id IS NULL
     ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [channelId, max],
  );
  if (members.length === 0) return null;
  const id = newId();
  await uow.query(
    `INSERT INTO effects (id, kind, target, destination, priority, desired_revision, next_attempt_at)
     VALUES ($1, 'slack.digest', 'slack', $2, 3, 1, now())`,
    [id, channelId],
  );
  await uow.query(
    `UPDATE effects SET parent_id = $1, next_attempt_at = NULL, queued_until = NULL, lease_until = NULL, updated_at = now()
     WHERE id = ANY ($2)`,
    [id, members.map((member) => member.id)],
  );
  return id;
}

/** The frozen members of a digest, oldest first. */
export async function listDigestMembers(db: Queryable, digestId: string): Promise<DigestMember[]> {
  return [
    ...(await db.query<DigestMember>(
      `SELECT id AS "effectId", deployment_id AS "deploymentId", event_revision AS "eventRevision"
       FROM effects WHERE parent_id = $1 AND kind = 'slack.notice' ORDER BY created_at, id`,
      [digestId],
    )),
  ];
}

/** The members of a digest share its end: sent with it, or dead or held with it. */
export async function settleDigestMembers(db: Queryable, digestId: string): Promise<void> {
  await db.query(
    `UPDATE effects m SET phase = d.phase, external_id = d.external_id, applied_revision = m.desired_revision,
       last_error = d.last_error, updated_at = now()
     FROM effects d WHERE d.id = $1 AND m.parent_id = d.id AND m.kind = 'slack.notice'`,
    [digestId],
  );
}
