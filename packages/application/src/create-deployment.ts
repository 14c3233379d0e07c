import { createHash } from 'node:crypto';
import { type Deployment, type DeploymentRequest, DomainError, type Policy, admit, canonicalJson, owes } from '@deptracker/domain';
import {
  type Database,
  type DeploymentKey,
  type KeyOwner,
  type NewDeployment,
  type QueueMs,
  type QueuedEffect,
  type Written,
  findDeployment,
  bindKeys,
  findKeyOwners,
  findPolicy,
  freeExpiredKeys,
} from '@deptracker/store';
import { v7 as uuidv7 } from 'uuid';

export interface CreateDeploymentOptions {
  readonly database: Database;
  /** The group-commit writer. */
  readonly write: (item: NewDeployment) => Promise<Written>;
  readonly defaultPolicy: Policy;
  readonly channelId: string;
  /** Seconds for which an Idempotency-Key is remembered. */
  readonly idempotencyTtlSeconds: number;
  readonly noticeDelayMs: number;
  /** Whether the caller will queue the jobs itself; asked anew for each request. */
  readonly queueMs: () => QueueMs;
}

export interface CreateCommand {
  readonly request: DeploymentRequest;
  readonly idempotencyKey: string | null;
  readonly requestId: string | null;
}

export interface Created {
  readonly deployment: Deployment;
  /** True where the same key and request was answered before: then `deployment` is as it was at first. */
  readonly replayed: boolean;
  /** Jobs that the caller is to queue now, after the commit. */
  readonly effects: readonly QueuedEffect[];
}

function keysOf(command: CreateCommand, ttlSeconds: number): DeploymentKey[] {
  const { request, idempotencyKey } = command;
  if (idempotencyKey === null && request.externalId === null) return [];
  const bodyHash = createHash('sha256').update(canonicalJson(request)).digest('base64url');
  const natural = [request.source, request.externalId, request.project, request.environment];
  return [
    ...(idempotencyKey === null ? [] : [{ kind: 'idempotency' as const, key: idempotencyKey, bodyHash, ttlSeconds }]),
    ...(request.externalId === null
      ? []
      : [{ kind: 'natural' as const, key: JSON.stringify(natural), bodyHash, ttlSeconds: null }]),
  ];
}

/** What the database and the policy add to a request when it becomes a deployment. */
type Birth = Pick<Deployment, 'id' | 'status' | 'approval' | 'channelId' | 'timeoutSeconds' | 'createdAt'>;

/** A deployment as it is answered at first, and word for word the same whenever it is answered again. */
function newborn(request: DeploymentRequest, birth: Birth): Deployment {
  const { id, status, approval, channelId, timeoutSeconds, createdAt } = birth;
  const times = { createdAt, updatedAt: createdAt, startedAt: null, finishedAt: null };
  return { ...request, id, revision: 1, status, approval, channelId, timeoutSeconds, ...times };
}

/** The first answer again, under the policy of then. `request` is what was asked then: the keys' hash says so. */
async function asCreated(database: Database, id: string, request: DeploymentRequest): Promise<Deployment> {
  const now = await findDeployment(database, id);
  if (now === null) throw new DomainError({ code: 'deployment_not_found', id }, `There is no deployment ${id}.`);
  const { required, eligible, requesterMayApprove, expiresAt } = now.approval;
  const waits = required > 0;
  const status = waits ? 'pending' : 'not_required';
  const approval = { status, required, eligible, requesterMayApprove, expiresAt, decisions: [] } as const;
  return newborn(request, { ...now, status: waits ? 'pending' : 'approved', approval });
}

