import { type Database, listDeployments } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { count, open, stored } from './build.js';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await testDatabase();
  // One connection, so that what it has kept can be asked for.
  database = open(test.url, 1);
  await stored(database, { project: 'one' }, { project: 'two', environment: 'staging' });
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

const list = async (filter: Parameters<typeof listDeployments>[1], limit = 50): Promise<string[]> =>
  (await listDeployments(database, filter, { after: null, limit })).deployments.map(({ project }) => project);

const kept = (): Promise<number> => count(database, `pg_prepared_statements WHERE name LIKE 'shape%'`);

it('keeps one plan for all lists of a shape, whatever their values are', async () => {
  expect([await list({ project: 'one' }), await list({ project: 'two' }), await list({ project: 'none' })]).toEqual([['one'], ['two'], []]);
  expect(await kept()).toBe(1);
  expect([await list({ status: 'pending', environment: 'staging' }), await list({ status: 'succeeded', environment: 'staging' })]).toEqual([['two'], []]);
  expect(await kept()).toBe(2);
});

it('keeps none of a search, which is a span of an index only where its pattern is known', async () => {
  const before = await kept();

  expect([await list({ q: 'o' }), await list({ q: 't', status: 'pending' })]).toEqual([['one'], ['two']]);
  expect(await kept()).toBe(before);
});

it('keeps so many shapes and no more, and lists the others all the same', async () => {
  for (let limit = 1; limit <= 200; limit += 1) expect(await list({ environment: 'production' }, limit)).toEqual(['one']);

  expect(await kept()).toBe(128);
});
