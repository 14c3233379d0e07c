import { setTimeout as pause } from 'node:timers/promises';
import { StartupError } from '@deptracker/runtime';
import type { Knex } from 'knex';
import type pg from 'pg';
import { type HolderWatch, describeHolders } from './lock-holders.js';
import type { Migration } from './migration-files.js';
import type { Patience } from './migration-session.js';

export type Direction = 'up' | 'down';

/** One migration to be run and recorded on the session that holds the lock. */
export interface MigrationRun {
  readonly client: pg.Client;
  readonly migration: Migration;
  readonly direction: Direction;
  readonly patience: Patience;
  /** On that session. */
  readonly watch: HolderWatch;
}

/** lock_not_available and deadlock_detected: nothing was done, and it may do a little later. */
const TRY_AGAIN = new Set(['55P03', '40P01']);
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

function record(knexLike: Pick<Knex, 'raw'>, name: string, direction: Direction): PromiseLike<unknown> {
  if (direction === 'down') return knexLike.raw('DELETE FROM schema_migrations WHERE name = ?', [name]);
  return knexLike.raw(
    'INSERT INTO schema_migrations (name, batch, migration_time) SELECT ?, coalesce(max(batch), 0) + 1, now() FROM schema_migrations',
    [name],
  );
}

async function attempt({ client, migration, direction, patience }: MigrationRun): Promise<void> {
  const { name } = migration;
  // Only who migrates needs it.
  const { default: knex } = await import('knex');
  const db = knex({ client: 'pg' });
  const run = async (on: Pick<Knex, 'raw'>): Promise<void> => {
    await migration[direction](on);
    await record(on, name, direction);
  };
  if (migration.transaction) return db.transaction((trx) => run(trx), { connection: client });
  // What runs outside of a transaction waits for older transactions while nobody waits for it.
  await client.query(`SET lock_timeout = ${patience.patienceMs}`);
  try {
    const raw = (...of: Parameters<Knex['raw']>): Knex.Raw => db.raw(...of).connection(client);
    await run({ raw: raw as Knex['raw'] });
  } finally {
    await client.query(`SET lock_timeout = ${patience.lockTimeoutMs}`).catch(() => undefined);
  }
}

const code = (error: unknown): unknown => (error as { readonly code?: unknown } | null)?.code;

/**
 * Runs a migration and records it, in one transaction unless it says otherwise, as often as it takes to get its locks.
 * `StartupError`, naming who holds them, where that takes too long.
 */
export async function runMigration(run: MigrationRun): Promise<void> {
  const { migration, patience, watch } = run;
  const began = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(run);
    } catch (error) {
      if (!TRY_AGAIN.has(String(code(error)))) throw error;
      const who = describeHolders(watch.take());
      const waited = performance.now() - began;
      if (waited >= patience.patienceMs) {
        throw new StartupError(
          `The migration ${migration.name} gave up after ${tries} tries in ${Math.round(waited / 1000)} s, because a lock that it needs is ${who}. ` +
            'Nothing of it was changed: end that transaction (SELECT pg_terminate_backend(pid)) or wait for its end, then migrate again.',
        );
      }
      patience.onWait(`${migration.name} waits for a lock, ${who}; trying again`);
      // Meanwhile whoever queued up behind it gets through.
      await pause(Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS));
    }
  }
}
