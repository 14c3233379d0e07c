import { type Operation, operation } from '../operation.js';
import { page } from '../shown.js';
import { list } from './handlers.js';
import { settingEvent, settingEventsQuery } from './schema.js';

/** `/events`. */
export const settingEventOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/events',
    operationId: 'listSettingEvents',
    tag: 'History of settings',
    summary: 'Read who changed which setting',
    description:
      'Projects, environments, configurations, channel mappings and templates, newest first. What happened to a deployment ' +
      'is at `/deployments/:id/events`.',
    query: settingEventsQuery,
    answers: { 200: { description: 'A page.', schema: page(settingEvent) } },
    example: { query: { subjectKind: 'configuration', subjectId: 'approvals.ttl', limit: 20 } },
    handle: list,
  }),
];
