import type { Deployment } from '@deptracker/domain';
import type { Queryable } from './database.js';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from './deployment-row.js';

type Reference = Pick<Deployment, 'id' | 'project' | 'environment' | 'version' | 'finishedAt'>;

const LATEST = 'd.finished_at DESC, d.id DESC';
/** Successes of a place among which a version is looked for first. */
const NEAR = 500;

const SAME_PLACE = 'd.project = $1 AND d.environment = $2';

async function first(db: Queryable, where: string, values: readonly unknown[]): Promise<Deployment | null> {
  const [row] = await db.query<DeploymentRow>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM deployments d WHERE ${SAME_PLACE} AND ${where}
     ORDER BY ${LATEST} LIMIT 1`,
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
export async function findRollbackTarget(db: Queryable, from: Reference, version: string | null): Promise<Deployment | null> {
  const { id, project, environment, finishedAt } = from;
  const before = '(d.finished_at, d.id) < ($3::timestamptz, $4::uuid)';
  if (version === null) return first(db, `d.status = 'succeeded' AND ${before} AND d.version <> $5`, [project, environment, finishedAt, id, from.version]);
  const succeeded = `${SAME_PLACE} AND d.status IN ('succeeded', 'rolled_back') AND ${before}`;
  // A version that is used again and again is among the latest; of any other there are few.
  for (const rows of [`WHERE ${succeeded} ORDER BY ${LATEST} LIMIT ${NEAR}`, `WHERE ${succeeded} AND d.version = $5 OFFSET 0`]) {
    const [row] = await db.query<DeploymentRow>(
      `SELECT ${DEPLOYMENT_COLUMNS} FROM (SELECT * FROM deployments d ${rows}) AS d WHERE d.version = $5 ORDER BY ${LATEST} LIMIT 1`,
      [project, environment, finishedAt, id, version],
    );
    if (row !== undefined) return toDeployment(row);
  }
  return null;
}

/** What runs somewhere: the version of a project that succeeded there last. */
export type Running = Pick<Deployment, 'id' | 'project' | 'environment' | 'version' | 'requestedBy'> & { readonly finishedAt: Date };

/** Projects that are looked at; the work has an end however many there are. */
const MOST_PROJECTS = 2_000;

// Jumps from project to project along the index instead of reading every deployment that ever succeeded.
const RUNNING = `
WITH RECURSIVE projects AS (
  (SELECT d.project, 1 AS n FROM deployments d WHERE d.status IN ('succeeded', 'rolled_back') ORDER BY d.project LIMIT 1)
  UNION ALL
  SELECT (SELECT d.project FROM deployments d WHERE d.status IN ('succeeded', 'rolled_back') AND d.project > p.project
          ORDER BY d.project LIMIT 1), p.n + 1
  FROM projects p WHERE p.project IS NOT NULL AND p.n < ${MOST_PROJECTS}
)
SELECT r.id, r.project, r.environment, r.version, r.requested_by AS "requestedBy", r.finished_at AS "finishedAt",
  (count(*) OVER ())::int AS total
FROM projects p CROSS JOIN LATERAL (
  SELECT d.id, d.project, d.environment, d.version, d.requested_by, d.finished_at FROM deployments d
  -- As a span, of which Postgres does not believe that it holds too few rows to merge the indexes of the partitions.
  WHERE d.project >= p.project AND d.project <= p.project AND d.environment = $1 AND d.status = 'succeeded'
  ORDER BY d.project, d.finished_at DESC, d.id DESC LIMIT 1) r
ORDER BY r.project LIMIT $2`;

/** The latest successful deployment of each project in an environment, by project, at most `max`; and how many there are. */
export async function findRunning(db: Queryable, environment: string, max: number): Promise<{ running: Running[]; total: number }> {
  const rows = await db.query<Running & { total: number }>(RUNNING, [environment, max]);
  return { running: [...rows], total: rows[0]?.total ?? 0 };
}
