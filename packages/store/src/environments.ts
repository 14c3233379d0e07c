import type { Environment, EnvironmentFields } from '@deptracker/domain';
import type { Queryable, UnitOfWork } from './database.js';
import { prefixPattern } from './prefix-pattern.js';
import { sqlBuilder } from './sql-builder.js';

interface EnvironmentRow {
  name: string;
  revision: number;
  rank: number;
  production: boolean;
  approvals_required: number | null;
  eligible: string[] | null;
  requester_may_approve: boolean | null;
  approval_ttl_s: number | null;
  timeout_s: number | null;
  archived_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = `name, revision, rank, production, approvals_required, eligible, requester_may_approve, approval_ttl_s, timeout_s,
  archived_at, created_at, updated_at`;

function toEnvironment(row: EnvironmentRow): Environment {
  return {
    name: row.name,
    revision: row.revision,
    rank: row.rank,
    production: row.production,
    approvalPolicy: {
      required: row.approvals_required,
      eligible: row.eligible,
      requesterMayApprove: row.requester_may_approve,
      ttlSeconds: row.approval_ttl_s,
      timeoutSeconds: row.timeout_s,
    },
    archivedAt: row.archived_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const first = ([row]: readonly EnvironmentRow[]): Environment | null => (row === undefined ? null : toEnvironment(row));

/** Null where there is none of this name. */
export async function findEnvironment(db: Queryable, name: string): Promise<Environment | null> {
  return first(await db.query<EnvironmentRow>(`SELECT ${COLUMNS} FROM environments WHERE name = $1`, [name]));
}

/** Likewise; nobody else changes it before the unit of work ends. */
export async function lockEnvironment(uow: UnitOfWork, name: string): Promise<Environment | null> {
  return first(await uow.query<EnvironmentRow>(`SELECT ${COLUMNS} FROM environments WHERE name = $1 FOR UPDATE`, [name]));
}

/** At most `limit` names, in order, of open environments that leave the number of approvals to the default and name fewer people than that. */
export async function findUnreachable(db: Queryable, required: number, limit: number): Promise<readonly string[]> {
  const rows = await db.query<{ name: string }>(
    `SELECT name FROM environments WHERE approvals_required IS NULL AND archived_at IS NULL AND cardinality(eligible) < $1
     ORDER BY name COLLATE "C" LIMIT $2`,
    [required, limit],
  );
  return rows.map(({ name }) => name);
}

function fieldsOf(name: string, { rank, production, approvalPolicy: own }: EnvironmentFields): unknown[] {
  return [name, rank, production, own.required, own.eligible, own.requesterMayApprove, own.ttlSeconds, own.timeoutSeconds];
}

/** Null, and nothing is written, where the name is taken; one that is being created elsewhere is waited for. */
export async function insertEnvironment(uow: UnitOfWork, name: string, fields: EnvironmentFields): Promise<Environment | null> {
  const rows = await uow.query<EnvironmentRow>(
    `INSERT INTO environments (name, rank, production, approvals_required, eligible, requester_may_approve, approval_ttl_s, timeout_s)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    fieldsOf(name, fields),
  );
  return first(rows);
}

/**
 * Writes a locked environment as its next revision, so that deployments which are judged by the one before are judged
 * anew. An archived one keeps since when it is.
 */
export async function saveEnvironment(uow: UnitOfWork, name: string, fields: EnvironmentFields, archived: boolean): Promise<Environment> {
  const rows = await uow.query<EnvironmentRow>(
    `UPDATE environments SET revision = revision + 1, rank = $2, production = $3, approvals_required = $4, eligible = $5,
       requester_may_approve = $6, approval_ttl_s = $7, timeout_s = $8,
       archived_at = CASE WHEN $9 THEN coalesce(archived_at, now()) END, updated_at = now()
     WHERE name = $1 RETURNING ${COLUMNS}`,
    [...fieldsOf(name, fields), archived],
  );
  const saved = first(rows);
  if (saved === null) throw new Error(`The environment ${name} was not locked.`);
  return saved;
}

/** Filters of a list; all that are given must hold. */
export interface EnvironmentFilter {
  /** Undefined is both. */
  readonly archived?: boolean;
  readonly production?: boolean;
  /** Prefix of the name, case-sensitive. */
  readonly q?: string;
}

/** Where a page ended. */
export type EnvironmentPosition = Pick<Environment, 'rank' | 'name'>;

const NAME = 'name COLLATE "C"';

/** A page of environments by rank and name, and the position after which the next one goes on; null at the end. */
export async function listEnvironments(
  db: Queryable,
  { archived, production, q }: EnvironmentFilter,
  page: { readonly after: EnvironmentPosition | null; readonly limit: number },
): Promise<{ readonly environments: Environment[]; readonly next: EnvironmentPosition | null }> {
  const builder = await sqlBuilder();
  const query = builder('environments').select(builder.raw(COLUMNS)).orderByRaw(`rank, ${NAME}`).limit(page.limit + 1);
  if (archived !== undefined) query.whereRaw(`archived_at IS ${archived ? 'NOT NULL' : 'NULL'}`);
  if (production !== undefined) query.where({ production });
  if (q !== undefined) query.whereRaw(`${NAME} LIKE ?`, [prefixPattern(q)]);
  if (page.after !== null) query.whereRaw(`(rank, ${NAME}) > (?, ?)`, [page.after.rank, page.after.name]);
  const { sql, bindings } = query.toSQL().toNative();
  const rows = await db.query<EnvironmentRow>(sql, bindings);
  const shown = rows.slice(0, page.limit).map(toEnvironment);
  const last = shown.at(-1);
  return { environments: shown, next: rows.length > page.limit && last !== undefined ? { rank: last.rank, name: last.name } : null };
}
