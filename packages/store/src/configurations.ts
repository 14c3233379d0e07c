import type { Queryable, UnitOfWork } from './database.js';

/** What somebody has set. */
export interface StoredConfiguration {
  readonly key: string;
  /** Counts every change, also those back to the default. */
  readonly revision: number;
  /** Any JSON; null where the default holds again. */
  readonly value: unknown;
  readonly updatedBy: string | null;
  readonly updatedAt: Date;
}

const COLUMNS = 'key, revision, value, updated_by AS "updatedBy", updated_at AS "updatedAt"';

/** Every configuration that was ever set, also with keys that this version does not know. */
export function readConfigurations(db: Queryable): Promise<readonly StoredConfiguration[]> {
  return db.query<StoredConfiguration>(`SELECT ${COLUMNS} FROM configurations ORDER BY key`);
}

/** Null where it was never set. */
export async function findConfiguration(db: Queryable, key: string): Promise<StoredConfiguration | null> {
  const [row] = await db.query<StoredConfiguration>(`SELECT ${COLUMNS} FROM configurations WHERE key = $1`, [key]);
  return row ?? null;
}

/** Keeps others from changing it until the unit of work ends; one that was never set is at revision 0. */
export async function lockConfiguration(uow: UnitOfWork, key: string): Promise<StoredConfiguration> {
  await uow.query('INSERT INTO configurations (key) VALUES ($1) ON CONFLICT DO NOTHING', [key]);
  const [row] = await uow.query<StoredConfiguration>(`SELECT ${COLUMNS} FROM configurations WHERE key = $1 FOR UPDATE`, [key]);
  if (row === undefined) throw new Error(`The configuration ${key} was removed meanwhile.`);
  return row;
}

/** Gives a locked configuration its next revision; a value of null is the default. */
export async function saveConfiguration(uow: UnitOfWork, key: string, value: unknown, updatedBy: string | null): Promise<StoredConfiguration> {
  const [row] = await uow.query<StoredConfiguration>(
    `UPDATE configurations SET revision = revision + 1, value = $2, updated_by = $3, updated_at = now()
     WHERE key = $1 RETURNING ${COLUMNS}`,
    [key, value === null ? null : JSON.stringify(value), updatedBy],
  );
  if (row === undefined) throw new Error(`The configuration ${key} is not locked.`);
  return row;
}
