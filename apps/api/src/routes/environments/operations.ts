import { noEnvironment } from '@deptracker/application';
import { type Operation, type PathParameter, operation } from '../operation.js';
import { actor, idempotencyKey, ifMatch, ifNoneMatch } from '../request-headers.js';
import { page } from '../shown.js';
import { archive, create, get, list, update } from './handlers.js';
import { createBody, environment, environmentName, listQuery, updateBody } from './schema.js';

const NAME: PathParameter<string> = {
  schema: environmentName,
  description: 'The name of the environment.',
  problem: 'environment-not-found',
  missing: noEnvironment,
};

const CHANGE = {
  tag: 'Environments',
  params: { name: NAME },
  headers: { expectedRevision: ifMatch, actor },
  answers: { 200: { description: 'As it is now.', schema: environment, headers: ['ETag'] } },
} as const;

/** `/environments` and `/environments/:name`. */
export const environmentOperations: readonly Operation[] = [
  operation({
    method: 'post',
    path: '/environments',
    operationId: 'createEnvironment',
    tag: 'Environments',
    summary: 'Create an environment',
    description:
      'An environment that a deployment names is created by itself, with the default policy, unless the configuration says ' +
      'that such deployments are refused; one that is there already is changed with PUT.',
    headers: { key: idempotencyKey, actor },
    body: createBody,
    answers: { 201: { description: 'Created.', schema: environment, headers: ['ETag', 'Location', 'Idempotent-Replayed'] } },
    problems: ['environment-exists', 'quorum-unreachable'],
    example: {
      headers: { 'Idempotency-Key': 'new-production-eu', 'X-Actor': 'alice@example.com' },
      body: { name: 'production-eu', rank: 30, production: true, approvalPolicy: { required: 2, ttlSeconds: 28_800 } },
    },
    handle: create,
  }),
  operation({
    method: 'get',
    path: '/environments',
    operationId: 'listEnvironments',
    tag: 'Environments',
    summary: 'List environments',
    description: 'By rank, then by name in the order of its bytes. All filters that are given must hold.',
    query: listQuery,
    answers: { 200: { description: 'A page.', schema: page(environment) } },
    example: { query: { archived: 'any', limit: 2 } },
    handle: list,
  }),
  operation({
    method: 'get',
    path: '/environments/:name',
    operationId: 'getEnvironment',
    tag: 'Environments',
    summary: 'Get an environment',
    description: '`effectivePolicy` is what holds now: its own policy, and the default in force for what that leaves open.',
    params: { name: NAME },
    headers: { known: ifNoneMatch },
    answers: {
      200: { description: 'The environment.', schema: environment, headers: ['ETag'] },
      304: { description: 'As the caller knows it.', headers: ['ETag'] },
    },
    example: { params: { name: 'production' } },
    handle: get,
  }),
  operation({
    ...CHANGE,
    method: 'put',
    path: '/environments/:name',
    operationId: 'updateEnvironment',
    summary: 'Change an environment',
    description:
      'Fields that are left out stay as they are, also those of the policy. Deployments that there are keep the policy ' +
      'under which they were asked for; the next one is judged by the new one.',
    body: updateBody,
    problems: ['immutable', 'quorum-unreachable'],
    example: {
      params: { name: 'production' },
      headers: { 'X-Actor': 'alice@example.com' },
      body: { production: true, approvalPolicy: { required: 2, eligible: ['bob@example.com', 'carol@example.com', 'dave@example.com'] } },
    },
    handle: update,
  }),
  operation({
    ...CHANGE,
    method: 'post',
    path: '/environments/:name/archive',
    operationId: 'archiveEnvironment',
    summary: 'Archive an environment',
    description: 'New deployments to it are refused from then on; those that there are go on. Repeating it changes nothing.',
    example: { params: { name: 'production' }, headers: { 'X-Actor': 'alice@example.com' } },
    handle: archive(true),
  }),
  operation({
    ...CHANGE,
    method: 'post',
    path: '/environments/:name/restore',
    operationId: 'restoreEnvironment',
    summary: 'Restore an environment',
    description: 'Deployments can go there again. Repeating it changes nothing.',
    problems: ['quorum-unreachable'],
    example: { params: { name: 'production' }, headers: { 'X-Actor': 'alice@example.com' } },
    handle: archive(false),
  }),
];