/** Who won our keys decides: the same request is answered again, another one is refused with `key_reused`. */
async function replay(database: Database, keys: readonly DeploymentKey[], request: DeploymentRequest): Promise<Created | null> {
  const owners: readonly KeyOwner[] = await findKeyOwners(database, keys);
  if (owners.length === 0 || owners.some((owner) => owner.expired)) {
    await freeExpiredKeys(database, keys);
    return null;
  }
  const [first] = owners as [KeyOwner];
  for (const owner of owners) {
    const mine = keys.find((key) => key.kind === owner.kind);
    if (mine?.bodyHash !== owner.bodyHash || owner.deploymentId !== first.deploymentId) {
      const what = owner.kind === 'idempotency' ? 'Idempotency-Key' : 'combination of source, externalId, project and environment';
      throw new DomainError(
        { code: 'key_reused', key: owner.kind },
        `This ${what} was used for another request (deployment ${owner.deploymentId}); use a new one for a new request.`,
      );
    }
  }
  // A further key of the same request is bound to what it was answered with: it may not be used for another one.
  const unbound = keys.filter((key) => owners.every((owner) => owner.kind !== key.kind));
  if (unbound.length > 0) await bindKeys(database, first.deploymentId, unbound);
  return { deployment: await asCreated(database, first.deploymentId, request), replayed: true, effects: [] };
}

function judge(command: CreateCommand, policy: Policy, keys: readonly DeploymentKey[], options: CreateDeploymentOptions): NewDeployment {
  const { status, approval } = admit(policy, new Date(0));
  const { request } = command;
  const note = request.requestedBy === null && policy.approvalsRequired > 0 ? 'No requester was given: nobody is excluded from approving.' : undefined;
  const event = {
    type: 'deployment.created' as const,
    revision: 1,
    actor: request.requestedBy,
    data: { request, to: status, ...(note === undefined ? {} : { note }) },
  };
  return {
    id: uuidv7(),
    request,
    policy,
    status,
    approvalStatus: approval.status,
    channelId: options.channelId,
    event,
    owed: owes({ approval, channelId: options.channelId }, event),
    keys,
    requestId: command.requestId,
    queueMs: options.queueMs(),
    noticeDelayMs: options.noticeDelayMs,
  };
}

async function assertRetryable(database: Database, id: string | null): Promise<void> {
  if (id === null || (await findDeployment(database, id)) !== null) return;
  throw new DomainError({ code: 'retry_of_not_found', id }, `retryOf names deployment ${id}, which does not exist.`);
}

function assemble(item: NewDeployment, written: Extract<Written, { outcome: 'created' }>): Deployment {
  const { id, status, channelId, policy } = item;
  const approval = {
    status: item.approvalStatus,
    required: policy.approvalsRequired,
    eligible: policy.eligible,
    requesterMayApprove: policy.requesterMayApprove,
    expiresAt: written.expiresAt,
    decisions: [],
  };
  const { timeoutSeconds } = policy;
  return newborn(item.request, { id, status, approval, channelId, timeoutSeconds, createdAt: written.createdAt });
}

/**
 * Creates a deployment with its event, its keys and what it owes, in one commit. Raises `key_reused` and
 * `retry_of_not_found`; `OverloadedError` and `UnavailableError` mean that nothing is known to be stored and that the
 * same request with the same key may be sent again.
 */
export function createCreateDeployment(options: CreateDeploymentOptions): (command: CreateCommand) => Promise<Created> {
  const { database } = options;
  return async (command) => {
    const keys = keysOf(command, options.idempotencyTtlSeconds);
    await assertRetryable(database, command.request.retryOf);
    for (let round = 0; round < 5; round += 1) {
      const policy = (await findPolicy(database, command.request.environment)) ?? options.defaultPolicy;
      const item = judge(command, policy, keys, options);
      const written = await writeOrConflict(options, item);
      if (written.outcome === 'created') {
        return { deployment: assemble(item, written), replayed: false, effects: written.effects };
      }
      const earlier = written.outcome === 'key_taken' ? await replay(database, keys, command.request) : null;
      if (earlier !== null) return earlier;
    }
    throw new Error('A deployment could not be judged: its policy or keys kept changing.');
  };
}

// Division by zero is how the statement refuses a deployment that won only some of its keys.
const PARTIAL_KEYS = '22012';

async function writeOrConflict(options: CreateDeploymentOptions, item: NewDeployment): Promise<Written> {
  try {
    return await options.write(item);
  } catch (error) {
    if ((error as { code?: unknown }).code === PARTIAL_KEYS) return { outcome: 'key_taken' };
    throw error;
  }
}
