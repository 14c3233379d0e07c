import type { ApprovalStatus, Status } from '@deptracker/domain';
import type { Position } from './position.js';
import { prefixPattern } from './prefix-pattern.js';

/** Filters of a list; all that are given must hold. `from` is inclusive, `to` exclusive, both on the creation time. */
export interface DeploymentFilter {
  readonly project?: string;
  readonly environment?: string;
  readonly status?: Status;
  readonly approval?: ApprovalStatus;
  readonly requestedBy?: string;
  readonly from?: Date;
  readonly to?: Date;
  /** Prefix of project, version, ref or externalId, case-sensitive. */
  readonly q?: string;
}

/** Puts a value beside the statement and gives its name in it. */
export type Bind = (value: unknown) => string;

export const COLUMN_OF = {
  project: 'project',
  environment: 'environment',
  status: 'status',
  approval: 'approval_status',
  requestedBy: 'requested_by',
} as const;

export type Facet = keyof typeof COLUMN_OF;

// Each has an index by prefix.
const SEARCHED = ['project', 'version', 'ref', 'external_id'] as const;

/** The facets that are given, in the order of the table above. */
export function facetsOf(filter: DeploymentFilter): Facet[] {
  return (Object.keys(COLUMN_OF) as Facet[]).filter((facet) => filter[facet] !== undefined);
}

export function equals(filter: DeploymentFilter, facets: readonly Facet[], bind: Bind): string[] {
  return facets.map((facet) => `d.${COLUMN_OF[facet]} = ${bind(filter[facet])}`);
}

export function startsWith(q: string, bind: Bind): string {
  const pattern = bind(prefixPattern(q));
  return `(${SEARCHED.map((column) => `d.${column} LIKE ${pattern}`).join(' OR ')})`;
}

/** The span of times that a list is asked for: what `from` and `to` say, and what comes after the last page. */
export function span(
  { from, to }: { readonly from?: Date; readonly to?: Date },
  after: Position | null,
  bind: Bind,
  { at, id }: { readonly at: string; readonly id: string } = { at: 'd.created_at', id: 'd.id' },
): string[] {
  return [
    ...(from === undefined ? [] : [`${at} >= ${bind(from)}`]),
    ...(to === undefined ? [] : [`${at} < ${bind(to)}`]),
    ...(after === null ? [] : [`(${at}, ${id}) < (${bind(after.createdAt)}::timestamptz, ${bind(after.id)}::uuid)`]),
  ];
}

/** The conditions of a statement in one; empty where there are none. */
export const all = (conditions: readonly string[]): string => (conditions.length === 0 ? 'true' : conditions.join(' AND '));
