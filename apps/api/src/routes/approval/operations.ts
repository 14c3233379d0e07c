import { deployment } from '../deployments/schema.js';
import { deploymentId } from '../deployment-id.js';
import { type Operation, operation } from '../operation.js';
import { ifMatch } from '../request-headers.js';
import { decide } from './handlers.js';
import { decisionBody } from './schema.js';

/** `/deployments/:id/approval`. */
export const approvalOperations: readonly Operation[] = [
  operation({
    method: 'put',
    path: '/deployments/:id/approval',
    operationId: 'decideDeployment',
    tag: 'Approvals',
    summary: 'Approve or reject',
    description: 'One person decides once; one reject closes; who asked does not decide. The same rules as for a click in Slack.',
    params: { id: deploymentId },
    headers: { expectedRevision: ifMatch },
    body: decisionBody,
    answers: { 200: { description: 'Counted.', schema: deployment, headers: ['ETag'] } },
    problems: ['not-eligible', 'approval-not-required', 'approval-closed', 'approval-lapsed', 'already-decided'],
    example: {
      params: { id: '01a1f9c1-1f18-73d2-9c31-723516cb0a45' },
      body: { decision: 'approve', approver: 'bob@example.com', reason: 'looks good' },
    },
    handle: decide,
  }),
];
