import type { Deployment } from '@deptracker/domain';
import type { Queryable } from './database.js';
import type { DeploymentFilter } from './deployment-filter.js';
import { toDeployment } from './deployment-row.js';
import type { Position } from './position.js';
import { searchDeployments } from './search-deployments.js';
import { type ListedRow, type Walked, isWhole, pathsOf, readPath, walkPath } from './walk-deployments.js';

export type { DeploymentFilter } from './deployment-filter.js';

/** How many rows are looked at along each path, first and then once more, before a page is given out short. */
const STEPS = [500, 5_000] as const;

const positionOf = (row: ListedRow): Position => ({ createdAt: row.position, id: row.id });

/** Whether a walk has come further back than another one. */
function isFurther({ until: a }: Walked, { until: b }: Walked): boolean {
  if (a === null || b === null) return a === null;
  return a.createdAt === b.createdAt ? a.id < b.id : a.createdAt < b.createdAt;
}

interface Gathered {
  readonly rows: readonly ListedRow[];
  /** Where the search for more must go on, where `rows` are fewer than were asked for; null at the end. */
  readonly until: Position | null;
}

/** Looks along every path in turn until one fills the page or ends; otherwise goes on from where the furthest came to. */
async function gather(db: Queryable, filter: DeploymentFilter, after: Position | null, max: number): Promise<Gathered> {
  const paths = pathsOf(filter);
  const rows: ListedRow[] = [];
  let at = after;
  for (const steps of STEPS) {
    let furthest: Walked | null = null;
    for (const path of paths) {
      const walked = await walkPath(db, path, filter, { after: at, max: max - rows.length, steps });
      if (furthest === null || isFurther(walked, furthest)) furthest = walked;
      if (walked.until === null || rows.length + walked.rows.length === max) return { rows: [...rows, ...walked.rows], until: walked.until };
    }
    rows.push(...(furthest?.rows ?? []));
    at = furthest?.until ?? null;
  }
  return { rows, until: at };
}

async function read(db: Queryable, filter: DeploymentFilter, after: Position | null, max: number): Promise<Gathered> {
  const [path = []] = pathsOf(filter);
  if (isWhole(path, filter)) return { rows: await readPath(db, path, filter, after, max), until: null };
  const { q } = filter;
  const found = q === undefined ? null : await searchDeployments(db, { ...filter, q }, after, max);
  return found === null ? gather(db, filter, after, max) : { rows: found, until: null };
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
  const { rows, until } = await read(db, filter, page.after, page.limit + 1);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const next = rows.length > page.limit && last !== undefined ? positionOf(last) : until;
  return { deployments: shown.map(toDeployment), next };
}
