import { readdir } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { StartupError } from '@deptracker/runtime';
import type { Knex } from 'knex';

/** The folder that holds the migrations. */
export const MIGRATIONS = fileURLToPath(new URL('../../../migrations/', import.meta.url));

/** The names of the migrations among a folder's files, in order. */
export function migrationNames(files: readonly string[]): string[] {
  return files
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => file.replace(/\.mjs$/, ''))
    .sort();
}

interface Migration {
  readonly name: string;
  readonly file: string;
}

/** Names without extension, so that the record in the database does not depend on how a file is built. */
const source: Knex.MigrationSource<Migration> = {
  async getMigrations() {
    const names = migrationNames(await readdir(MIGRATIONS));
    return names.map((name) => ({ name, file: join(MIGRATIONS, `${name}.mjs`) }));
  },
  getMigrationName: (migration) => migration.name,
  getMigration: async (migration) => (await import(pathToFileURL(migration.file).href)) as Knex.Migration,
};

async function withKnex<T>(databaseUrl: string, work: (db: Knex) => Promise<T>): Promise<T> {
  // Only who migrates needs it.
  const { default: knex } = await import('knex');
  const db = knex({
    client: 'pg',
    connection: { connectionString: databaseUrl, connectionTimeoutMillis: 5_000, options: '-c lock_timeout=5000' },
    pool: { min: 0, max: 1 },
    acquireConnectionTimeout: 6_000,
    migrations: { migrationSource: source, tableName: 'schema_migrations' },
  });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

/** Applies every pending migration in one batch, under knex's lock; returns the names applied. */
export async function migrateUp(databaseUrl: string): Promise<readonly string[]> {
  return withKnex(databaseUrl, async (db) => {
    const [, names] = (await db.migrate.latest()) as [number, string[]];
    return names;
  });
}

async function holdsDeployments(db: Knex): Promise<boolean> {
  if (!(await db.schema.hasTable('deployments'))) return false;
  return (await db('deployments').select(db.raw('1')).first()) !== undefined;
}

export interface MigrateDownOptions {
  /** Every migration, not only the latest. */
  readonly all?: boolean;
  /** Somebody has said that data may be lost. */
  readonly confirmed?: boolean;
}

/**
 * Takes back the latest migration, or with `all` every one; returns the names taken back. Throws `StartupError` where
 * the database holds deployments and nobody has confirmed that data may be lost.
 */
export async function migrateDown(databaseUrl: string, options: MigrateDownOptions = {}): Promise<readonly string[]> {
  return withKnex(databaseUrl, async (db) => {
    if (options.confirmed !== true && (await holdsDeployments(db))) {
      throw new StartupError(
        'The database holds deployments, and taking a migration back removes data for good; set CONFIRM=1 to do it all the same.',
      );
    }
    const taken: unknown = options.all === true ? await db.migrate.rollback(undefined, true) : await db.migrate.down();
    const [, names] = taken as [number, string[]];
    return names;
  });
}

/** Which migrations are in the database and which are still to come. */
export async function migrationStatus(databaseUrl: string): Promise<MigrationStatus> {
  return withKnex(databaseUrl, async (db) => {
    const [applied, pending] = (await db.migrate.list()) as [{ name: string }[], Migration[]];
    return { applied: applied.map(({ name }) => name), pending: pending.map(({ name }) => name) };
  });
}
