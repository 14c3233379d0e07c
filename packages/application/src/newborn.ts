import type { Deployment, DeploymentRequest } from '@deptracker/domain';

/** What the database and the policy add to a request when it becomes a deployment. */
type Birth = Pick<Deployment, 'id' | 'status' | 'approval' | 'channelId' | 'timeoutSeconds' | 'createdAt'>;

/** A deployment as it is answered at first, and word for word the same whenever it is answered again. */
export function newborn(request: DeploymentRequest, birth: Birth): Deployment {
  const { id, status, approval, channelId, timeoutSeconds, createdAt } = birth;
  return {
    id,
    revision: 1,
    project: request.project,
    environment: request.environment,
    version: request.version,
    commitSha: request.commitSha,
    ref: request.ref,
    description: request.description,
    requestedBy: request.requestedBy,
    source: request.source,
    externalId: request.externalId,
    links: request.links,
    metadata: request.metadata,
    retryOf: request.retryOf,
    rollbackOf: request.rollbackOf,
    promotedFrom: request.promotedFrom,
    status,
    approval,
    channelId,
    timeoutSeconds,
    createdAt,
    updatedAt: createdAt,
    startedAt: null,
    finishedAt: null,
  };
}
