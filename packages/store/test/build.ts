import { type Owed, type Policy, owes } from '@deptracker/domain';
import { type Database, type DeploymentKey, type NewDeployment, createDatabase, createDeployments } from '@deptracker/store';
import { v7 as uuidv7 } from 'uuid';

export const CHANNEL = 'C0TEST';

export const POLICY: Policy = {
  revision: 0,
  approvalsRequired: 1,
  eligible: null,
  requesterMayApprove: false,
  approvalTtlSeconds: 86_400,
  timeoutSeconds: 7_200,
};

/** A pool as a process has it. */
export function open(url: string, maxConnections = 10): Database {
  return createDatabase({ url, maxConnections, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
}

interface Overrides {
  readonly id?: string;
  readonly project?: string;
  readonly environment?: string;
  readonly version?: string;
  readonly externalId?: string | null;
  readonly policy?: Policy;
  readonly channelId?: string;
  readonly keys?: readonly DeploymentKey[];
  readonly queueMs?: NewDeployment['queueMs'];
  readonly noticeDelayMs?: number;
}

export const key = (kind: DeploymentKey['kind'], name: string, bodyHash = 'hash'): DeploymentKey => ({
  kind,
  key: name,
  bodyHash,
  ttlSeconds: kind === 'natural' ? null : 3_600,
});

/** A deployment as the use case hands it to the store. */
export function newDeployment(over: Overrides = {}): NewDeployment {
  const { policy = POLICY, channelId = CHANNEL } = over;
  const waits = policy.approvalsRequired > 0;
  const status = waits ? 'pending' : 'approved';
  const approvalStatus = waits ? 'pending' : 'not_required';
  const request = {
    project: over.project ?? 'user-service',
    environment: over.environment ?? 'production',
    version: over.version ?? '1.0.0',
    commitSha: null,
    ref: null,
    description: null,
    requestedBy: 'ann@example.com',
    source: 'ci',
    externalId: over.externalId ?? null,
    links: [{ title: 'run', url: 'https://ci.example.com/1' }],
    metadata: { nested: { text: 'ä"\\' } },
    retryOf: null,
    rollbackOf: null,
    promotedFrom: null,
  };
  const event = { type: 'deployment.created' as const, revision: 1, actor: request.requestedBy, data: { request } };
  const approval = { status: approvalStatus, required: policy.approvalsRequired, eligible: policy.eligible, requesterMayApprove: false, expiresAt: null, decisions: [] } as const;
  const owed: Owed[] = owes({ approval, channelId }, event);
  return {
    id: over.id ?? uuidv7(),
    policy,
    status,
    approvalStatus,
    channelId,
    event,
    owed,
    keys: over.keys ?? [],
    requestId: 'request-1',
    queueMs: over.queueMs ?? { jira: 0, slack: 0 },
    noticeDelayMs: over.noticeDelayMs ?? 0,
  };
}

/** Stores deployments and gives their ids. */
export async function stored(database: Database, ...all: Overrides[]): Promise<string[]> {
  const batch = (all.length === 0 ? [{}] : all).map(newDeployment);
  await createDeployments(database, batch);
  return batch.map(({ id }) => id);
}

/** The id of a deployment's effect of one kind. */
export async function effectOf(database: Database, deploymentId: string, kind: string): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    'SELECT id FROM effects WHERE deployment_id = $1 AND kind = $2 ORDER BY event_revision LIMIT 1',
    [deploymentId, kind],
  );
  if (row === undefined) throw new Error(`Deployment ${deploymentId} has no effect ${kind}.`);
  return row.id;
}

/** One number from SQL. */
export async function count(database: Database, fromWhere: string, values: readonly unknown[] = []): Promise<number> {
  const [row] = await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${fromWhere}`, values);
  return row?.n ?? 0;
}
