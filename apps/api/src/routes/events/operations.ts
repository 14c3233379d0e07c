import { deploymentId } from '../deployment-id.js';
import { type Operation, operation } from '../operation.js';
import { page } from '../shown.js';
import { list } from './handlers.js';
import { event, eventsQuery } from './schema.js';

/** `/deployments/:id/events`. */
export const eventOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/deployments/:id/events',
    operationId: 'listEvents',
    tag: 'Deployments',
    summary: 'Read the audit trail',
    description: 'What happened to a deployment, oldest first.',
    params: { id: deploymentId },
    query: eventsQuery,
    answers: { 200: { description: 'A page.', schema: page(event) } },
    example: { params: { id: '01a1f9c1-1f18-73d2-9c31-723516cb0a45' }, query: { limit: 50 } },
    handle: list,
  }),
];
