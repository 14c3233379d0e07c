import type { Deployment } from '@deptracker/domain';
import type { Queryable } from './database.js';
import type { DeploymentFilter } from './deployment-filter.js';
import { toDeployment } from './deployment-row.js';
import type { Position } from './position.js';
import { searchDeployments } from './search-deployments.js';
import { type ListedRow, isWhole, pathsOf, readPath, walkPath } from './walk-deployments.js';
import { type Walked, cutPage, walkAll } from './walk.js';

export type { DeploymentFilter } from './deployment-filter.js';

const positionOf = (row: ListedRow): Position => ({ createdAt: row.position, id: row.id });

async function read(db: Queryable, filter: DeploymentFilter, after: Position | null, max: number): Promise<Walked<ListedRow>> {
  const path = pathsOf(filter).find((way) => isWhole(way, filter));
  if (path !== undefined) return { rows: await readPath(db, path, filter, after, max), until: null };
  const found = await searchDeployments(db, filter, after, max);
  if (found !== null) return { rows: found, until: null };
  return walkAll(pathsOf(filter), (way, step) => walkPath(db, way, filter, step), after, max);
}

/**
 * A page of deployments, newest first, and the position after which the next one goes on; null at the end. What a page
 * costs is bounded: where of many rows very few fit, it may hold fewer than `limit`, even none, and still not be the last.
 */
export async function listDeployments(
  db: Queryable,
  filter: DeploymentFilter,
  page: { readonly after: Position | null; readonly limit: number },
): Promise<{ readonly deployments: Deployment[]; readonly next: Position | null }> {
  const { rows, until } = cutPage(await read(db, filter, page.after, page.limit + 1), page.limit, positionOf);
  return { deployments: rows.map(toDeployment), next: until };
}
