import { type Operation, operation } from '../operation.js';
import { actor, ifMatch, ifNoneMatch } from '../request-headers.js';
import { get, list, reset, set } from './handlers.js';
import { configuration, configurationBody, configurationKey, configurations } from './schema.js';

const IN_FORCE = 'A change is in force in every process within five seconds, without a restart.';

/** `/configurations` and `/configurations/:key`. */
export const configurationOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/configurations',
    operationId: 'listConfigurations',
    tag: 'Configurations',
    summary: 'List all configurations',
    description: 'Every key with the value in force, the default, and what may be set. Lengths of time are in seconds.',
    answers: { 200: { description: 'All of them, by key.', schema: configurations } },
    example: {},
    handle: list,
  }),
  operation({
    method: 'get',
    path: '/configurations/:key',
    operationId: 'getConfiguration',
    tag: 'Configurations',
    summary: 'Get a configuration',
    params: { key: configurationKey },
    headers: { known: ifNoneMatch },
    answers: {
      200: { description: 'The configuration.', schema: configuration, headers: ['ETag'] },
      304: { description: 'As the caller knows it.', headers: ['ETag'] },
    },
    example: { params: { key: 'approvals.ttl' } },
    handle: get,
  }),
  operation({
    method: 'put',
    path: '/configurations/:key',
    operationId: 'setConfiguration',
    tag: 'Configurations',
    summary: 'Set a configuration',
    description: `${IN_FORCE} Deployments that exist keep what they were created with. The same value again changes nothing.`,
    params: { key: configurationKey },
    headers: { expectedRevision: ifMatch, actor },
    body: configurationBody,
    answers: { 200: { description: 'As it is now.', schema: configuration, headers: ['ETag'] } },
    problems: ['value-not-allowed', 'quorum-unreachable'],
    example: { params: { key: 'approvals.ttl' }, headers: { 'X-Actor': 'alice@example.com' }, body: { value: 28_800 } },
    handle: set,
  }),
  operation({
    method: 'delete',
    path: '/configurations/:key',
    operationId: 'resetConfiguration',
    tag: 'Configurations',
    summary: 'Let the default hold again',
    description: `${IN_FORCE} Where nothing is set, nothing changes.`,
    params: { key: configurationKey },
    headers: { expectedRevision: ifMatch, actor },
    answers: { 200: { description: 'As it is now.', schema: configuration, headers: ['ETag'] } },
    problems: ['quorum-unreachable'],
    example: { params: { key: 'approvals.ttl' }, headers: { 'X-Actor': 'alice@example.com' } },
    handle: reset,
  }),
];
