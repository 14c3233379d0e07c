import { StartupError } from '@deptracker/runtime';
import pg from 'pg';
import { watchHolders } from './lock-holders.js';
import { MIGRATIONS, type Migration, readMigrations } from './migration-files.js';
import { type Patience, inMigrationSession } from './migration-session.js';
import { type Direction, runMigration } from './run-migration.js';

/** Half of what a process waits for a lock (1 s), so that nobody who queues up behind a migration is sent away. */
const LOCK_TIMEOUT_MS = 500;
const PATIENCE_MS = 120_000;

/** As knex made it: databases of earlier versions have it, and their versions read it. */
const TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (id serial PRIMARY KEY, name varchar(255), batch integer, migration_time timestamptz)`;

export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

export interface MigrateOptions extends Partial<Patience> {
  /** Where the migrations are, if not in their usual place. */
  readonly folder?: string;
}

export interface MigrateDownOptions extends MigrateOptions {
  /** Every migration, not only the latest. */
  readonly all?: boolean;
  /** Somebody has said that data may be lost. */
  readonly confirmed?: boolean;
}

async function appliedNames(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ there: boolean }>(`SELECT to_regclass('schema_migrations') IS NOT NULL AS there`);
  if (rows[0]?.there !== true) return [];
  return (await client.query<{ name: string }>('SELECT name FROM schema_migrations ORDER BY id')).rows.map(({ name }) => name);
}

type Choose = (client: pg.Client, applied: readonly string[], all: readonly Migration[]) => Promise<readonly Migration[]> | readonly Migration[];

/** Runs what is chosen once no other process migrates; returns the names. */
async function migrate(url: string, direction: Direction, options: MigrateOptions, choose: Choose): Promise<readonly string[]> {
  const all = await readMigrations(options.folder ?? MIGRATIONS);
  const { lockTimeoutMs = LOCK_TIMEOUT_MS, patienceMs = PATIENCE_MS, onWait = () => undefined } = options;
  const patience = { lockTimeoutMs, patienceMs, onWait };
  return inMigrationSession(url, patience, async (client) => {
    const chosen = await choose(client, await appliedNames(client), all);
    if (chosen.length === 0) return [];
    await client.query(TABLE);
    const watch = await watchHolders(url, client);
    try {
      for (const migration of chosen) await runMigration({ client, migration, direction, patience, watch });
    } finally {
      await watch.stop();
    }
    return chosen.map(({ name }) => name);
  });
}

/**
 * Applies every pending migration, each in a transaction of its own, and returns their names. However many processes do
 * that at once, each migration runs once and all of them wait for its end. Migrations that only a newer version knows
 * are left alone. `StartupError`, naming who is in the way, where a lock is not to be had.
 */
export async function migrateUp(databaseUrl: string, options: MigrateOptions = {}): Promise<readonly string[]> {
  return migrate(databaseUrl, 'up', options, (_client, applied, all) => all.filter(({ name }) => !applied.includes(name)));
}

async function holdsDeployments(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(`SELECT to_regclass('deployments') IS NOT NULL AS there`);
  if (rows[0]?.there !== true) return false;
  return (await client.query('SELECT 1 FROM deployments LIMIT 1')).rows.length > 0;
}

/**
 * Takes back the latest migration, or with `all` every one; returns the names taken back. Throws `StartupError` where
 * the database holds deployments and nobody has confirmed that data may be lost, and where a newer version has migrated.
 */
export async function migrateDown(databaseUrl: string, options: MigrateDownOptions = {}): Promise<readonly string[]> {
  return migrate(databaseUrl, 'down', options, async (client, applied, all) => {
    const unknown = applied.find((name) => all.every((migration) => migration.name !== name));
    if (unknown !== undefined) throw new StartupError(`The database has the migration ${unknown}, which this version does not know: take it back with the version that brought it.`);
    if (options.confirmed !== true && (await holdsDeployments(client))) {
      throw new StartupError(
        'The database holds deployments, and taking a migration back removes data for good; set CONFIRM=1 to do it all the same.',
      );
    }
    const latestFirst = all.filter(({ name }) => applied.includes(name)).reverse();
    return options.all === true ? latestFirst : latestFirst.slice(0, 1);
  });
}

/** Which migrations are in the database and which are still to come; waits for nobody. */
export async function migrationStatus(databaseUrl: string): Promise<MigrationStatus> {
  const all = await readMigrations(MIGRATIONS);
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'migrate', connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const applied = await appliedNames(client);
    return { applied, pending: all.map(({ name }) => name).filter((name) => !applied.includes(name)) };
  } finally {
    await client.end();
  }
}
