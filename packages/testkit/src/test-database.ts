import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** A database that exists for one test file. */
export interface TestDatabase {
  readonly url: string;
  /** Ends its connections and removes it. */
  drop(): Promise<void>;
}

/** Environment variables through which the test run's set-up says where its Postgres is. */
export const TEST_POSTGRES_URL = 'TEST_POSTGRES_URL';
export const TEST_POSTGRES_TEMPLATE = 'TEST_POSTGRES_TEMPLATE';

/** Makes a database of a random name, empty or a copy of `template`, on the server at `adminUrl`. */
export async function createDatabase(adminUrl: string, template = 'template0'): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(adminUrl, `CREATE DATABASE "${name}" TEMPLATE "${template}"`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await asAdmin(adminUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    },
  };
}

/** A fresh, migrated database on the Postgres that this test run started. Call `drop()` at the end. */
export async function testDatabase(): Promise<TestDatabase> {
  return createDatabase(testPostgresUrl(), process.env[TEST_POSTGRES_TEMPLATE] ?? 'template0');
}

/** A fresh database without any table, for tests of the migrations themselves. */
export async function emptyTestDatabase(): Promise<TestDatabase> {
  return createDatabase(testPostgresUrl());
}

function testPostgresUrl(): string {
  const url = process.env[TEST_POSTGRES_URL];
  if (url === undefined) throw new Error(`${TEST_POSTGRES_URL} is not set: vitest's global set-up did not run.`);
  return url;
}

/** Runs one statement as the administrator. */
export async function asAdmin(adminUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
