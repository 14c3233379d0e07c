import { APPROVAL_STATUSES, STATUSES } from '@deptracker/domain';
import type { Queryable } from './database.js';
import { type Bind, COLUMN_OF, type DeploymentFilter, type Facet, all, equals, facetsOf, span, startsWith } from './deployment-filter.js';
import { DEPLOYMENT_COLUMNS, type DeploymentRow } from './deployment-row.js';
import { type Position, asInstant } from './position.js';
import { shaped } from './shaped.js';
import { type ValueIndex, combined, newestOfEach } from './value-by-value.js';
import { type Looked, type Step, type Walked, walkedTo } from './walk.js';

/** A row of a list with its place in the order, from which the next page goes on. */
export type ListedRow = DeploymentRow & { position: string };

export const POSITION = `${asInstant('d.created_at')} AS position`;
export const NEWEST_FIRST = 'd.created_at DESC, d.id DESC';

/** Says that it wants the index of all rows, whose condition this is: without it that index is never used. */
const OF_ALL = `d.id >= '00000000-0000-0000-0000-000000000000'`;

/** What the facets can be that an index has behind the one that is asked for. */
const VALUES = { status: STATUSES, approval: APPROVAL_STATUSES } as const;

/** A way to read the rows of a list, newest first: by the index of these facets; by that of all rows where there are none. */
export interface Path {
  readonly serves: readonly Facet[];
  /** A facet of the index that is not asked for: it is read value by value. */
  readonly open?: keyof typeof VALUES;
}

/** The ways that there are: first those that leave the fewest rows. */
const PATHS: readonly Path[] = [
  { serves: ['project', 'status'] },
  { serves: ['project', 'environment'] },
  { serves: ['environment', 'status', 'approval'] },
  { serves: ['environment', 'status'], open: 'approval' },
  { serves: ['environment', 'approval'], open: 'status' },
  { serves: ['status', 'approval'] },
  { serves: ['requestedBy'] },
  { serves: ['project'] },
  { serves: ['environment'] },
  { serves: ['status'], open: 'approval' },
  { serves: ['approval'], open: 'status' },
];

/** The ways to read a list, none of which leads through a superset of another's rows. */
export function pathsOf(filter: DeploymentFilter): Path[] {
  const given = facetsOf(filter);
  const usable = PATHS.filter(({ serves }) => serves.every((facet) => given.includes(facet)));
  const paths = usable.filter(({ serves }, at) => !usable.slice(0, at).some((other) => serves.every((facet) => other.serves.includes(facet))));
  return paths.length === 0 ? [{ serves: [] }] : paths;
}

/** Whether the rows of a path are those of the list. */
export const isWhole = ({ serves }: Path, filter: DeploymentFilter): boolean =>
  filter.q === undefined && facetsOf(filter).every((facet) => serves.includes(facet));

/** The facets of the indexes in which one may be open, in their order. */
const ORDER = ['environment', 'status', 'approval'] as const;

/** The index of a path with an open facet, and all of its places. */
function placesOf({ serves, open }: Path, filter: DeploymentFilter, bind: Bind): { readonly index: ValueIndex; readonly places: string } {
  const facets = ORDER.filter((facet) => facet === open || serves.includes(facet));
  const columns = facets.map((facet) => COLUMN_OF[facet]);
  const arrays = facets.map((facet) => bind(facet === open ? VALUES[open] : [filter[facet]]));
  return { index: { table: 'deployments', columns }, places: `(${combined(columns, arrays)})` };
}

/** Selects the newest rows `d` of a path, as many as the SQL of `each` says, in their order. */
function along(path: Path, filter: DeploymentFilter, after: Position | null, each: string, bind: Bind): string {
  const within = span(filter, after, bind);
  if (path.open === undefined) {
    const here = path.serves.length === 0 ? [OF_ALL] : equals(filter, path.serves, bind);
    return `SELECT d.* FROM deployments d WHERE ${all([...here, ...within])} ORDER BY ${NEWEST_FIRST} LIMIT ${each}`;
  }
  const { index, places } = placesOf(path, filter, bind);
  const newest = newestOfEach(index, places, 'd', all(within), each);
  return `SELECT d.* FROM (SELECT * FROM (${newest}) AS merged ORDER BY created_at DESC, id DESC LIMIT ${each}) AS k
    CROSS JOIN LATERAL (SELECT * FROM deployments WHERE id = k.id OFFSET 0) AS d ORDER BY k.created_at DESC, k.id DESC`;
}

function binder(): { readonly values: unknown[]; readonly bind: Bind } {
  const values: unknown[] = [];
  return { values, bind: (value) => `$${values.push(value)}` };
}

/**
 * The newest `max` rows of a path that holds no others than the list does. Their number is a subquery: a plan for all values
 * would else be one for few rows of each, and sort all that there are of one that has many.
 */
export async function readPath(db: Queryable, path: Path, filter: DeploymentFilter, after: Position | null, max: number): Promise<readonly ListedRow[]> {
  const { values, bind } = binder();
  const rows = along(path, filter, after, `(SELECT ${bind(max)}::int)`, bind);
  const sql = `SELECT ${DEPLOYMENT_COLUMNS}, ${POSITION} FROM (${rows}) AS d ORDER BY ${NEWEST_FIRST}`;
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
  { after, max, ...step }: Step,
): Promise<Walked<ListedRow>> {
  const { values, bind } = binder();
  // So many of each value, that all of them together are no more.
  const steps = path.open === undefined ? step.steps : Math.ceil(step.steps / VALUES[path.open].length);
  const others = facetsOf(filter).filter((facet) => !path.serves.includes(facet));
  const fits = all([...equals(filter, others, bind), ...(filter.q === undefined ? [] : [startsWith(filter.q, bind)])]);
  const rows = await db.query<ListedRow & Looked>(
    `SELECT ${DEPLOYMENT_COLUMNS}, ${POSITION}, d.fits, d.step = ${steps} AS last
     FROM (
       SELECT w.*, row_number() OVER (ORDER BY w.created_at DESC, w.id DESC) AS step
       FROM (
         SELECT d.*, coalesce(${fits}, false) AS fits FROM (${along(path, filter, after, `(SELECT ${steps})`, bind)}) AS d
       ) AS w
     ) AS d
     WHERE d.fits OR d.step = ${steps} ORDER BY ${NEWEST_FIRST} LIMIT ${max}`,
    values,
  );
  return walkedTo(rows, max, ({ position, id }) => ({ createdAt: position, id }));
}
