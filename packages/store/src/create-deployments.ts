import type { Approval, DeploymentRequest, DomainEvent, EventData, Owed, Policy, Status } from '@deptracker/domain';
import { failpoint } from '@deptracker/runtime';
import { batchEffects, effectParameters, queuedOf } from './batch-effects.js';
import { type Queryable, UnavailableError } from './database.js';
import type { QueueMs, QueuedEffect } from './effect-row.js';
import { newId } from './new-id.js';
import { prepared } from './prepared.js';

/** What makes two requests the same: a key of one kind with the hash of what was asked. */
export interface DeploymentKey {
  readonly kind: 'idempotency' | 'natural';
  readonly key: string;
  readonly bodyHash: string;
  /** Seconds until the key may be used anew; null is never. */
  readonly ttlSeconds: number | null;
}

/** The event of a creation tells the whole request. */
export interface CreationEvent extends DomainEvent {
  readonly data: EventData & { readonly request: DeploymentRequest };
}

/** A judged deployment, ready to be written. Its times are given by the database. */
export interface NewDeployment {
  readonly id: string;
  readonly policy: Policy;
  readonly status: Status;
  readonly approvalStatus: Approval['status'];
  readonly channelId: string;
  readonly event: CreationEvent;
  readonly owed: readonly Owed[];
  readonly keys: readonly DeploymentKey[];
  readonly requestId: string | null;
  readonly queueMs: QueueMs;
  /** Milliseconds that a notice waits for others to join it in a digest. */
  readonly noticeDelayMs: number;
}

export type Written =
  | { readonly outcome: 'created'; readonly createdAt: Date; readonly expiresAt: Date | null; readonly effects: readonly QueuedEffect[] }
  /** The environment's policy is another by now: judge again. */
  | { readonly outcome: 'policy_changed' }
  /** A key is taken: read who has it. */
  | { readonly outcome: 'key_taken' };

