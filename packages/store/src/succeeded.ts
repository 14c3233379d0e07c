import type { Deployment } from '@deptracker/domain';
import type { Queryable } from './database.js';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from './deployment-row.js';

type Reference = Pick<Deployment, 'id' | 'project' | 'environment' | 'version' | 'finishedAt'>;

const SAME_PLACE = 'd.project = $1 AND d.environment = $2';

async function first(db: Queryable, where: string, values: readonly unknown[]): Promise<Deployment | null> {
  const [row] = await db.query<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM deployments d WHERE ${SAME_PLACE} AND ${where}
     ORDER BY d.finished_at DESC, d.id DESC LIMIT 1`,
    values,
  );
  return row === undefined ? null : toDeployment(row);
}

/** The deployment that has succeeded last in the same project and environment, where that was after this one. */
export function findSuccessor(db: Queryable, { id, project, environment, finishedAt }: Reference): Promise<Deployment | null> {
  const later = `d.status = 'succeeded' AND (d.finished_at, d.id) > ($3::timestamptz, $4::uuid)`;
  return first(db, later, [project, environment, finishedAt, id]);
}

/**
 * Where a rollback of this deployment leads: the last one that succeeded before it with another version, or with exactly
 * `version`, then also where it was rolled back since. Null where there is none.
 */
export function findRollbackTarget(db: Queryable, from: Reference, version: string | null): Promise<Deployment | null> {
  const { id, project, environment, finishedAt } = from;
  const before = '(d.finished_at, d.id) < ($3::timestamptz, $4::uuid)';
  return version === null
    ? first(db, `d.status = 'succeeded' AND ${before} AND d.version <> $5`, [project, environment, finishedAt, id, from.version])
    : first(db, `d.status IN ('succeeded', 'rolled_back') AND ${before} AND d.version = $5`, [project, environment, finishedAt, id, version]);
}
