import type { Logger } from '@deptracker/runtime';
import { type Database, listSpans, quartersFrom } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { partitionsTask } from '../dist/tasks/partitions.js';
import { open } from './start.js';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

const silent: Logger = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined, child: () => silent };
const names = async (): Promise<string[]> => (await listSpans(database)).map(({ name }) => name);

it('makes coming quarters and drops past ones while a long transaction reads one of the past, and says which stays', async () => {
  await database.query(`UPDATE rollup_state SET counted_until = 'infinity'`);
  const past = quartersFrom(new Date('2023-02-10T00:00:00Z'), 1);
  const coming = (await listSpans(database)).at(-1)?.name ?? '';
  for (const table of ['deployments', 'events']) {
    await database.query(`DROP TABLE ${table}_before, ${table}_${coming}`);
    for (const { name, from, to } of past) await database.query(`CREATE TABLE ${table}_${name} PARTITION OF ${table} FOR VALUES FROM ('${from}') TO ('${to}')`);
  }
  const [read = '', free = ''] = past.map(({ name }) => name);
  const task = partitionsTask({ database, schedule: '* * * * *', deploymentRetentionMs: 86_400_000, logger: silent });
  const run = () => task.run({ slot: new Date(), isOver: () => false });
  await database.transaction(async (uow) => {
    await uow.query(`SELECT 1 FROM deployments_${read} LIMIT 1`);
    await expect(run()).rejects.toThrow(new RegExp(`^partitions are still there: ${read} .*; dropped: ${free}$`));
  });
  expect(await names()).toContain(coming);
  expect(await names()).not.toContain(free);
  expect(await run()).toMatchObject({ changed: 1 });
  expect(await names()).not.toContain(read);
});
