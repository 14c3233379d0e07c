import { type Operation, operation } from '../operation.js';
import { actor, idempotencyKey } from '../request-headers.js';
import { page } from '../shown.js';
import { create, get, list } from './handlers.js';
import { readTicketBody, ticket, ticketBody, ticketsQuery } from './schema.js';
import { ticketName } from './ticket-name.js';

/** `/jira-tickets` and `/jira-tickets/:key`. */
export const jiraTicketOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/jira-tickets',
    operationId: 'listJiraTickets',
    tag: 'Jira',
    summary: 'List tickets',
    description:
      'Those of deployments and those of their own, also while they do not stand in Jira yet; owed last first. All filters that ' +
      'are given must hold. New tickets do not shift pages.',
    query: ticketsQuery,
    answers: { 200: { description: 'A page.', schema: page(ticket) } },
    example: { query: { project: 'user-service', phase: 'dead', from: '2026-11-01', limit: 2 } },
    handle: list,
  }),
  operation({
    method: 'get',
    path: '/jira-tickets/:key',
    operationId: 'getJiraTicket',
    tag: 'Jira',
    summary: 'Get a ticket',
    description: 'What Jira told of it last: by its webhook, or when Dep Tracker changed it.',
    params: { key: ticketName },
    answers: { 200: { description: 'The ticket.', schema: ticket } },
    example: { params: { key: 'OPS-12' } },
    handle: get,
  }),
  operation({
    method: 'post',
    path: '/jira-tickets',
    operationId: 'createJiraTicket',
    tag: 'Jira',
    summary: 'Ask for a ticket',
    description:
      'For a deployment that has none (it was given up, or deleted in Jira), or of its own. The answer is the ticket to be: Jira ' +
      'has it within seconds, and exactly once. Where Jira refuses it (an unknown type or priority), its phase becomes `dead` ' +
      'and `lastError` says why.',
    headers: { key: idempotencyKey, actor },
    body: ticketBody,
    readBody: readTicketBody,
    answers: { 201: { description: 'Owed.', schema: ticket, headers: ['Location', 'Idempotent-Replayed'] } },
    problems: ['deployment-not-found', 'ticket-exists'],
    example: {
      headers: { 'Idempotency-Key': 'certificate-2026', 'X-Actor': 'alice@example.com' },
      body: {
        summary: 'Renew the certificate of the load balancer',
        description: 'It ends on 1 December.',
        type: 'Task',
        priority: 'High',
        projectKey: 'OPS',
      },
    },
    handle: create,
  }),
];
