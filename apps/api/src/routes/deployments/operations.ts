import { validBody } from '../../http/validate.js';
import { deploymentId } from '../deployment-id.js';
import { UNFOUNDED } from '../ground-problems.js';
import { type Operation, operation } from '../operation.js';
import { idempotencyKey, ifMatch, ifNoneMatch } from '../request-headers.js';
import { page } from '../shown.js';
import { create, get, list, update } from './handlers.js';
import { plainCreation } from './plain-creation.js';
import { createBody, deployment, listQuery, updateBody } from './schema.js';

const ID = '01a1f9c1-1f18-73d2-9c31-723516cb0a45';

/** `/deployments` and `/deployments/:id`. */
export const deploymentOperations: readonly Operation[] = [
  operation({
    method: 'post',
    path: '/deployments',
    operationId: 'createDeployment',
    tag: 'Deployments',
    summary: 'Create a deployment',
    description:
      'Its Jira ticket and its question in Slack follow within seconds. Where nobody needs to be asked it is approved at ' +
      'once. After a 503, a time-out or a lost connection repeat the same request with the same key: `Idempotency-Key`, or ' +
      'the natural key of `source`, `externalId`, project and environment.',
    headers: { key: idempotencyKey },
    body: createBody,
    readBody: (request) => plainCreation(request.body) ?? validBody(createBody, request),
    answers: {
      201: { description: 'Stored.', schema: deployment, headers: ['ETag', 'Location', 'Idempotent-Replayed'] },
    },
    problems: ['key-reused', 'retry-of-not-found', ...UNFOUNDED],
    example: {
      headers: { 'Idempotency-Key': 'run-812-production' },
      body: {
        project: 'user-service',
        environment: 'production',
        version: '1.4.0',
        commitSha: '9f2c1e7',
        ref: 'main',
        requestedBy: 'alice@example.com',
        source: 'ci',
        externalId: 'run-812',
        links: [{ title: 'Build 812', url: 'https://ci.example.com/812' }],
        metadata: { team: 'identity' },
      },
    },
    handle: create,
  }),
  operation({
    method: 'get',
    path: '/deployments',
    operationId: 'listDeployments',
    tag: 'Deployments',
    summary: 'List deployments',
    description:
      'Newest first. All filters that are given must hold. New deployments do not shift pages. Where hardly any of very many fit, a page may hold fewer than `limit`, even none: only a `nextCursor` of null is the end. A first page may be a second old, but never older than what its caller did through the same process.',
    query: listQuery,
    headers: { known: ifNoneMatch },
    answers: {
      200: { description: 'A page.', schema: page(deployment), headers: ['ETag'] },
      304: { description: 'As the caller knows it.', headers: ['ETag'] },
    },
    example: { query: { environment: 'production', status: 'pending', from: '2026-11-01', limit: 2 } },
    handle: list,
  }),
  operation({
    method: 'get',
    path: '/deployments/:id',
    operationId: 'getDeployment',
    tag: 'Deployments',
    summary: 'Get a deployment',
    description: 'With its decisions, ticket and messages.',
    params: { id: deploymentId },
    headers: { known: ifNoneMatch },
    answers: {
      200: { description: 'The deployment.', schema: deployment, headers: ['ETag'] },
      304: { description: 'As the caller knows it.', headers: ['ETag'] },
    },
    example: { params: { id: ID } },
    handle: get,
  }),
  operation({
    method: 'put',
    path: '/deployments/:id',
    operationId: 'updateDeployment',
    tag: 'Deployments',
    summary: 'Report progress, or change what may change',
    description:
      'Pipelines set `in_progress`, `succeeded`, `failed` or `cancelled`; the other statuses come from people and limits of ' +
      'time. Setting `in_progress` is asking for permission: 200 grants it. What was fixed at creation may be repeated as it ' +
      'is. Repeating a change changes nothing.',
    params: { id: deploymentId },
    headers: { expectedRevision: ifMatch },
    body: updateBody,
    answers: { 200: { description: 'As it is now.', schema: deployment, headers: ['ETag'] } },
    problems: ['illegal-transition', 'immutable'],
    example: {
      params: { id: ID },
      body: {
        description: 'rolled out to 3 of 12 pods',
        links: [{ title: 'Rollout', url: 'https://ci.example.com/812/rollout' }],
        actor: 'alice@example.com',
      },
    },
    handle: update,
  }),
];
