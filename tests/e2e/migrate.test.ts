import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateUp } from '@deptracker/store';
import { type AppProcess, type TestDatabase, spawnProcess, testDatabase, waitFor } from '@deptracker/testkit';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Reply, lonely, post } from './processes.js';

let test: TestDatabase;
let foreign: pg.Client;
let api: AppProcess;
let folder: string;

beforeAll(async () => {
  test = await testDatabase();
  foreign = new pg.Client({ connectionString: test.url, application_name: 'reporting' });
  await foreign.connect();
  api = await spawnProcess('api', lonely(test.url));
  folder = await mkdtemp(join(tmpdir(), 'deptracker-migrations-'));
});
afterEach(() => foreign.query('ROLLBACK'));
afterAll(async () => {
  expect((await api.stop()).code).toBe(0);
  await foreign.end();
  await rm(folder, { recursive: true, force: true });
  await test.drop();
});

async function altering(column: string): Promise<string> {
  const text = `export const up = (knex) => knex.raw('ALTER TABLE deployments ADD COLUMN ${column} int');\nexport const down = () => undefined;\n`;
  await writeFile(join(folder, `99990101000000_${column}.mjs`), text);
  return `99990101000000_${column}`;
}

/** Creates one after the other until told to stop. */
function pipeline(name: string): { readonly replies: Reply[]; stop(): Promise<void> } {
  const replies: Reply[] = [];
  let going = true;
  const run = async (): Promise<void> => {
    for (let n = 0; going; n += 1) replies.push(await post(api.url, `${name}-${n}`));
  };
  const ran = run();
  return {
    replies,
    stop: async () => {
      going = false;
      await ran;
    },
  };
}

describe('a migration of the deployments while somebody has a transaction open on them', () => {
  it('waits without holding up creates, and is done once that transaction ends', async () => {
    const name = await altering('first_more');
    await foreign.query('BEGIN; SELECT count(*) FROM deployments');
    const creates = pipeline('meanwhile');
    const told: string[] = [];
    const migrated = migrateUp(test.url, { folder, onWait: (line) => told.push(line) });
    // It has stood in the way, and stepped aside, twice.
    await waitFor(() => told.length >= 2, { timeoutMs: 30_000, what: 'two tries' });
    expect(told[0]).toMatch(/held by pid \d+ \(reporting, idle in transaction/);
    const before = creates.replies.length;
    await foreign.query('COMMIT');
    expect(await migrated).toEqual([name]);
    await waitFor(() => creates.replies.length > before, { what: 'a create on the new schema' });
    await creates.stop();
    expect(creates.replies.length).toBeGreaterThan(2);
    expect(creates.replies.filter(({ status }) => status !== 201)).toEqual([]);
  });

  it('gives up in the end, names the transaction, and creates are answered all along', async () => {
    await altering('second_more');
    await foreign.query('BEGIN; SELECT count(*) FROM deployments');
    const creates = pipeline('until-it-gave-up');
    await expect(migrateUp(test.url, { folder, patienceMs: 2_000 })).rejects.toThrow(/second_more gave up after \d tries in \d s.*reporting, idle in transaction/);
    await creates.stop();
    expect(creates.replies.filter(({ status }) => status !== 201)).toEqual([]);
  });
});
