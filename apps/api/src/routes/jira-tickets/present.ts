import type { Ticket } from '@deptracker/store';
import { iso } from '../../http/iso.js';

/** A ticket as the API shows it. */
export function presentTicket(ticket: Ticket): object {
  const { assigneeId, assignee } = ticket;
  return {
    id: ticket.id,
    deploymentId: ticket.deploymentId,
    key: ticket.key,
    url: ticket.url,
    summary: ticket.summary,
    description: ticket.description,
    type: ticket.type,
    projectKey: ticket.projectKey,
    status: ticket.status,
    statusCategory: ticket.statusCategory,
    assignee: assigneeId === null ? null : { accountId: assigneeId, displayName: assignee ?? assigneeId },
    priority: ticket.priority,
    resolution: ticket.resolution,
    phase: ticket.phase,
    lastError: ticket.lastError,
    requestedBy: ticket.requestedBy,
    deletedAt: iso(ticket.deletedAt),
    createdAt: iso(ticket.createdAt),
    updatedAt: iso(ticket.updatedAt),
  };
}
