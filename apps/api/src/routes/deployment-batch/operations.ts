import { type Operation, operation } from '../operation.js';
import { idempotencyKey } from '../request-headers.js';
import { createBatch, readBatch } from './handlers.js';
import { batchAnswer, batchBody } from './schema.js';

/** `/deployments/batch`. */
export const deploymentBatchOperations: readonly Operation[] = [
  operation({
    method: 'post',
    path: '/deployments/batch',
    operationId: 'createDeployments',
    tag: 'Deployments',
    summary: 'Create up to 500 deployments',
    description:
      'Each item is taken or refused on its own. 200: all were taken; 207: at least one was refused, see `results`. Only ' +
      'where none could be stored because the database is away or too much waits the whole answer is 503. Repeating the ' +
      'same batch is safe with `Idempotency-Key`, which counts for each item by its place, and for items that have ' +
      '`idempotencyKey` or `externalId` themselves.',
    headers: { key: idempotencyKey },
    body: batchBody,
    largeBody: true,
    readBody: readBatch,
    answers: {
      200: { description: 'All were taken.', schema: batchAnswer },
      207: { description: 'At least one was refused.', schema: batchAnswer },
    },
    example: {
      headers: { 'Idempotency-Key': 'run-813' },
      body: {
        deployments: [
          { project: 'user-service', environment: 'staging', version: '1.4.0' },
          { project: 'order-service', environment: 'staging', version: '2.0.1' },
        ],
      },
    },
    handle: createBatch,
  }),
];
