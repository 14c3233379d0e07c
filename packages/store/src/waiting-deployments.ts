import type { Queryable } from './database.js';
import type { Seen } from './deployments.js';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from './deployment-row.js';

/**
 * Deployments whose approval waits and may wait for this person, those that expire first, at most `max`. Never leaves
 * out one that they may decide; the domain's rule says of each whether they really may.
 */
export async function findWaitingFor(db: Queryable, person: string, max: number): Promise<Seen[]> {
  const rows = await db.query<DeploymentRow & { now: Date }>(
    `SELECT ${DEPLOYMENT_COLUMNS}, clock_timestamp() AS now FROM deployments d
     WHERE d.approval_status = 'pending' AND (d.eligible IS NULL OR $1 = ANY (d.eligible))
       AND (d.requester_may_approve OR d.requested_by IS DISTINCT FROM $1)
       AND NOT EXISTS (SELECT 1 FROM decisions x WHERE x.deployment_id = d.id AND x.actor = $1)
       -- When the approval expires, as long as it is pending.
       AND d.limit_at > now()
     ORDER BY d.limit_at, d.id LIMIT $2`,
    [person, max],
  );
  return rows.map((row) => ({ deployment: toDeployment(row), now: row.now }));
}
