import { type Deployment, type Gate, STATUS_EVENT } from '@deptracker/domain';
import { gateReason } from '@deptracker/views';
import type { RecordedEvent, Status } from '@deptracker/domain';
import { iso } from '../../http/iso.js';

type Told = Pick<RecordedEvent, 'type' | 'actor' | 'data' | 'at'>;

/** The type of event that tells who led to this status and why; null where the status says it all. */
export function tellingEvent(status: Status): RecordedEvent['type'] | null {
  return status === 'pending' ? null : STATUS_EVENT[status];
}

/** The gate of a deployment as the API shows it; `event` is the one that led to its status. */
export function presentGate(deployment: Deployment, { decision, status, until }: Gate, event: Told | null): object {
  return {
    deploymentId: deployment.id,
    decision,
    reason: gateReason(deployment, status, event),
    actor: event?.actor ?? null,
    status,
    revision: deployment.revision,
    until: iso(until),
  };
}
