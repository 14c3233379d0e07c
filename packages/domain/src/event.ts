import type { Decision, DeploymentRequest, Link } from './deployment.js';
import type { Status } from './status.js';

export const EVENT_TYPES = [
  'deployment.created',
  'deployment.updated',
  'approval.decided',
  'deployment.approved',
  'deployment.rejected',
  'deployment.expired',
  'deployment.started',
  'deployment.succeeded',
  'deployment.failed',
  'deployment.timed_out',
  'deployment.cancelled',
  'deployment.rolled_back',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** The event that each status change is. `pending` is only ever entered by creation. */
export const STATUS_EVENT: Readonly<Record<Exclude<Status, 'pending'>, EventType>> = {
  approved: 'deployment.approved',
  rejected: 'deployment.rejected',
  expired: 'deployment.expired',
  in_progress: 'deployment.started',
  succeeded: 'deployment.succeeded',
  failed: 'deployment.failed',
  timed_out: 'deployment.timed_out',
  cancelled: 'deployment.cancelled',
  rolled_back: 'deployment.rolled_back',
};

/** What a pipeline may change of a living deployment besides its status. */
export interface Edit {
  readonly description?: string | null;
  readonly links?: readonly Link[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What each event carries besides its type. */
export interface EventData {
  /** The request as it was accepted. */
  readonly request?: DeploymentRequest;
  readonly from?: Status;
  readonly to?: Status;
  readonly decision?: Omit<Decision, 'at'>;
  /** Decisions still missing for the quorum. */
  readonly remaining?: number;
  readonly edit?: Edit;
  /** The id of the deployment that went back from this one. */
  readonly rolledBackBy?: string;
  /** Said where it matters to a reader, e.g. that no requester was given. */
  readonly note?: string;
}

/** A fact about a deployment, not yet stored. */
export interface DomainEvent {
  readonly type: EventType;
  /** The revision of the deployment that this event made. */
  readonly revision: number;
  readonly actor: string | null;
  readonly data: EventData;
}

/** A stored fact: append-only; the audit trail. */
export interface RecordedEvent extends DomainEvent {
  readonly id: string;
  readonly deploymentId: string;
  readonly at: Date;
}
