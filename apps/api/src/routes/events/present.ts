import type { DeploymentRequest, EventData, RecordedEvent } from '@deptracker/domain';
import { iso } from '../../http/iso.js';

function presentRequest(request: DeploymentRequest): object {
  return {
    project: request.project,
    environment: request.environment,
    version: request.version,
    commitSha: request.commitSha,
    ref: request.ref,
    description: request.description,
    requestedBy: request.requestedBy,
    source: request.source,
    externalId: request.externalId,
    links: request.links.map(({ title, url }) => ({ title, url })),
    metadata: request.metadata,
    retryOf: request.retryOf,
    // Events are older than these.
    rollbackOf: request.rollbackOf ?? null,
    promotedFrom: request.promotedFrom ?? null,
  };
}

/** Members that an event lacks are undefined, which JSON leaves out. */
function presentData({ request, from, to, decision, remaining, edit, rolledBackBy, note }: EventData): object {
  return {
    request: request === undefined ? undefined : presentRequest(request),
    from,
    to,
    decision: decision?.decision,
    reason: decision?.reason,
    remaining,
    edit:
      edit === undefined
        ? undefined
        : { description: edit.description, links: edit.links, metadata: edit.metadata },
    rolledBackBy,
    note,
  };
}

/** An event as the API shows it. */
export function presentEvent(event: RecordedEvent): object {
  return {
    id: event.id,
    type: event.type,
    revision: event.revision,
    actor: event.actor,
    data: presentData(event.data),
    at: iso(event.at),
  };
}
