import type { Deployment } from '@deptracker/domain';
import type { Queryable } from './database.js';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from './deployment-row.js';
import { prepared } from './prepared.js';
import { type Outside, type OutsideColumns, outsideColumns, toOutside } from './outside.js';

/** A deployment with what is outside, both of one moment. */
export interface ShownDeployment {
  readonly deployment: Deployment;
  readonly outside: Outside;
}

const FIND = prepared('find_shown_deployments', `SELECT ${DEPLOYMENT_COLUMNS}, ${outsideColumns('d.id')} FROM deployments d WHERE d.id = ANY ($1::uuid[])`);

/** Reads many deployments as they are shown, by id, in one statement; those that do not exist are absent. */
export async function findShownDeployments(db: Queryable, ids: readonly string[]): Promise<Map<string, ShownDeployment>> {
  const rows = await db.query<DeploymentRow & OutsideColumns>(FIND, [ids]);
  return new Map(rows.map((row) => [row.id, { deployment: toDeployment(row), outside: toOutside(row) }]));
}
