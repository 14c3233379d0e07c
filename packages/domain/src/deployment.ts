import type { Status } from './status.js';

export const APPROVAL_STATUSES = [
  'not_required',
  'pending',
  'approved',
  'rejected',
  'expired',
  'cancelled',
] as const;

export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];
export type DecisionKind = 'approve' | 'reject';

/** One person's counted decision; append-only. `actor` is a lower-case e-mail address or `slack:<team>:<id>`. */
export interface Decision {
  readonly decision: DecisionKind;
  readonly actor: string;
  readonly reason: string | null;
  readonly at: Date;
}

/** The request for permission with the policy that was in force when it was asked. */
export interface Approval {
  readonly status: ApprovalStatus;
  /** Number of distinct approvers that close it; 0 where none is required. */
  readonly required: number;
  /** Lower-case addresses of who may decide; null is anybody. */
  readonly eligible: readonly string[] | null;
  readonly requesterMayApprove: boolean;
  readonly expiresAt: Date | null;
  readonly decisions: readonly Decision[];
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

/** What the requester says of a deployment. Project to requester never change after creation. */
export interface DeploymentRequest {
  readonly project: string;
  readonly environment: string;
  readonly version: string;
  readonly commitSha: string | null;
  readonly ref: string | null;
  readonly description: string | null;
  /** Lower-case e-mail address; null where nobody is named, then nobody can be excluded from approving. */
  readonly requestedBy: string | null;
  readonly source: string | null;
  readonly externalId: string | null;
  readonly links: readonly Link[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly retryOf: string | null;
  /** The deployment that this one goes back from; when this one succeeds, that one is rolled back. */
  readonly rollbackOf: string | null;
  /** The deployment, in another environment, whose version this one brings here. */
  readonly promotedFrom: string | null;
}

/** One version of one project going to one environment. Times are the database's. */
export interface Deployment extends DeploymentRequest {
  readonly id: string;
  /** Counts every change; each event carries the revision that it made. */
  readonly revision: number;
  readonly status: Status;
  readonly approval: Approval;
  /** The Slack channel that is told; fixed at creation. */
  readonly channelId: string;
  /** How long the rollout may take, in seconds, before it counts as timed out. */
  readonly timeoutSeconds: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** The rules of an environment that a new deployment is judged by. */
export interface Policy {
  /** That of the environment; 0 while it has no row. */
  readonly revision: number;
  readonly approvalsRequired: number;
  readonly eligible: readonly string[] | null;
  readonly requesterMayApprove: boolean;
  readonly approvalTtlSeconds: number;
  readonly timeoutSeconds: number;
}
