import type { Queryable } from './database.js';
import { type Bind, type DeploymentFilter, type Facet, all, equals, facetsOf, span, startsWith } from './deployment-filter.js';
import { DEPLOYMENT_COLUMNS, type DeploymentRow } from './deployment-row.js';
import { type Position, asInstant } from './position.js';
import { shaped } from './shaped.js';
import { type Looked, type Step, type Walked, walkedTo } from './walk.js';

/** A row of a list with its place in the order, from which the next page goes on. */
export type ListedRow = DeploymentRow & { position: string };

export const POSITION = `${asInstant('d.created_at')} AS position`;
export const NEWEST_FIRST = 'd.created_at DESC, d.id DESC';

/** Says that it wants the index of all rows, whose condition this is: without it that index is never used. */
const OF_ALL = `d.id >= '00000000-0000-0000-0000-000000000000'`;

/**
 * Facets that have an index together, newest first: those that leave the fewest rows before the others. Lists by status or
 * approval alone are merged (`mergeDeployments`).
 */
const INDEXED: readonly (readonly Facet[])[] = [
  ['project', 'status'],
  ['project', 'environment'],
  ['requestedBy'],
  ['project'],
  ['environment'],
];

/** A way to read the rows of a list, newest first: by the index of these facets; by that of all rows where there are none. */
export type Path = readonly Facet[];

/** The ways to read a list, none of which leads through a superset of another's rows. */
export function pathsOf(filter: DeploymentFilter): Path[] {
  const given = facetsOf(filter);
  const usable = INDEXED.filter((path) => path.every((facet) => given.includes(facet)));
  const paths = usable.filter((path, at) => !usable.slice(0, at).some((other) => path.every((facet) => other.includes(facet))));
  return paths.length === 0 ? [[]] : paths;
}

/** Whether the rows of a path are those of the list. */
export const isWhole = (path: Path, filter: DeploymentFilter): boolean =>
  filter.q === undefined && facetsOf(filter).every((facet) => path.includes(facet));

function along(path: Path, filter: DeploymentFilter, after: Position | null, bind: Bind): string {
  return all([...(path.length === 0 ? [OF_ALL] : equals(filter, path, bind)), ...span(filter, after, bind)]);
}

function binder(): { readonly values: unknown[]; readonly bind: Bind } {
  const values: unknown[] = [];
  return { values, bind: (value) => `$${values.push(value)}` };
}

/** The newest `max` rows of a path that holds no others than the list does. */
export async function readPath(db: Queryable, path: Path, filter: DeploymentFilter, after: Position | null, max: number): Promise<readonly ListedRow[]> {
  const { values, bind } = binder();
  const sql = `SELECT ${DEPLOYMENT_COLUMNS}, ${POSITION} FROM deployments d WHERE ${along(path, filter, after, bind)}
    ORDER BY ${NEWEST_FIRST} LIMIT ${max}`;
  return db.query<ListedRow>(shaped(sql), values);
}

/**
 * Looks at the newest `steps` rows of a path, or fewer once `max` of them fit all filters. It costs so many rows and no
 * more, however few fit. The row at which it ends comes along, so that the next step goes on exactly there.
 */
export async function walkPath(
  db: Queryable,
  path: Path,
  filter: DeploymentFilter,
  { after, max, steps }: Step,
): Promise<Walked<ListedRow>> {
  const { values, bind } = binder();
  const others = facetsOf(filter).filter((facet) => !path.includes(facet));
  const fits = all([...equals(filter, others, bind), ...(filter.q === undefined ? [] : [startsWith(filter.q, bind)])]);
  const rows = await db.query<ListedRow & Looked>(
    `SELECT ${DEPLOYMENT_COLUMNS}, ${POSITION}, d.fits, d.step = ${steps} AS last
     FROM (
       SELECT w.*, row_number() OVER (ORDER BY w.created_at DESC, w.id DESC) AS step
       FROM (
         SELECT d.*, coalesce(${fits}, false) AS fits FROM deployments d WHERE ${along(path, filter, after, bind)}
         ORDER BY ${NEWEST_FIRST} LIMIT ${steps}
       ) AS w
     ) AS d
     WHERE d.fits OR d.step = ${steps} ORDER BY ${NEWEST_FIRST} LIMIT ${max}`,
    values,
  );
  return walkedTo(rows, max, ({ position, id }) => ({ createdAt: position, id }));
}
