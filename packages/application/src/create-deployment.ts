import { type Deployment, type DeploymentRequest, DomainError, admit, owes } from '@deptracker/domain';
import {
  type Database,
  type DeploymentKey,
  type NewDeployment,
  OverloadedError,
  type QueueMs,
  type QueuedEffect,
  type Written,
  findDeployment,
  newId,
} from '@deptracker/store';
import { findReplay, keysOf } from './deployment-keys.js';
import type { FindGround, Ground } from './ground.js';
import { newborn } from './newborn.js';

export interface CreateDeploymentOptions {
  readonly database: Database;
  /** The group-commit writer. */
  readonly write: (item: NewDeployment) => Promise<Written>;
  /** The policy and the channel of each new deployment, or why it may not be. */
  readonly ground: FindGround;
  /** Seconds for which an Idempotency-Key is remembered. */
  readonly idempotencyTtlSeconds: number;
  /** Milliseconds that a notice waits for others; asked anew for each request. */
  readonly noticeDelayMs: () => Promise<number>;
  /** Whether the caller will queue the jobs itself; asked anew for each request. */
  readonly queueMs: () => QueueMs;
}

export interface CreateCommand {
  readonly request: DeploymentRequest;
  readonly idempotencyKey: string | null;
  /** What makes a request with the same key the same; the request itself where this is left out. */
  readonly fingerprint?: unknown;
  readonly requestId: string | null;
}

export interface Created {
  readonly deployment: Deployment;
  /** True where the same key and request was answered before: then `deployment` is as it was at first. */
  readonly replayed: boolean;
  /** Jobs that the caller is to queue now, after the commit. */
  readonly effects: readonly QueuedEffect[];
}

/** Times that a deployment is judged anew; each takes a few milliseconds, so only a storm of changes uses them up. */
const MOST_ROUNDS = 20;

type Terms = Pick<NewDeployment, 'keys' | 'queueMs' | 'noticeDelayMs'>;

function judge(command: CreateCommand, { policy, channelId }: Ground, { keys, queueMs, noticeDelayMs }: Terms): NewDeployment {
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
    id: newId(),
    policy,
    status,
    approvalStatus: approval.status,
    channelId,
    event,
    owed: owes({ approval, channelId }, event),
    requestId: command.requestId,
    keys,
    queueMs,
    noticeDelayMs,
  };
}

async function assertRetryable(database: Database, id: string): Promise<void> {
  if ((await findDeployment(database, id)) !== null) return;
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
  return newborn(item.event.data.request, { id, status, approval, channelId, timeoutSeconds, createdAt: written.createdAt });
}

/**
 * The ground for the command's deployment. Where there is none, or nothing that it could retry, a request that is repeated is
 * still answered again: the project may have been archived since, and what it retried may be gone.
 */
async function groundOrReplay(
  { database, ground }: CreateDeploymentOptions,
  { request, requestId }: CreateCommand,
  keys: readonly DeploymentKey[],
  outdated: number | null,
): Promise<Ground | Deployment> {
  try {
    if (request.retryOf !== null) await assertRetryable(database, request.retryOf);
    return await ground(request.project, request.environment, { actor: request.requestedBy, requestId, outdated });
  } catch (error) {
    const earlier = error instanceof DomainError ? await findReplay(database, keys, request) : null;
    if (earlier === null) throw error;
    return earlier;
  }
}

/**
 * Creates a deployment with its event, its keys and what it owes, in one commit. Raises `key_reused` and
 * `retry_of_not_found` and what finding the ground raises; `OverloadedError` and `UnavailableError` mean that nothing is known to be stored and that the
 * same request with the same key may be sent again.
 */
export function createCreateDeployment(options: CreateDeploymentOptions): (command: CreateCommand) => Promise<Created> {
  const { database } = options;
  return async (command) => {
    const { request, idempotencyKey, fingerprint = request } = command;
    const keys = keysOf({ request, idempotencyKey, fingerprint }, options.idempotencyTtlSeconds);
    const noticeDelayMs = await options.noticeDelayMs();
    let outdated: number | null = null;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const ground = await groundOrReplay(options, command, keys, outdated);
      if (!('policy' in ground)) return repeated(database, ground);
      const item = judge(command, ground, { keys, queueMs: options.queueMs(), noticeDelayMs });
      const written = await writeOrConflict(options, item);
      if (written.outcome === 'created') {
        return { deployment: assemble(item, written), replayed: false, effects: written.effects };
      }
      outdated = written.outcome === 'policy_changed' ? ground.policy.revision : null;
      const earlier = written.outcome === 'key_taken' ? await findReplay(database, keys, request) : null;
      if (earlier !== null) return repeated(database, earlier);
    }
    // Nothing is wrong with the request, and nothing was written.
    throw new OverloadedError('A deployment could not be judged: its policy or keys kept changing.');
  };
}

/** What was created before, maybe by another process of which this one has not heard yet: what it shows from now on holds it. */
export function repeated(database: Database, deployment: Deployment): Created {
  database.announce({ kind: 'deployment', id: deployment.id, revision: deployment.revision });
  return { deployment, replayed: true, effects: [] };
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
