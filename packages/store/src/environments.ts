import type { Policy } from '@deptracker/domain';
import type { Queryable } from './database.js';

interface PolicyRow {
  revision: number;
  approvals_required: number;
  eligible: string[] | null;
  requester_may_approve: boolean;
  approval_ttl_s: number;
  timeout_s: number;
}

/** The policy of an environment that has one of its own; null where the defaults hold. */
export async function findPolicy(db: Queryable, environment: string): Promise<Policy | null> {
  const [row] = await db.query<PolicyRow>(
    `SELECT revision, approvals_required, eligible, requester_may_approve, approval_ttl_s, timeout_s
     FROM environments WHERE name = $1`,
    [environment],
  );
  if (row === undefined) return null;
  return {
    revision: row.revision,
    approvalsRequired: row.approvals_required,
    eligible: row.eligible,
    requesterMayApprove: row.requester_may_approve,
    approvalTtlSeconds: row.approval_ttl_s,
    timeoutSeconds: row.timeout_s,
  };
}
