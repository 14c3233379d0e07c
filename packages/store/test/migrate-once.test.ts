import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { migrateDown, migrateUp, migrationStatus, openDatabase } from '@deptracker/store';
import { type TestDatabase, emptyTestDatabase, testDatabase, waitFor } from '@deptracker/testkit';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MigrationFolder, concurrently, migrationFolder, sql } from './migration-folder.js';

let test: TestDatabase;
let folder: MigrationFolder | null = null;
let client: pg.Client;

beforeEach(async () => {
  test = await emptyTestDatabase();
  client = new pg.Client({ connectionString: test.url, application_name: 'reporting' });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await folder?.remove();
  await test.drop();
});

async function made(files: Readonly<Record<string, string>>): Promise<string> {
  folder = await migrationFolder(files);
  return folder.path;
}

const rows = async (text: string): Promise<Record<string, unknown>[]> => (await client.query<Record<string, unknown>>(text)).rows;

describe('migrations that several processes start at once', () => {
  it('run once each, and every process waits for the last of them', async () => {
    const path = await made({ '1_log': sql('CREATE TABLE log (at timestamptz)'), '2_slow': sql('INSERT INTO log SELECT now() FROM pg_sleep(0.2)') });
    const names = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const applied = await migrateUp(test.url, { folder: path });
        expect(await rows('SELECT 1 FROM log')).toHaveLength(1);
        return applied;
      }),
    );
    expect(names.flat()).toEqual(['1_log', '2_slow']);
    expect(await rows('SELECT name, batch FROM schema_migrations ORDER BY id')).toEqual([{ name: '1_log', batch: 1 }, { name: '2_slow', batch: 2 }]);
  });

  it('say who holds the others up where one takes too long', async () => {
    const path = await made({ '1_slow': sql('SELECT pg_sleep(2)') });
    const first = migrateUp(test.url, { folder: path });
    await waitFor(async () => (await rows(`SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND application_name = 'migrate'`)).length > 0);
    const error = await migrateUp(test.url, { folder: path, patienceMs: 100 }).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ name: 'StartupError', message: expect.stringMatching(/Another process is migrating .*held by pid \d+ \(migrate, active/) });
    expect(await first).toEqual(['1_slow']);
  });
});

describe('a migration whose process is killed', () => {
  it('leaves nothing behind, and the next process runs it', async () => {
    const path = await made({ '1_half': `export const up = async (knex) => {
      await knex.raw('CREATE TABLE half (id int)');
      if (process.env.SLOW === '1') await knex.raw('SELECT pg_sleep(600)');
    };` });
    const code = `import { migrateUp } from '@deptracker/store'; await migrateUp(${JSON.stringify(test.url)}, { folder: ${JSON.stringify(path)} });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { env: { ...process.env, SLOW: '1' }, stdio: 'inherit' });
    const ended = once(child, 'exit');
    await waitFor(async () => (await rows(`SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND application_name = 'migrate'`)).length > 0);
    child.kill('SIGKILL');
    await ended;
    expect(await migrateUp(test.url, { folder: path })).toEqual(['1_half']);
  });

  it('is not held up by the mark that an earlier version left when it was killed', async () => {
    await client.query('CREATE TABLE schema_migrations_lock (index serial PRIMARY KEY, is_locked int); INSERT INTO schema_migrations_lock (is_locked) VALUES (1)');
    expect(await migrateUp(test.url, { folder: await made({ '1_a': sql('CREATE TABLE a ()') }) })).toEqual(['1_a']);
  });
});

describe('a migration that cannot get its lock', () => {
  it('gives up, says who holds it and for how long, and has changed nothing', async () => {
    const path = await made({ '1_alter': sql('CREATE TABLE other (); ALTER TABLE busy ADD COLUMN more int') });
    await client.query('CREATE TABLE busy (id int)');
    await client.query('BEGIN; SELECT * FROM busy');
    const told: string[] = [];
    const error = await migrateUp(test.url, { folder: path, lockTimeoutMs: 300, patienceMs: 1_000, onWait: (line) => told.push(line) }).catch((failure: unknown) => failure);
    const [mine] = await rows('SELECT pg_backend_pid() AS pid');
    const who = new RegExp(`held by pid ${String(mine?.['pid'])} \\(reporting, idle in transaction, transaction open for \\d+ s\\)`);
    expect(error).toMatchObject({ name: 'StartupError', message: expect.stringMatching(/1_alter gave up after [2-9] tries/) });
    expect((error as Error).message).toMatch(who);
    expect(told[0]).toMatch(who);
    await client.query('COMMIT');
    expect(await rows(`SELECT to_regclass('other') AS other`)).toEqual([{ other: null }]);
    expect(await migrateUp(test.url, { folder: path })).toEqual(['1_alter']);
  });

  it('fails at once where the reason is another one', async () => {
    const path = await made({ '1_wrong': sql('ALTER TABLE nowhere ADD COLUMN more int') });
    await expect(migrateUp(test.url, { folder: path })).rejects.toThrow(/"nowhere" does not exist/);
  });
});

describe('a migration outside of a transaction', () => {
  const INDEX = concurrently('DROP INDEX CONCURRENTLY IF EXISTS a_id', 'CREATE INDEX CONCURRENTLY a_id ON a (id)');

  it('waits for older transactions, is recorded when it is done, and several processes do not deadlock', async () => {
    const path = await made({ '1_a': sql('CREATE TABLE a (id int)'), '2_index': INDEX });
    await client.query('CREATE TABLE b ()');
    await client.query('BEGIN; INSERT INTO b DEFAULT VALUES');
    const all = Promise.all([migrateUp(test.url, { folder: path, lockTimeoutMs: 100 }), migrateUp(test.url, { folder: path })]);
    await client.query('COMMIT');
    expect((await all).flat()).toEqual(['1_a', '2_index']);
    expect(await rows(`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'a_id'::regclass`)).toEqual([{ valid: true }]);
  });

  it('that failed half-way runs again from its beginning', async () => {
    const files = { '1_a': sql('CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)'), '2_unique': INDEX.replace('CREATE INDEX', 'CREATE UNIQUE INDEX') };
    const path = await made(files);
    await expect(migrateUp(test.url, { folder: path })).rejects.toThrow(/could not create unique index/);
    expect(await rows(`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'a_id'::regclass`)).toEqual([{ valid: false }]);
    await client.query('DELETE FROM a');
    expect(await migrateUp(test.url, { folder: path })).toEqual(['2_unique']);
    expect(await rows(`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'a_id'::regclass`)).toEqual([{ valid: true }]);
  });
});

describe('a database that a newer version has migrated', () => {
  it('is taken as it is, and nothing is taken back from it', async () => {
    const newer = await testDatabase();
    try {
      await migrateUp(newer.url, { folder: await made({ '99990101000000_newer': sql('CREATE TABLE newer ()') }) });
      expect(await migrateUp(newer.url)).toEqual([]);
      expect((await migrationStatus(newer.url)).pending).toEqual([]);
      await (await openDatabase({ url: newer.url, maxConnections: 1, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' })).close();
      await expect(migrateDown(newer.url)).rejects.toThrow(/99990101000000_newer, which this version does not know/);
    } finally {
      await newer.drop();
    }
  });
});
