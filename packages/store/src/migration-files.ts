import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Knex } from 'knex';

/** The folder that holds the migrations. */
export const MIGRATIONS = fileURLToPath(new URL('../../../migrations/', import.meta.url));

/** One step of the schema, as its file says it. */
export interface Migration {
  /** Without extension, so that the record in the database does not depend on how a file is built. */
  readonly name: string;
  /** False where Postgres allows no transaction (`CREATE INDEX CONCURRENTLY`); such a one must do no harm if it runs again. */
  readonly transaction: boolean;
  /** Inside a transaction a whole knex, outside of one only its `raw`, one statement at a time. */
  readonly up: (knex: Pick<Knex, 'raw'>) => PromiseLike<unknown>;
  readonly down: (knex: Pick<Knex, 'raw'>) => PromiseLike<unknown>;
}

/** The names of the migrations among a folder's files, in order. */
export function migrationNames(files: readonly string[]): string[] {
  return files
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => file.replace(/\.mjs$/, ''))
    .sort();
}

async function load(folder: string, name: string): Promise<Migration> {
  const file: unknown = await import(pathToFileURL(join(folder, `${name}.mjs`)).href);
  const { up, down, config } = file as Partial<Migration> & { readonly config?: { readonly transaction?: boolean } };
  if (up === undefined || down === undefined) throw new Error(`The migration ${name} must export up and down.`);
  return { name, transaction: config?.transaction !== false, up, down };
}

/** A folder's migrations, in the order in which they run. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  return Promise.all(migrationNames(await readdir(folder)).map((name) => load(folder, name)));
}
