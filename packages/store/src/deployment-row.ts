import type { Approval, Decision, Deployment, Link, Status } from '@deptracker/domain';

/** A row of `deployments` with its decisions gathered as JSON. */
export interface DeploymentRow {
  id: string;
  revision: number;
  project: string;
  environment: string;
  version: string;
  commit_sha: string | null;
  ref: string | null;
  description: string | null;
  requested_by: string | null;
  source: string | null;
  external_id: string | null;
  links: Link[];
  metadata: Record<string, unknown>;
  retry_of: string | null;
  rollback_of: string | null;
  promoted_from: string | null;
  status: Status;
  approval_status: Approval['status'];
  approvals_required: number;
  eligible: string[] | null;
  requester_may_approve: boolean;
  approval_expires_at: Date | null;
  channel_id: string;
  timeout_s: number;
  created_at: Date;
  updated_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  decisions: { decision: Decision['decision']; actor: string; reason: string | null; at: string }[] | null;
}

/** The columns of a DeploymentRow, from `deployments d`. */
export const DEPLOYMENT_COLUMNS = `d.id, d.revision, d.project, d.environment, d.version, d.commit_sha, d.ref, d.description,
  d.requested_by, d.source, d.external_id, d.links, d.metadata, d.retry_of, d.rollback_of, d.promoted_from, d.status, d.approval_status,
  d.approvals_required, d.eligible, d.requester_may_approve, d.approval_expires_at, d.channel_id, d.timeout_s,
  d.created_at, d.updated_at, d.started_at, d.finished_at,
  (SELECT json_agg(json_build_object('decision', x.decision, 'actor', x.actor, 'reason', x.reason, 'at', x.at)
                   ORDER BY x.at, x.actor)
     FROM decisions x WHERE x.deployment_id = d.id) AS decisions`;

export function toDeployment(row: DeploymentRow): Deployment {
  return {
    id: row.id,
    revision: row.revision,
    project: row.project,
    environment: row.environment,
    version: row.version,
    commitSha: row.commit_sha,
    ref: row.ref,
    description: row.description,
    requestedBy: row.requested_by,
    source: row.source,
    externalId: row.external_id,
    links: row.links,
    metadata: row.metadata,
    retryOf: row.retry_of,
    rollbackOf: row.rollback_of,
    promotedFrom: row.promoted_from,
    status: row.status,
    approval: {
      status: row.approval_status,
      required: row.approvals_required,
      eligible: row.eligible,
      requesterMayApprove: row.requester_may_approve,
      expiresAt: row.approval_expires_at,
      decisions: (row.decisions ?? []).map((one) => ({ ...one, at: new Date(one.at) })),
    },
    channelId: row.channel_id,
    timeoutSeconds: row.timeout_s,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}
