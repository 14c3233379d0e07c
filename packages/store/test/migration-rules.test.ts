import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type TestDatabase, emptyTestDatabase } from '@deptracker/testkit';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { concurrently, migrationFolder, sql } from './migration-folder.js';
import { WATCH_REWRITES, faultsOf } from './migration-rules.js';

const MIGRATIONS = fileURLToPath(new URL('../../../migrations/', import.meta.url));

/** Those before were made while nothing was in use. */
const RULES_SINCE = '20261120';

let test: TestDatabase;
let client: pg.Client;

beforeEach(async () => {
  test = await emptyTestDatabase();
  client = new pg.Client({ connectionString: test.url });
  await client.connect();
  await client.query(WATCH_REWRITES);
});
afterEach(async () => {
  await client.end();
  await test.drop();
});

async function judged(migration: string): Promise<readonly string[]> {
  const folder = await migrationFolder({ '1_it': migration });
  try {
    return await faultsOf(client, folder.path, '1_it');
  } finally {
    await folder.remove();
  }
}

describe('a migration', () => {
  it.each([
    ['adds a column', sql('ALTER TABLE t ADD COLUMN b int')],
    ['adds a column with a fixed default', sql('ALTER TABLE t ADD COLUMN b int NOT NULL DEFAULT 1')],
    ['makes a table with its indexes', sql('CREATE TABLE n (id int PRIMARY KEY, b text NOT NULL); CREATE INDEX n_b ON n (b)')],
    ['adds a check that holds from now on', sql('ALTER TABLE t ADD CONSTRAINT small CHECK (id < 9) NOT VALID')],
    ['validates a check on its own', concurrently('ALTER TABLE t VALIDATE CONSTRAINT known')],
    ['makes an index while others write', concurrently('DROP INDEX CONCURRENTLY IF EXISTS t_a', 'CREATE INDEX CONCURRENTLY t_a ON t (a)')],
    ['drops an index', sql('DROP INDEX t_both')],
    ['fills a column outside of a transaction', concurrently('UPDATE t SET a = 1 WHERE a IS NULL')],
    ['takes away what it says nobody uses', `${sql('ALTER TABLE t DROP COLUMN a')}\nexport const contract = 'not read since 0.2.0';`],
  ])('that %s may run while everything is in use', async (_what, migration) => {
    await client.query('CREATE TABLE t (id int NOT NULL, a int, CONSTRAINT known CHECK (id > 0) NOT VALID); CREATE INDEX t_both ON t (id, a)');
    expect(await judged(migration)).toEqual([]);
  });

  it.each([
    ['writes a table anew for a default', sql('ALTER TABLE t ADD COLUMN b uuid DEFAULT gen_random_uuid()'), 'writes t anew while nobody can use it'],
    ['changes a type', sql('ALTER TABLE t ALTER COLUMN a TYPE bigint'), 'writes t anew while nobody can use it, changes the type of t.a'],
    ['makes an index while others wait', sql('CREATE INDEX t_a ON t (a)'), 'reads all of t while nobody can write to it'],
    ['forbids null', sql('ALTER TABLE t ALTER COLUMN a SET NOT NULL'), 'reads all of t while nobody can write to it, allows no null in t.a any more'],
    ['checks every row', sql('ALTER TABLE t ADD CHECK (id < 9)'), 'reads all of t while nobody can write to it'],
    ['refers to another table at once', sql('ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES other (id)'), /reads all of t while/],
    ['fills a column that it has just added', sql('ALTER TABLE t ADD COLUMN b int; UPDATE t SET b = a'), 'reads all of t while nobody can write to it'],
    ['takes a column away', sql('ALTER TABLE t DROP COLUMN a'), 'takes t.a away'],
    ['renames a column', sql('ALTER TABLE t RENAME COLUMN a TO b'), 'takes t.a away'],
    ['takes a table away', sql('DROP TABLE other'), 'takes other.id away'],
    ['demands what nobody gives yet', sql('ALTER TABLE t ADD COLUMN b int NOT NULL'), /demands a value for t.b/],
    ['takes a default away', sql('ALTER TABLE t ALTER COLUMN id DROP DEFAULT'), 'takes the default of t.id'],
    ['alters a table outside of a transaction', concurrently('ALTER TABLE t ADD COLUMN IF NOT EXISTS b int'), /runs outside of a transaction what belongs into one: ALTER TABLE/],
    ['cannot run twice outside of a transaction', concurrently('CREATE INDEX CONCURRENTLY t_a ON t (a)'), /cannot run again after it was cut off/],
  ])('that %s may not', async (_what, migration, fault) => {
    await client.query('CREATE TABLE t (id int NOT NULL DEFAULT 1, a int); CREATE TABLE other (id int PRIMARY KEY)');
    expect((await judged(migration)).join(', ')).toMatch(fault);
  });
});

describe(`the migrations since ${RULES_SINCE}`, () => {
  it('keep nobody waiting and leave the version before what it needs', async () => {
    const names = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.mjs')).map((file) => file.replace('.mjs', '')).sort();
    const found: Record<string, readonly string[]> = {};
    for (const name of names) {
      const faults = await faultsOf(client, MIGRATIONS, name);
      if (name >= RULES_SINCE && faults.length > 0) found[name] = faults;
    }
    expect(found).toEqual({});
  });
});
