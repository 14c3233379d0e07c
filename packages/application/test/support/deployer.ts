import {
  type ChangeOptions,
  type Changed,
  type CreateCommand,
  type Created,
  type Defaults,
  type FindGround,
  createCreateDeployment,
  createGround,
  createKnown,
  decideDeployment,
  updateDeployment,
} from '@deptracker/application';
import type { DecisionKind, DeploymentRequest, Edit, Policy, Status } from '@deptracker/domain';
import { type Database, type QueueMs, type QueuedEffect, createDatabase, createDeployments } from '@deptracker/store';

export const CHANNEL = 'C0DEPLOYS';

export const POLICY: Policy = {
  revision: 0,
  approvalsRequired: 1,
  eligible: null,
  requesterMayApprove: false,
  approvalTtlSeconds: 86_400,
  timeoutSeconds: 7_200,
};

const REQUEST: DeploymentRequest = {
  project: 'user-service',
  environment: 'production',
  version: '1.0.0',
  commitSha: null,
  ref: null,
  description: null,
  requestedBy: 'carol@example.com',
  source: null,
  externalId: null,
  links: [],
  metadata: {},
  retryOf: null,
  rollbackOf: null,
  promotedFrom: null,
};

/** A request with these fields; the others are harmless. */
export const request = (fields: Partial<DeploymentRequest> = {}): DeploymentRequest => ({ ...REQUEST, ...fields });

/** The ground of deployments under these defaults. */
export function groundOf(database: Database, policy: Partial<Policy> = {}): FindGround {
  const defaults: Defaults = { policy: { ...POLICY, ...policy }, channelId: CHANNEL, unknownProject: 'create', unknownEnvironment: 'create' };
  return createGround({ database, defaults: () => Promise.resolve(defaults), channel: () => Promise.resolve(null), known: createKnown() });
}

/** A pool as a process has it. */
export function open(url: string): Database {
  return createDatabase({ url, maxConnections: 10, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
}

export interface DeployerOptions {
  readonly policy?: Partial<Policy>;
  readonly noticeDelayMs?: number;
  readonly idempotencyTtlSeconds?: number;
  readonly queueMs?: () => QueueMs;
  /** Queues jobs as the API does; without it the workers do. */
  readonly offer?: (effects: readonly QueuedEffect[]) => void;
}

/** Does to deployments what the API does, through the use cases. */
export class Deployer {
  readonly change: ChangeOptions;
  readonly run: (command: CreateCommand) => Promise<Created>;
  readonly #offer: (effects: readonly QueuedEffect[]) => void;

  constructor(
    readonly database: Database,
    options: DeployerOptions = {},
  ) {
    const { noticeDelayMs = 0, queueMs = (): QueueMs => ({ jira: 0, slack: 0 }), offer = (): void => undefined } = options;
    this.#offer = offer;
    this.change = { database, noticeDelayMs: () => Promise.resolve(noticeDelayMs), queueMs };
    this.run = createCreateDeployment({
      ...this.change,
      write: async (item) => (await createDeployments(database, [item]))[0] ?? { outcome: 'policy_changed' },
      ground: groundOf(database, options.policy),
      idempotencyTtlSeconds: options.idempotencyTtlSeconds ?? 3_600,
    });
  }

  async post(fields: Partial<DeploymentRequest> = {}, idempotencyKey: string | null = null): Promise<Created> {
    const created = await this.run({ request: request(fields), idempotencyKey, requestId: 'request-1' });
    this.#offer(created.effects);
    return created;
  }

  /** Creates one and gives its id. */
  async create(fields: Partial<DeploymentRequest> = {}): Promise<string> {
    return (await this.post(fields)).deployment.id;
  }

  async update(id: string, status: Status | null, edit: Edit = {}, expectedRevision: number | null = null): Promise<Changed> {
    const command = { id, status, edit, actor: null };
    return this.#offered(await updateDeployment(this.change, command, { requestId: null, expectedRevision }));
  }

  async decide(id: string, decision: DecisionKind, actor = 'alice@example.com', reason: string | null = null): Promise<Changed> {
    const command = { id, decision, actor, reason };
    return this.#offered(await decideDeployment(this.change, command, { requestId: null, expectedRevision: null }));
  }

  /** Approved, started and succeeded, one after the other. */
  async finish(id: string): Promise<void> {
    await this.decide(id, 'approve');
    await this.update(id, 'in_progress');
    await this.update(id, 'succeeded');
  }

  #offered(changed: Changed): Changed {
    this.#offer(changed.effects);
    return changed;
  }
}
