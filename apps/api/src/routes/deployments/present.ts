import type { Request, Response } from 'express';
import type { Approval, Deployment } from '@deptracker/domain';
import type { Outside } from '@deptracker/store';
import { noteDeployment } from '../../http/arrival.js';
import { iso } from '../../http/iso.js';
import { sendTagged } from '../../http/send-tagged.js';

/** What a deployment that was only just created has outside. */
export const NOTHING_OUTSIDE: Outside = { ticket: null, messages: [] };

function presentApproval({ status, required, expiresAt, decisions }: Approval): object {
  return {
    status,
    required,
    expiresAt: iso(expiresAt),
    decisions: decisions.map(({ decision, actor, reason, at }) => ({ decision, actor, reason, at: iso(at) })),
  };
}

/** A deployment as the API shows it. */
export function presentDeployment(deployment: Deployment, { ticket, messages }: Outside) {
  return {
    id: deployment.id,
    revision: deployment.revision,
    project: deployment.project,
    environment: deployment.environment,
    version: deployment.version,
    commitSha: deployment.commitSha,
    ref: deployment.ref,
    description: deployment.description,
    requestedBy: deployment.requestedBy,
    source: deployment.source,
    externalId: deployment.externalId,
    links: deployment.links.map(({ title, url }) => ({ title, url })),
    metadata: deployment.metadata,
    retryOf: deployment.retryOf,
    rollbackOf: deployment.rollbackOf,
    promotedFrom: deployment.promotedFrom,
    status: deployment.status,
    approval: presentApproval(deployment.approval),
    ticket: ticket === null ? null : { key: ticket.key, url: ticket.url, status: ticket.status },
    messages: messages.map(({ kind, channelId, ts }) => ({ kind, channelId, ts })),
    createdAt: iso(deployment.createdAt),
    updatedAt: iso(deployment.updatedAt),
    startedAt: iso(deployment.startedAt),
    finishedAt: iso(deployment.finishedAt),
  };
}

/** Answers with one deployment and its tag, or 304 to a reader who has it. */
export function sendDeployment(request: Request, response: Response, deployment: Deployment, outside: Outside): void {
  noteDeployment(response, deployment);
  sendTagged(request, response, presentDeployment(deployment, outside));
}
