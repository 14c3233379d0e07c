import { createDatabase, migrateDown, migrateUp, migrationStatus, openDatabase } from '@deptracker/store';
import { type TestDatabase, emptyTestDatabase, freePort } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stored } from './build.js';

let test: TestDatabase;

beforeAll(async () => {
  test = await emptyTestDatabase();
});

afterAll(async () => {
  await test.drop();
});

const options = (url: string) => ({ url, maxConnections: 2, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });

/** Every column, index, constraint and comment of our tables, as text. */
async function schema(): Promise<string[]> {
  const database = createDatabase(options(test.url));
  try {
    const rows = await database.query<{ line: string }>(`
      SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default) AS line
      FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'schema_migrations%'
      UNION ALL SELECT 'index ' || indexdef FROM pg_indexes
      WHERE schemaname = 'public' AND tablename NOT LIKE 'schema_migrations%'
      UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE 'schema_migrations%'
      UNION ALL SELECT concat_ws(' ', 'comment', objoid::regclass, objsubid, description) FROM pg_description
      WHERE objoid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
      ORDER BY line`);
    return rows.map(({ line }) => line);
  } finally {
    await database.close();
  }
}

describe('the migrations', () => {
  it('leave the same schema after up, down and up again, and nothing in between', async () => {
    const { pending } = await migrationStatus(test.url);
    expect(await migrateUp(test.url)).toEqual(pending);
    expect(await migrationStatus(test.url)).toEqual({ applied: pending, pending: [] });
    const first = await schema();
    expect(first.length).toBeGreaterThan(100);
    expect([...(await migrateDown(test.url, { all: true }))].sort()).toEqual([...pending].sort());
    expect(await schema()).toEqual([]);
    await migrateUp(test.url);
    expect(await schema()).toEqual(first);
  });

  it('are taken back one at a time', async () => {
    const { applied } = await migrationStatus(test.url);
    expect(await migrateDown(test.url)).toEqual(applied.slice(-1));
    expect(await migrationStatus(test.url)).toEqual({ applied: applied.slice(0, -1), pending: applied.slice(-1) });
    expect(await migrateUp(test.url)).toEqual(applied.slice(-1));
  });

  it('are not taken back while there are deployments, unless that is confirmed', async () => {
    const database = createDatabase(options(test.url));
    try {
      await stored(database);
    } finally {
      await database.close();
    }
    const before = await migrationStatus(test.url);
    for (const all of [false, true]) await expect(migrateDown(test.url, { all })).rejects.toThrow(/holds deployments.*CONFIRM=1/);
    expect(await migrationStatus(test.url)).toEqual(before);
    expect(await migrateDown(test.url, { confirmed: true })).toHaveLength(1);
    expect(await migrateDown(test.url, { all: true, confirmed: true })).toHaveLength(before.applied.length - 1);
    await migrateUp(test.url);
  });

  it('fill projects and environments with what deployments have named, and keep policies that there are', async () => {
    const database = createDatabase(options(test.url));
    try {
      while ((await migrationStatus(test.url)).applied.some((name) => name.includes('catalog'))) await migrateDown(test.url, { confirmed: true });
      // By hand: what writes deployments today need not fit the tables of then.
      await database.query(
        `INSERT INTO deployments (id, revision, project, environment, version, links, metadata, status, approval_status, approvals_required,
           requester_may_approve, channel_id, timeout_s)
         SELECT gen_random_uuid(), 1, project, environment, '1', '[]', '{}', 'pending', 'pending', 1, false, 'C1', 60
         FROM (VALUES ('web', 'b'), ('Äpfel', 'a'), ('web', 'a'), ('web', 'a')) AS named (project, environment)`,
      );
      await database.query(`INSERT INTO environments (name, approvals_required) VALUES ('b', 3), ('unused', 0)`);
      await migrateUp(test.url);
      expect(await database.query('SELECT key, name, revision FROM projects ORDER BY key COLLATE "C"')).toEqual([
        { key: 'web', name: 'web', revision: 1 },
        { key: 'Äpfel', name: 'Äpfel', revision: 1 },
      ]);
      expect(await database.query('SELECT name, approvals_required AS required, timeout_s AS timeout FROM environments ORDER BY name')).toEqual([
        { name: 'a', required: null, timeout: null },
        { name: 'b', required: 3, timeout: 7_200 },
        { name: 'unused', required: 0, timeout: 7_200 },
      ]);
    } finally {
      await database.query('TRUNCATE deployments CASCADE');
      await database.close();
    }
  });

  it('do nothing when they are there already', async () => {
    expect(await migrateUp(test.url)).toEqual([]);
  });

  it('run once when two processes start them at the same time', async () => {
    await migrateDown(test.url, { all: true });
    const outcomes = await Promise.allSettled([migrateUp(test.url), migrateUp(test.url)]);
    const applied = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
    expect(new Set(applied).size).toBe(applied.length);
    expect((await migrationStatus(test.url)).pending).toEqual([]);
  });
});

describe('opening the database', () => {
  it('names the missing migrations and the command that brings them', async () => {
    await migrateDown(test.url, { all: true });
    await expect(openDatabase(options(test.url))).rejects.toThrow(/lacks \d+ migration.*make migrate-up/);
    await migrateUp(test.url);
    await (await openDatabase(options(test.url))).close();
  });

  it('says in one sentence that nobody answers, without the password', async () => {
    const url = `postgres://ann:s3cret@127.0.0.1:${await freePort()}/deptracker`;
    const error = await openDatabase(options(url)).catch((failure: unknown) => failure as Error);
    expect(error).toMatchObject({ name: 'StartupError' });
    expect((error as Error).message).toMatch(/^Postgres at 127\.0\.0\.1:\d+\/deptracker cannot be used .*DATABASE_URL/);
    expect((error as Error).message).not.toContain('s3cret');
  });
});
