import { type TicketCommand, idempotently, requestTicket } from '@deptracker/application';
import { type QueuedEffect, findTicket, listTickets } from '@deptracker/store';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import { tellCreated } from '../../http/tell-created.js';
import type { Call } from '../operation.js';
import { asPosition } from '../position.js';
import type { RouteOptions } from '../route-options.js';
import { presentTicket } from './present.js';
import type { TicketBody, TicketsQuery } from './schema.js';
import { type TicketName, noTicket } from './ticket-name.js';

/** GET /jira-tickets */
export async function list({ reader }: RouteOptions, { query, response }: Call<{ query: TicketsQuery }>): Promise<void> {
  const { limit, cursor, ...filter } = query;
  const { tickets, next } = await listTickets(reader, filter, { after: decodeCursor(cursor, asPosition), limit });
  response.json({ data: tickets.map(presentTicket), nextCursor: encodeCursor(next === null ? null : [next.createdAt, next.id]) });
}

/** GET /jira-tickets/:key */
export async function get({ database }: RouteOptions, { params, response }: Call<{ params: { readonly key: TicketName } }>): Promise<void> {
  const found = await findTicket(database, params.key);
  if (found === null) throw noTicket('id' in params.key ? params.key.id : params.key.key);
  response.json(presentTicket(found));
}

interface Creation {
  readonly headers: { readonly key: string | null; readonly actor: string | null };
  readonly body: TicketBody;
}

const commandOf = (body: TicketBody): TicketCommand =>
  'deploymentId' in body ? body : { ticket: { ...body, description: body.description || null } };

/** POST /jira-tickets */
export async function create(options: RouteOptions, { headers, body, request, response }: Call<Creation>): Promise<void> {
  const { database, offers, change, idempotencyTtlSeconds: ttlSeconds } = options;
  let effects: readonly QueuedEffect[] = [];
  const asked = { operation: 'createJiraTicket', key: headers.key, body, ttlSeconds };
  const answer = await idempotently(database, asked, async (uow) => {
    const requested = await requestTicket(uow, commandOf(body), { actor: headers.actor, queueMs: change.queueMs() });
    effects = requested.effects;
    return { status: 201, body: presentTicket(requested.ticket) as { readonly id: string } };
  });
  offers.offer(effects);
  tellCreated(request, response, `/jira-tickets/${answer.body.id}`, answer);
  response.json(answer.body);
}
