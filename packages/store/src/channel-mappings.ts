import type { ChannelMapping } from '@deptracker/domain';
import type { Queryable, UnitOfWork } from './database.js';

export interface StoredChannelMapping extends ChannelMapping {
  readonly revision: number;
  readonly createdBy: string | null;
  readonly createdAt: Date;
}

export type NewChannelMapping = Omit<StoredChannelMapping, 'revision' | 'createdAt'>;

/** Filters of a list, compared with the patterns as they are written. */
export interface ChannelMappingFilter {
  readonly project?: string;
  readonly environment?: string;
  readonly channelId?: string;
}

type Pair = Pick<ChannelMapping, 'project' | 'environment'>;

const COLUMNS = `id, revision, project, environment, channel_id AS "channelId", created_by AS "createdBy", created_at AS "createdAt"`;

/** All of them, in no order; there are never so many that this hurts. */
export function readChannelMappings(db: Queryable): Promise<readonly ChannelMapping[]> {
  return db.query<{ id: string; project: string; environment: string; channelId: string }>(
    'SELECT id, project, environment, channel_id AS "channelId" FROM channel_mappings',
  );
}

export async function findChannelMapping(db: Queryable, id: string): Promise<StoredChannelMapping | null> {
  const [row] = await db.query<StoredChannelMapping>(`SELECT ${COLUMNS} FROM channel_mappings WHERE id = $1`, [id]);
  return row ?? null;
}

/** A page in the order of project and environment, and the pair after which the next one goes on; null at the end. */
export async function listChannelMappings(
  db: Queryable,
  filter: ChannelMappingFilter,
  { after, limit }: { readonly after: Pair | null; readonly limit: number },
): Promise<{ readonly mappings: readonly StoredChannelMapping[]; readonly next: Pair | null }> {
  const values: unknown[] = [limit + 1];
  const bound = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [
    ...(filter.project === undefined ? [] : [`project = ${bound(filter.project)}`]),
    ...(filter.environment === undefined ? [] : [`environment = ${bound(filter.environment)}`]),
    ...(filter.channelId === undefined ? [] : [`channel_id = ${bound(filter.channelId)}`]),
    ...(after === null ? [] : [`(project, environment) > (${bound(after.project)}, ${bound(after.environment)})`]),
  ];
  const rows = await db.query<StoredChannelMapping>(
    `SELECT ${COLUMNS} FROM channel_mappings ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
     ORDER BY project, environment LIMIT $1`,
    values,
  );
  const mappings = rows.slice(0, limit);
  const last = mappings.at(-1);
  return { mappings, next: rows.length > limit && last !== undefined ? { project: last.project, environment: last.environment } : null };
}

/** Keeps others from adding any until the unit of work ends, and tells how many there are. */
export async function lockChannelMappings(uow: UnitOfWork): Promise<number> {
  await uow.query('LOCK TABLE channel_mappings IN SHARE ROW EXCLUSIVE MODE');
  const [row] = await uow.query<{ count: number }>('SELECT count(*)::int AS count FROM channel_mappings');
  return row?.count ?? 0;
}

/** The mapping of exactly this pair of patterns. */
export async function findChannelMappingOf(db: Queryable, { project, environment }: Pair): Promise<StoredChannelMapping | null> {
  const [row] = await db.query<StoredChannelMapping>(
    `SELECT ${COLUMNS} FROM channel_mappings WHERE project = $1 AND environment = $2`,
    [project, environment],
  );
  return row ?? null;
}

export async function insertChannelMapping(uow: UnitOfWork, one: NewChannelMapping): Promise<StoredChannelMapping> {
  const [row] = await uow.query<StoredChannelMapping>(
    `INSERT INTO channel_mappings (id, project, environment, channel_id, created_by) VALUES ($1, $2, $3, $4, $5)
     RETURNING ${COLUMNS}`,
    [one.id, one.project, one.environment, one.channelId, one.createdBy],
  );
  if (row === undefined) throw new Error('A channel mapping was not inserted.');
  return row;
}

/** Removes it and says what it was; null where there is none. */
export async function removeChannelMapping(uow: UnitOfWork, id: string): Promise<StoredChannelMapping | null> {
  const [row] = await uow.query<StoredChannelMapping>(`DELETE FROM channel_mappings WHERE id = $1 RETURNING ${COLUMNS}`, [id]);
  return row ?? null;
}
