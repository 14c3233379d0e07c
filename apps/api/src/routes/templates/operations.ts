import { type Operation, operation } from '../operation.js';
import { actor, idempotencyKey, ifMatch, ifNoneMatch } from '../request-headers.js';
import { page } from '../shown.js';
import { create, get, list, preview, remove, update, variables as listVariables } from './handlers.js';
import { createBody, listQuery, preview as shownPreview, previewBody, template, updateBody, variables } from './schema.js';
import { templateId } from './template-id.js';

const ID = '01a1f9c1-1f18-73d2-9c31-723516cb0a45';

const NOTICE =
  '{{event.emoji}} *{{deployment.project}}* {{deployment.version}}: {{event.sentence}}{{#deployment.ref}} ({{deployment.ref}}){{/deployment.ref}}';

/** `/templates` and below. */
export const templateOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/templates',
    operationId: 'listTemplates',
    tag: 'Templates',
    summary: 'List templates',
    description: 'The built-in ones first, then the stored ones, oldest first.',
    query: listQuery,
    answers: { 200: { description: 'A page.', schema: page(template) } },
    example: { query: { purpose: 'notice', limit: 2 } },
    handle: list,
  }),
  operation({
    method: 'post',
    path: '/templates',
    operationId: 'createTemplate',
    tag: 'Templates',
    summary: 'Store a template',
    description:
      'In force within five seconds for whatever is rendered from then on; what stands in Slack and Jira is rewritten only when ' +
      'its deployment changes. A purpose has one template for all projects and one for each. What cannot be rendered within ' +
      'the limits of Slack and Jira is refused with the place.',
    headers: { key: idempotencyKey, actor },
    body: createBody,
    answers: { 201: { description: 'Stored.', schema: template, headers: ['ETag', 'Location', 'Idempotent-Replayed'] } },
    problems: ['template-invalid', 'template-exists', 'too-many-templates'],
    example: {
      headers: { 'Idempotency-Key': 'notice-of-user-service', 'X-Actor': 'alice@example.com' },
      body: { purpose: 'notice', project: 'user-service', body: NOTICE },
    },
    handle: create,
  }),
  operation({
    method: 'get',
    path: '/templates/variables',
    operationId: 'listTemplateVariables',
    tag: 'Templates',
    summary: 'What templates may name',
    description: 'The purposes with their limits and variables.',
    answers: { 200: { description: 'All purposes.', schema: variables } },
    example: {},
    handle: listVariables,
  }),
  operation({
    method: 'post',
    path: '/templates/preview',
    operationId: 'previewTemplate',
    tag: 'Templates',
    summary: 'See what a template makes',
    description: 'What would be sent, of an example or of a deployment that there is. Nothing is stored.',
    body: previewBody,
    answers: { 200: { description: 'What would be sent.', schema: shownPreview } },
    problems: ['template-invalid', 'deployment-not-found'],
    example: { body: { purpose: 'notice', body: NOTICE, project: 'user-service' } },
    handle: preview,
  }),
  operation({
    method: 'get',
    path: '/templates/:id',
    operationId: 'getTemplate',
    tag: 'Templates',
    summary: 'Get a template',
    params: { id: templateId },
    headers: { known: ifNoneMatch },
    answers: {
      200: { description: 'The template.', schema: template, headers: ['ETag'] },
      304: { description: 'As the caller knows it.', headers: ['ETag'] },
    },
    example: { params: { id: ID } },
    handle: get,
  }),
  operation({
    method: 'put',
    path: '/templates/:id',
    operationId: 'updateTemplate',
    tag: 'Templates',
    summary: 'Change a template',
    description: 'Purpose and project stay. The body that it has already is no change.',
    params: { id: templateId },
    headers: { expectedRevision: ifMatch, actor },
    body: updateBody,
    answers: { 200: { description: 'As it is now.', schema: template, headers: ['ETag'] } },
    problems: ['template-invalid', 'template-built-in'],
    example: {
      params: { id: ID },
      headers: { 'X-Actor': 'alice@example.com' },
      body: { body: '{{event.emoji}} {{deployment.project}} {{deployment.version}} → {{deployment.environment}}: {{event.sentence}}' },
    },
    handle: update,
  }),
  operation({
    method: 'delete',
    path: '/templates/:id',
    operationId: 'deleteTemplate',
    tag: 'Templates',
    summary: 'Delete a template',
    description: 'The template for all projects is in force again, or the built-in one.',
    params: { id: templateId },
    headers: { expectedRevision: ifMatch, actor },
    answers: { 204: { description: 'Deleted.' } },
    problems: ['template-built-in'],
    example: { params: { id: ID }, headers: { 'X-Actor': 'alice@example.com' } },
    handle: remove,
  }),
];
