import { noProject } from '@deptracker/application';
import { type Operation, type PathParameter, operation } from '../operation.js';
import { actor, idempotencyKey, ifMatch, ifNoneMatch } from '../request-headers.js';
import { page } from '../shown.js';
import { archive, create, get, list, update } from './handlers.js';
import { createBody, listQuery, project, projectKey, updateBody } from './schema.js';

const KEY: PathParameter<string> = {
  schema: projectKey,
  description: 'The key of the project.',
  problem: 'project-not-found',
  missing: noProject,
};

const CHANGE = {
  tag: 'Projects',
  params: { key: KEY },
  headers: { expectedRevision: ifMatch, actor },
  answers: { 200: { description: 'As it is now.', schema: project, headers: ['ETag'] } },
} as const;

/** `/projects` and `/projects/:key`. */
export const projectOperations: readonly Operation[] = [
  operation({
    method: 'post',
    path: '/projects',
    operationId: 'createProject',
    tag: 'Projects',
    summary: 'Create a project',
    description:
      'A project that a deployment names is created by itself, unless the configuration says that such deployments are ' +
      'refused; one that is there already is changed with PUT.',
    headers: { key: idempotencyKey, actor },
    body: createBody,
    answers: { 201: { description: 'Created.', schema: project, headers: ['ETag', 'Location', 'Idempotent-Replayed'] } },
    problems: ['project-exists'],
    example: {
      headers: { 'Idempotency-Key': 'new-payment-service', 'X-Actor': 'alice@example.com' },
      body: { key: 'payment-service', name: 'Payment service', team: 'payments', repositoryUrl: 'https://git.example.com/payments/service' },
    },
    handle: create,
  }),
  operation({
    method: 'get',
    path: '/projects',
    operationId: 'listProjects',
    tag: 'Projects',
    summary: 'List projects',
    description: 'By key, in the order of its bytes. All filters that are given must hold.',
    query: listQuery,
    answers: { 200: { description: 'A page.', schema: page(project) } },
    example: { query: { team: 'payments', q: 'pay', limit: 2 } },
    handle: list,
  }),
  operation({
    method: 'get',
    path: '/projects/:key',
    operationId: 'getProject',
    tag: 'Projects',
    summary: 'Get a project',
    params: { key: KEY },
    headers: { known: ifNoneMatch },
    answers: {
      200: { description: 'The project.', schema: project, headers: ['ETag'] },
      304: { description: 'As the caller knows it.', headers: ['ETag'] },
    },
    example: { params: { key: 'user-service' } },
    handle: get,
  }),
  operation({
    ...CHANGE,
    method: 'put',
    path: '/projects/:key',
    operationId: 'updateProject',
    summary: 'Change a project',
    description: 'Fields that are left out stay as they are. Deployments that there are keep their ticket and their channel.',
    body: updateBody,
    problems: ['immutable'],
    example: { params: { key: 'user-service' }, headers: { 'X-Actor': 'alice@example.com' }, body: { team: 'identity', jiraProjectKey: 'IDN' } },
    handle: update,
  }),
  operation({
    ...CHANGE,
    method: 'post',
    path: '/projects/:key/archive',
    operationId: 'archiveProject',
    summary: 'Archive a project',
    description: 'New deployments of it are refused from then on; those that there are go on. Repeating it changes nothing.',
    example: { params: { key: 'user-service' }, headers: { 'X-Actor': 'alice@example.com' } },
    handle: archive(true),
  }),
  operation({
    ...CHANGE,
    method: 'post',
    path: '/projects/:key/restore',
    operationId: 'restoreProject',
    summary: 'Restore a project',
    description: 'It can be deployed again. Repeating it changes nothing.',
    example: { params: { key: 'user-service' }, headers: { 'X-Actor': 'alice@example.com' } },
    handle: archive(false),
  }),
];
