import { DomainError } from '@deptracker/domain';
import {
  type QueueMs,
  type QueuedEffect,
  type Ticket,
  type TicketRequest,
  type UnitOfWork,
  findTicket,
  lockDeployment,
  lockTicket,
  oweIssue,
  oweTicket,
  reopenTicket,
} from '@deptracker/store';

/** A ticket for a deployment that has none, or one of its own. */
export type TicketCommand = { readonly deploymentId: string } | { readonly ticket: TicketRequest };

export interface TicketContext {
  /** Who asks; null where it is not said. */
  readonly actor: string | null;
  /** Whether the caller will queue the job itself. */
  readonly queueMs: QueueMs;
}

export interface RequestedTicket {
  readonly ticket: Ticket;
  /** Jobs that the caller is to queue now, after the commit. */
  readonly effects: readonly QueuedEffect[];
}

async function oweForDeployment(uow: UnitOfWork, id: string, asked: Parameters<typeof oweTicket>[2]): Promise<QueuedEffect> {
  // Whoever else asks for the same waits here.
  if ((await lockDeployment(uow, id)) === null) {
    throw new DomainError({ code: 'deployment_not_found', id }, `There is no deployment ${id}.`);
  }
  const ticket = await lockTicket(uow, id);
  if (ticket === null) return oweTicket(uow, id, asked);
  if (ticket.gone) return reopenTicket(uow, ticket.id, asked);
  const { key, phase } = ticket;
  const how = key === null ? `Its ticket is under way (${phase}).` : `It has the ticket ${key}.`;
  throw new DomainError({ code: 'ticket_exists', key, phase }, how);
}

/**
 * Owes Jira a ticket, in the caller's unit of work. A deployment that has one or whose ticket is under way is
 * `ticket_exists`; one whose ticket was given up before anything stood, or was deleted in Jira, gets it anew.
 */
export async function requestTicket(uow: UnitOfWork, command: TicketCommand, { actor, queueMs }: TicketContext): Promise<RequestedTicket> {
  const asked = { requestedBy: actor, queueMs };
  const effect = 'ticket' in command ? await oweIssue(uow, command.ticket, asked) : await oweForDeployment(uow, command.deploymentId, asked);
  const ticket = await findTicket(uow, { id: effect.id });
  if (ticket === null) throw new Error(`The ticket ${effect.id} is gone within its transaction.`);
  return { ticket, effects: queueMs.jira > 0 ? [effect] : [] };
}