// One statement: whatever it writes is there together or not at all. Who has a key that is taken already takes none of the
// others. One that wins only some of its keys, because another is taken at the same moment, must leave none behind, so the
// division fails the whole statement; the caller halves the batch until it stands alone. Keys are taken in one order by
// all, or two batches could wait for each other; of equal requests the first wins all of them.
const CREATE = prepared('create_deployments', `
WITH input AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(
    place int, id uuid, status text, "approvalStatus" text, required int, eligible jsonb, "requesterMayApprove" boolean, "ttlSeconds" int,
    "timeoutSeconds" int, "channelId" text, "policyRevision" int, "keyCount" bigint, "eventId" uuid, "eventType" text,
    actor text, event jsonb, "requestId" text)
), judged AS (
  SELECT input.*, input.event->'request' AS request,
    CASE WHEN "approvalStatus" = 'pending' THEN now() + make_interval(secs => "ttlSeconds") END AS expires_at
  FROM input LEFT JOIN environments e ON e.name = input.event #>> '{request,environment}'
  WHERE coalesce(e.revision, 0) = "policyRevision"
), asked AS (
  SELECT k.* FROM json_to_recordset($2::json) AS k(kind text, key text, "deploymentId" uuid, "bodyHash" text, "ttlSeconds" int)
  JOIN judged ON judged.id = k."deploymentId"
), known AS (
  SELECT "deploymentId" FROM asked
  WHERE EXISTS (SELECT 1 FROM deployment_keys d WHERE d.kind = asked.kind AND d.key = asked.key OFFSET 0)
), keys AS (
  INSERT INTO deployment_keys (kind, key, deployment_id, body_hash, expires_at)
  SELECT kind, key, "deploymentId", "bodyHash", now() + make_interval(secs => "ttlSeconds")
  FROM asked WHERE "deploymentId" NOT IN (SELECT "deploymentId" FROM known)
  ORDER BY kind, key, "deploymentId"
  ON CONFLICT DO NOTHING
  RETURNING deployment_id
), counted AS (
  SELECT judged.*, id IN (SELECT deployment_id FROM keys) AS got_one,
    "keyCount" = 0 OR (id, "keyCount") IN (SELECT deployment_id, count(*) FROM keys GROUP BY deployment_id) AS got_all
  FROM judged
), won AS (
  SELECT * FROM counted WHERE got_all
), created AS (
  INSERT INTO deployments (id, revision, project, environment, version, commit_sha, ref, description, requested_by, source,
    external_id, links, metadata, retry_of, rollback_of, promoted_from, status, approval_status, approvals_required, eligible,
    requester_may_approve, approval_expires_at, channel_id, timeout_s, limit_at)
  SELECT id, 1, request->>'project', request->>'environment', request->>'version', request->>'commitSha', request->>'ref',
    request->>'description', request->>'requestedBy', request->>'source', request->>'externalId', request->'links', request->'metadata',
    (request->>'retryOf')::uuid, (request->>'rollbackOf')::uuid, (request->>'promotedFrom')::uuid, status, "approvalStatus", required,
    CASE WHEN jsonb_typeof(eligible) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(eligible)) END,
    "requesterMayApprove", expires_at, "channelId", "timeoutSeconds", expires_at
  FROM won
), recorded AS (
  INSERT INTO events (deployment_id, revision, id, type, actor, data, request_id)
  SELECT id, 1, "eventId", "eventType", actor, event, "requestId" FROM won
), owed AS (
  INSERT INTO effects (id, kind, target, deployment_id, event_revision, destination, priority, desired_revision,
    next_attempt_at, queued_until)
  SELECT f.id, t.kind, t.target, won.id, t."eventRevision", t.destination, t.priority, 1,
    now() + make_interval(secs => t."delayMs" / 1000.0),
    CASE WHEN t."queueMs" > 0 THEN now() + make_interval(secs => t."queueMs" / 1000.0) END
  FROM unnest($3::uuid[], $4::uuid[], $5::int[]) AS f(id, deployment_id, place)
  JOIN won ON won.id = f.deployment_id
  JOIN json_to_recordset($6::json) AS t(place int, kind text, target text, "eventRevision" int, destination text, priority int,
    "delayMs" int, "queueMs" int) ON t.place = f.place
)
SELECT now() AS now, json_agg(place) FILTER (WHERE got_all) AS created, json_agg(place) FILTER (WHERE NOT got_all) AS taken,
  max(1 / (CASE WHEN got_one AND NOT got_all THEN 0 ELSE 1 END)) AS whole
FROM counted`);

/** What became of a batch: one row for all of it, so that its time is read once. */
interface BatchRow {
  now: Date;
  /** Places in the batch; null where there are none. Who is in neither was judged under another policy. */
  created: number[] | null;
  taken: number[] | null;
}

/** As the statement has it. */
function expiryOf({ approvalStatus, policy }: NewDeployment, now: Date): Date | null {
  return approvalStatus === 'pending' ? new Date(now.getTime() + policy.approvalTtlSeconds * 1_000) : null;
}

/** What is not in the event. Each member by its name: a spread makes V8 treat the row as a dictionary. */
function inputRow(one: NewDeployment, place: number): object {
  return {
    place,
    id: one.id,
    status: one.status,
    approvalStatus: one.approvalStatus,
    required: one.policy.approvalsRequired,
    eligible: one.policy.eligible,
    requesterMayApprove: one.policy.requesterMayApprove,
    ttlSeconds: one.policy.approvalTtlSeconds,
    timeoutSeconds: one.policy.timeoutSeconds,
    policyRevision: one.policy.revision,
    channelId: one.channelId,
    keyCount: one.keys.length,
    eventId: newId(),
    eventType: one.event.type,
    actor: one.event.actor,
    event: one.event.data,
    requestId: one.requestId,
  };
}

