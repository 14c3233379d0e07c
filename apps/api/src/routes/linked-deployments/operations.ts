import { deploymentId } from '../deployment-id.js';
import { deployment } from '../deployments/schema.js';
import { UNFOUNDED } from '../ground-problems.js';
import { type Operation, operation } from '../operation.js';
import { idempotencyKey, ifMatch } from '../request-headers.js';
import { promote, rollback } from './handlers.js';
import { promotionBody, rollbackBody } from './schema.js';

const ID = '01a1f9c1-1f18-73d2-9c31-723516cb0a45';

const COMMON = {
  params: { id: deploymentId },
  headers: { key: idempotencyKey, expectedRevision: ifMatch },
  answers: {
    201: { description: 'The new deployment.', schema: deployment, headers: ['ETag', 'Location', 'Idempotent-Replayed'] },
  },
} as const;

/** `/deployments/:id/rollback` and `/deployments/:id/promote`. */
export const linkedDeploymentOperations: readonly Operation[] = [
  operation({
    ...COMMON,
    method: 'post',
    path: '/deployments/:id/rollback',
    operationId: 'rollBackDeployment',
    tag: 'Deployments',
    summary: 'Go back to an earlier version',
    description:
      'Creates a deployment of the same project and environment with `rollbackOf`, which the policy of the environment ' +
      'judges like any other. Possible while the deployment is the last one that succeeded there. When the new one ' +
      'succeeds, this one becomes `rolled_back`.',
    body: rollbackBody,
    problems: ['not-succeeded', 'superseded', 'no-earlier-version', 'same-as-source', 'key-reused', ...UNFOUNDED, 'overloaded'],
    example: {
      params: { id: ID },
      headers: { 'Idempotency-Key': 'rollback-812' },
      body: { version: '1.3.9', requestedBy: 'alice@example.com', reason: 'Error rate is up since 1.4.0' },
    },
    handle: rollback,
  }),
  operation({
    ...COMMON,
    method: 'post',
    path: '/deployments/:id/promote',
    operationId: 'promoteDeployment',
    tag: 'Deployments',
    summary: 'Bring the same version to another environment',
    description: 'Creates a deployment of the same project, version, commit and ref with `promotedFrom`. Possible once this one succeeded.',
    body: promotionBody,
    problems: ['not-succeeded', 'same-as-source', 'key-reused', ...UNFOUNDED, 'overloaded'],
    example: {
      params: { id: ID },
      headers: { 'Idempotency-Key': 'promote-812' },
      body: { environment: 'production-eu', requestedBy: 'alice@example.com' },
    },
    handle: promote,
  }),
];
