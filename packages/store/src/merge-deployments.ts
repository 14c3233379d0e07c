import { APPROVAL_STATUSES, STATUSES } from '@deptracker/domain';
import type { Queryable } from './database.js';
import { type Bind, COLUMN_OF, type DeploymentFilter, type Facet, all, equals, facetsOf, span, startsWith } from './deployment-filter.js';
import { readFound } from './found-deployments.js';
import type { Position } from './position.js';
import { combined, hopping, newestOfEach } from './value-by-value.js';
import type { ListedRow } from './walk-deployments.js';

/** The facets of the index that is read value by value, in its order. */
const FACETS = ['status', 'approval', 'environment'] as const satisfies readonly Facet[];
const INDEX = { table: 'deployments', columns: FACETS.map((facet) => COLUMN_OF[facet]) };

/** What the open ones can be. Which environments there are is found in the index. */
const KNOWN: Readonly<Partial<Record<Facet, readonly string[]>>> = { status: STATUSES, approval: APPROVAL_STATUSES };

/** Combinations of status, approval and environment beyond which a page would look at too many rows. */
const MOST_PLACES = 100;
/** Rows beyond which it is cheaper to walk where each is to be looked at for further filters. */
const MOST_FILTERED_ROWS = 2_500;

/** CTEs that end in the `places` of a filter, at most one more than are allowed. */
function placesOf(filter: DeploymentFilter, bind: Bind): string[] {
  const values = FACETS.map((facet) => (filter[facet] === undefined ? KNOWN[facet] : [filter[facet]]));
  const arrays = values.flatMap((of) => (of === undefined ? [] : [bind(of)]));
  const { columns } = INDEX;
  if (arrays.length === columns.length) return [`places AS (${combined(columns, arrays)})`];
  return [
    hopping('hops', INDEX, combined(columns.slice(0, -1), arrays)),
    // Neither a beginning nor an end.
    `places AS MATERIALIZED (SELECT * FROM hops WHERE environment <> '' LIMIT ${MOST_PLACES + 1})`,
  ];
}

/**
 * The newest `max` deployments by status, approval or both, with or without an environment, read value by value; null
 * where neither is given, or where the places or the rows to be looked at for further filters are too many.
 */
export async function mergeDeployments(
  db: Queryable,
  filter: DeploymentFilter,
  after: Position | null,
  max: number,
): Promise<readonly ListedRow[] | null> {
  if (filter.status === undefined && filter.approval === undefined) return null;
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const others = equals(filter, facetsOf(filter).filter((facet) => !(FACETS as readonly Facet[]).includes(facet)), bind);
  if (filter.q !== undefined) others.push(startsWith(filter.q, bind));
  const places = placesOf(filter, bind);
  const [each, most] = others.length === 0 ? [max, MOST_PLACES * max] : [MOST_FILTERED_ROWS + 1, MOST_FILTERED_ROWS];
  const merged = newestOfEach(INDEX, 'places', 'd', all(span(filter, after, bind)), each);
  const finding = {
    ctes: [...places, `merged AS MATERIALIZED (${merged} LIMIT ${most + 1})`],
    rows: 'SELECT created_at, id FROM merged',
    wide: `(SELECT count(*) FROM places) > ${MOST_PLACES} OR (SELECT count(*) FROM merged) > ${most}`,
    steady: filter.q === undefined,
  };
  return readFound(db, finding, others, values, max);
}
