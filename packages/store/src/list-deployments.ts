import type { Deployment, Status, ApprovalStatus } from '@deptracker/domain';
import knex, { type Knex } from 'knex';
import type { Queryable } from './database.js';
import { DEPLOYMENT_COLUMNS, type DeploymentRow, toDeployment } from './deployment-row.js';

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

/** Where a page ended: the list goes on with what is older. `createdAt` is ISO-8601 UTC with Postgres's microseconds. */
export interface Position {
  readonly createdAt: string;
  readonly id: string;
}

// Builds SQL only; it never connects.
const builder: Knex = knex({ client: 'pg' });

const EQUALS = { project: 'd.project', environment: 'd.environment', status: 'd.status', approval: 'd.approval_status', requestedBy: 'd.requested_by' } as const;
const PREFIXED = ['d.project', 'd.version', 'd.ref', 'd.external_id'] as const;

function filtered(query: Knex.QueryBuilder, filter: DeploymentFilter): void {
  for (const [name, column] of Object.entries(EQUALS)) {
    const value = filter[name as keyof typeof EQUALS];
    if (value !== undefined) query.where(column, value);
  }
  if (filter.from !== undefined) query.where('d.created_at', '>=', filter.from);
  if (filter.to !== undefined) query.where('d.created_at', '<', filter.to);
  if (filter.q !== undefined) {
    const pattern = `${filter.q.replace(/[\\%_]/g, '\\$&')}%`;
    query.where((either) => {
      for (const column of PREFIXED) either.orWhere(column, 'like', pattern);
    });
  }
}

// The session's time zone must not show: a cursor may come back to another process.
const POSITION = `to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position`;

/** A page of deployments, newest first, and the position after which the next one goes on; null at the end. */
export async function listDeployments(
  db: Queryable,
  filter: DeploymentFilter,
  page: { readonly after: Position | null; readonly limit: number },
): Promise<{ readonly deployments: Deployment[]; readonly next: Position | null }> {
  const query = builder('deployments as d')
    .select(builder.raw(DEPLOYMENT_COLUMNS), builder.raw(POSITION))
    .orderBy([{ column: 'd.created_at', order: 'desc' }, { column: 'd.id', order: 'desc' }])
    .limit(page.limit + 1);
  filtered(query, filter);
  if (page.after !== null) {
    query.whereRaw('(d.created_at, d.id) < (?::timestamptz, ?::uuid)', [page.after.createdAt, page.after.id]);
  }
  const { sql, bindings } = query.toSQL().toNative();
  const rows = await db.query<DeploymentRow & { position: string }>(sql, bindings);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const next = rows.length > page.limit && last !== undefined ? { createdAt: last.position, id: last.id } : null;
  return { deployments: shown.map(toDeployment), next };
}