/**
 * Writes a batch in one statement. The answers are in the order of the input; any error means that nothing was written.
 * Listeners hear of what was created after the commit.
 */
export async function createDeployments(db: Queryable, batch: readonly NewDeployment[]): Promise<Written[]> {
  const keys = batch.flatMap((one) => one.keys.map((key) => ({ ...key, deploymentId: one.id })));
  const effects = batchEffects(batch);
  failpoint('before_commit');
  const values = [JSON.stringify(batch.map(inputRow)), JSON.stringify(keys), ...effectParameters(batch, effects)];
  const [row] = await db.query<BatchRow>(CREATE, values).catch((error: unknown) => {
    // They may be committed: a notice too many does no harm.
    if (error instanceof UnavailableError && !error.answered) for (const { id } of batch) db.announce({ kind: 'deployment', id, revision: 1 });
    throw error;
  });
  failpoint('after_commit');
  if (row === undefined) throw new Error('The statement that creates deployments gave no row.');
  const [created, taken] = [new Set(row.created), new Set(row.taken)];
  return batch.map((one, place): Written => {
    if (taken.has(place)) return { outcome: 'key_taken' };
    if (!created.has(place)) return { outcome: 'policy_changed' };
    db.announce({ kind: 'deployment', id: one.id, revision: 1 });
    return { outcome: 'created', createdAt: row.now, expiresAt: expiryOf(one, row.now), effects: queuedOf(effects[place] ?? []) };
  });
}

export interface KeyOwner extends Omit<DeploymentKey, 'ttlSeconds'> {
  readonly deploymentId: string;
  /** Its time has passed, or its deployment is gone. */
  readonly expired: boolean;
}

// Retention drops deployments before their keys. Whoever sees a key sees what it was committed with.
const ORPHANED = 'NOT EXISTS (SELECT 1 FROM deployments d WHERE d.id = k.deployment_id)';

/** Who has these keys, idempotency keys first. */
export async function findKeyOwners(db: Queryable, keys: readonly DeploymentKey[]): Promise<KeyOwner[]> {
  const rows = await db.query<{ kind: DeploymentKey['kind']; key: string; deployment_id: string; body_hash: string; expired: boolean }>(
    `SELECT k.kind, k.key, k.deployment_id, k.body_hash, (coalesce(k.expires_at <= now(), false) OR ${ORPHANED}) AS expired
     FROM deployment_keys k JOIN json_to_recordset($1::json) AS x(kind text, key text) USING (kind, key)
     ORDER BY k.kind`,
    [JSON.stringify(keys)],
  );
  return rows.map((row) => ({
    kind: row.kind,
    key: row.key,
    bodyHash: row.body_hash,
    deploymentId: row.deployment_id,
    expired: row.expired,
  }));
}

/** Binds further keys of a request that was answered again to its deployment; a key that is taken meanwhile stays. */
export async function bindKeys(db: Queryable, deploymentId: string, keys: readonly DeploymentKey[]): Promise<void> {
  await db.query(
    `INSERT INTO deployment_keys (kind, key, deployment_id, body_hash, expires_at)
     SELECT k.kind, k.key, $2, k."bodyHash", now() + make_interval(secs => k."ttlSeconds")
     FROM json_to_recordset($1::json) AS k(kind text, key text, "bodyHash" text, "ttlSeconds" int)
     ORDER BY k.kind, k.key ON CONFLICT DO NOTHING`,
    [JSON.stringify(keys), deploymentId],
  );
}

/** Frees keys whose time has passed, so that they can be used anew. */
export async function freeExpiredKeys(db: Queryable, keys: readonly DeploymentKey[]): Promise<void> {
  await db.query(
    `DELETE FROM deployment_keys k USING json_to_recordset($1::json) AS x(kind text, key text)
     WHERE k.kind = x.kind AND k.key = x.key AND (k.expires_at <= now() OR ${ORPHANED})`,
    [JSON.stringify(keys)],
  );
}
