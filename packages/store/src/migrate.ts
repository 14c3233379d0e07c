import { readdir } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import knex, { type Knex } from 'knex';

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

/** Takes back the last batch, or with `all` every migration; returns the names taken back. */
export async function migrateDown(databaseUrl: string, options: { all?: boolean } = {}): Promise<readonly string[]> {
  return withKnex(databaseUrl, async (db) => {
    const [, names] = (await db.migrate.rollback(undefined, options.all ?? false)) as [number, string[]];
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
