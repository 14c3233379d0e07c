import { readdir } from 'node:fs/promises';
import { StartupError } from '@deptracker/runtime';
import { type Database, type DatabaseOptions, createDatabase } from './database.js';
import { MIGRATIONS, migrationNames } from './migration-files.js';

/** Where a connection string points, without user and password. */
function place(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port === '' ? '5432' : port}${pathname}`;
}

async function pendingMigrations(database: Database): Promise<string[]> {
  const known = migrationNames(await readdir(MIGRATIONS));
  const [table] = await database.query<{ there: boolean }>(`SELECT to_regclass('schema_migrations') IS NOT NULL AS there`);
  if (table?.there !== true) return known;
  const rows = await database.query<{ name: string }>('SELECT name FROM schema_migrations');
  const applied = new Set(rows.map(({ name }) => name));
  return known.filter((name) => !applied.has(name));
}

/**
 * Opens the pool and makes sure that the database answers and has the schema that this code needs; otherwise a
 * StartupError says in one sentence what to do.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const database = createDatabase(options);
  try {
    const pending = await pendingMigrations(database);
    if (pending.length > 0) {
      throw new StartupError(`The database lacks ${pending.length} migration(s), first ${pending[0]}: run "make migrate-up".`);
    }
    return database;
  } catch (error) {
    await database.close();
    if (error instanceof StartupError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(
      `Postgres at ${place(options.url)} cannot be used (${why}): check DATABASE_URL and that the server is running.`,
    );
  }
}
