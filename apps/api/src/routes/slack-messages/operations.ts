import { type Operation, operation } from '../operation.js';
import { page } from '../shown.js';
import { list } from './handlers.js';
import { slackMessage, slackMessagesQuery } from './schema.js';

/** `/slack-messages`. */
export const slackMessageOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/slack-messages',
    operationId: 'listSlackMessages',
    tag: 'Slack',
    summary: 'List what was and is to be said',
    description: 'Messages, replies, notices and digests, also those that are owed and not posted yet. Newest first. All filters that are given must hold.',
    query: slackMessagesQuery,
    answers: { 200: { description: 'A page.', schema: page(slackMessage) } },
    example: { query: { kind: 'slack.approval', phase: 'held', from: '2026-11-01', limit: 2 } },
    handle: list,
  }),
];
