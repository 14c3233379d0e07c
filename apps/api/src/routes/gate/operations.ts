import { deploymentId } from '../deployment-id.js';
import { type Operation, operation } from '../operation.js';
import { get } from './handlers.js';
import { gateAnswer, gateQuery } from './schema.js';

/** `/deployments/:id/gate`. */
export const gateOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/deployments/:id/gate',
    operationId: 'askGate',
    tag: 'Deployments',
    summary: 'Ask whether a pipeline may go on',
    description:
      'Answers at once when the decision has fallen or falls, whichever process handled it, and with `waiting` after ' +
      '`wait` seconds: then ask again. `allowed`: approved and not lapsed, in progress, succeeded. `denied` is final: ' +
      'rejected, expired, cancelled, failed, timed out, rolled back.',
    params: { id: deploymentId },
    query: gateQuery,
    answers: { 200: { description: 'The decision, or that there is none yet.', schema: gateAnswer } },
    example: { params: { id: '01a1f9c1-1f18-73d2-9c31-723516cb0a45' }, query: { wait: 1 } },
    handle: get,
  }),
];
