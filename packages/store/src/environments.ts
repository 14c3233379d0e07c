import type { Environment } from '@deptracker/domain';
import type { Queryable } from './database.js';

export interface EnvironmentRow {
  name: string;
  revision: number;
  rank: number;
  production: boolean;
  approvals_required: number | null;
  eligible: string[] | null;
  requester_may_approve: boolean | null;
  approval_ttl_s: number | null;
  timeout_s: number | null;
  archived_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export const ENVIRONMENT_COLUMNS = `name, revision, rank, production, approvals_required, eligible, requester_may_approve,
  approval_ttl_s, timeout_s, archived_at, created_at, updated_at`;

export function toEnvironment(row: EnvironmentRow): Environment {
  return {
    name: row.name,
    revision: row.revision,
    rank: row.rank,
    production: row.production,
    policy: {
      approvalsRequired: row.approvals_required,
      eligible: row.eligible,
      requesterMayApprove: row.requester_may_approve,
      approvalTtlSeconds: row.approval_ttl_s,
      timeoutSeconds: row.timeout_s,
    },
    archivedAt: row.archived_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Null where there is none of this name. */
export async function findEnvironment(db: Queryable, name: string): Promise<Environment | null> {
  const [row] = await db.query<EnvironmentRow>(`SELECT ${ENVIRONMENT_COLUMNS} FROM environments WHERE name = $1`, [name]);
  return row === undefined ? null : toEnvironment(row);
}
