import Joi from 'joi';
import { named, shown } from '../shown.js';
import type { Description, RequestHeader } from '../operation.js';

const header = (name: string, schema: Joi.Schema, description: string): RequestHeader => ({ name, schema, description, read: () => undefined });

/** Jira's webhook: described here, answered in `routes.ts`. */
export const jiraWebhook: Description = {
  method: 'post',
  path: '/jira/webhook',
  operationId: 'receiveFromJira',
  tag: 'Jira',
  summary: 'Take what Jira sends',
  description:
    'For Jira only: `jira:issue_created`, `jira:issue_updated` and `jira:issue_deleted`, signed with `JIRA_WEBHOOK_SECRET`. What is ' +
    'told of our tickets is kept, unless something later is known; an issue with our label settles a create whose answer was ' +
    'lost. 200 means that it was handled, also where it says nothing about us. 404 while no secret is set.',
  headers: {
    signature: header('X-Hub-Signature', Joi.string(), '`sha256=` and the HMAC-SHA256 of the body with the secret, in hexadecimal.'),
    delivery: header('X-Atlassian-Webhook-Identifier', Joi.string(), 'Names the delivery; the same again changes nothing.'),
  },
  body: Joi.object({}).unknown(true).description('As Jira has it.'),
  answers: {
    200: {
      description: 'Handled.',
      schema: named('JiraNews', shown({
        outcome: Joi.string()
          .valid('mirrored', 'outdated', 'adopted', 'duplicate', 'repeated', 'ignored')
          .description(
            '`mirrored`: a ticket shows it. `outdated`: something later is known. `adopted`: it is a ticket whose create was not ' +
            'answered. `duplicate`: it will be closed. `repeated`: it was handled before. `ignored`: it is none of ours.',
          ),
      })),
    },
  },
  problems: ['unauthentic', 'wrong-site', 'not-found'],
  example: {
    headers: { 'X-Hub-Signature': `sha256=${'0'.repeat(64)}`, 'X-Atlassian-Webhook-Identifier': '4f7c5e6a' },
    body: {
      timestamp: 1_795_191_545_000,
      webhookEvent: 'jira:issue_updated',
      issue: {
        id: '10001',
        self: 'https://example.atlassian.net/rest/api/2/issue/10001',
        key: 'OPS-1',
        fields: {
          updated: '2026-11-20T16:19:05.000+0000',
          labels: ['dep-01a1f9c1-1f18-73d2-9c31-723516cb0a45'],
          status: { id: '10001', name: 'In Progress', statusCategory: { key: 'indeterminate' } },
          assignee: { accountId: '5b10a2844c20165700ede21g', displayName: 'Mia Krystof' },
          priority: { name: 'High' },
          resolution: null,
        },
      },
    },
  },
};
