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

it('keeps one plan for all lists of a shape, whatever their values and limits are', async () => {
  expect([await list({ project: 'one' }), await list({ project: 'two' }), await list({ project: 'none' })]).toEqual([['one'], ['two'], []]);
  expect(await kept()).toBe(1);
  expect([await list({ status: 'pending', environment: 'staging' }), await list({ status: 'succeeded', environment: 'staging' }, 7)]).toEqual([['two'], []]);
  expect(await kept()).toBe(2);
});

it('keeps none of a search, which is a span of an index only where its pattern is known', async () => {
  const before = await kept();

  expect([await list({ q: 'o' }), await list({ q: 't', status: 'pending' })]).toEqual([['one'], ['two']]);
  expect(await kept()).toBe(before);
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Sort Key'?: readonly string[];
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

it('reads a value that has very many rows along its index, also by a plan that was made for values with few', async () => {
  await database.query(`
    INSERT INTO deployments (id, revision, project, environment, version, requested_by, links, metadata, status, approval_status,
      approvals_required, requester_may_approve, channel_id, timeout_s)
    SELECT gen_random_uuid(), 1, 'p', 'e', '1', CASE WHEN n % 2 = 0 THEN 'robot@example.com' ELSE n || '@example.com' END, '[]', '{}', 'pending', 'pending',
      1, false, 'C1', 60 FROM generate_series(1, 20000) AS n`);
  await database.query('ANALYZE deployments');
  await database.query('SET plan_cache_mode = force_generic_plan');

  expect(await list({ requestedBy: 'robot@example.com' })).toHaveLength(50);

  const [kept] = await database.query<{ name: string }>(`SELECT name FROM pg_prepared_statements WHERE statement LIKE '%d.requested_by =%'`);
  const [row] = await database.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(`EXPLAIN (FORMAT JSON) EXECUTE ${kept?.name ?? ''} (51, 'robot@example.com')`);
  const nodes = row?.['QUERY PLAN'].flatMap(({ Plan }) => nodesOf(Plan)) ?? [];
  expect(nodes.map((node) => node['Node Type'])).toContain('Index Scan');
  expect(nodes.filter((node) => node['Node Type'].includes('Sort') && node['Sort Key']?.some((key) => key.includes('created_at')))).toEqual([]);
});
