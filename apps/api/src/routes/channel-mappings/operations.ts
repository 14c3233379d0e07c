import { type Operation, operation } from '../operation.js';
import { actor, idempotencyKey, ifMatch, ifNoneMatch } from '../request-headers.js';
import { page } from '../shown.js';
import { create, get, list, remove, resolve } from './handlers.js';
import { channelMapping, channelMappingBody, channelMappingId, channelMappingsQuery, resolution, resolveQuery } from './schema.js';

const ID = '01a1f9c1-1f18-73d2-9c31-723516cb0a45';

/** `/channel-mappings`, `/channel-mappings/:id` and `/channel-mappings/resolve`. */
export const channelMappingOperations: readonly Operation[] = [
  operation({
    method: 'post',
    path: '/channel-mappings',
    operationId: 'createChannelMapping',
    tag: 'Channel mappings',
    summary: 'Send deployments to a channel',
    description:
      'New deployments whose project and environment fit the patterns are told of in this channel. The most specific ' +
      'mapping wins. Deployments that exist stay where they are. At most 1,000 mappings are possible.',
    headers: { key: idempotencyKey, actor },
    body: channelMappingBody,
    answers: { 201: { description: 'Stored.', schema: channelMapping, headers: ['ETag', 'Location', 'Idempotent-Replayed'] } },
    problems: ['channel-mapping-exists', 'too-many-channel-mappings'],
    example: {
      headers: { 'Idempotency-Key': 'payments-to-their-channel', 'X-Actor': 'alice@example.com' },
      body: { project: 'payments-*', environment: 'production', channelId: 'C0PAYMENTS' },
    },
    handle: create,
  }),
  operation({
    method: 'get',
    path: '/channel-mappings',
    operationId: 'listChannelMappings',
    tag: 'Channel mappings',
    summary: 'List channel mappings',
    description: 'By project and environment. All filters that are given must hold.',
    query: channelMappingsQuery,
    answers: { 200: { description: 'A page.', schema: page(channelMapping) } },
    example: { query: { environment: 'production', limit: 20 } },
    handle: list,
  }),
  operation({
    method: 'get',
    path: '/channel-mappings/resolve',
    operationId: 'resolveChannel',
    tag: 'Channel mappings',
    summary: 'Explain which channel would be chosen',
    description: 'For a new deployment of this project to this environment, with everything there is to choose from and the reasons.',
    query: resolveQuery,
    answers: { 200: { description: 'The channel, and why.', schema: resolution } },
    example: { query: { project: 'payments-api', environment: 'production' } },
    handle: resolve,
  }),
  operation({
    method: 'get',
    path: '/channel-mappings/:id',
    operationId: 'getChannelMapping',
    tag: 'Channel mappings',
    summary: 'Get a channel mapping',
    params: { id: channelMappingId },
    headers: { known: ifNoneMatch },
    answers: {
      200: { description: 'The mapping.', schema: channelMapping, headers: ['ETag'] },
      304: { description: 'As the caller knows it.', headers: ['ETag'] },
    },
    example: { params: { id: ID } },
    handle: get,
  }),
  operation({
    method: 'delete',
    path: '/channel-mappings/:id',
    operationId: 'deleteChannelMapping',
    tag: 'Channel mappings',
    summary: 'Delete a channel mapping',
    description: 'New deployments go where the next specific mapping says. Deployments that exist stay where they are.',
    params: { id: channelMappingId },
    headers: { expectedRevision: ifMatch, actor },
    answers: { 204: { description: 'Gone.' } },
    example: { params: { id: ID }, headers: { 'X-Actor': 'alice@example.com' } },
    handle: remove,
  }),
];
