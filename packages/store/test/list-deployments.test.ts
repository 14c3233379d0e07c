import { type Database, type DeploymentFilter, type Position, listDeployments } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { open, stored } from './build.js';

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

beforeEach(async () => {
  await database.query('TRUNCATE deployments, decisions, events, effects');
});

async function pages(filter: DeploymentFilter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let after: Position | null = null;
  do {
    const page: Awaited<ReturnType<typeof listDeployments>> = await listDeployments(database, filter, { after, limit });
    expect(page.deployments.length).toBeLessThanOrEqual(limit);
    ids.push(...page.deployments.map(({ id }) => id));
    after = page.next;
  } while (after !== null);
  return ids;
}

describe('a list of deployments', () => {
  it('is complete and without duplicates under equal and nearly equal times, whatever the size of a page', async () => {
    const ids = await stored(database, ...Array.from({ length: 40 }, () => ({})));
    await database.query(`
      UPDATE deployments SET created_at = timestamptz '2026-01-01 00:00:00Z' + make_interval(secs => (n % 4) / 1000000.0)
      FROM (SELECT id AS which, row_number() OVER (ORDER BY md5(id::text)) AS n FROM deployments) r WHERE id = which`);
    const expected = (await database.query<{ id: string }>('SELECT id FROM deployments ORDER BY created_at DESC, id DESC')).map(({ id }) => id);
    expect([...expected].sort()).toEqual([...ids].sort());
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 45 }), async (limit) => {
        expect(await pages({}, limit)).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('does not shift when a newer one comes in between two pages', async () => {
    const old = await stored(database, {}, {}, {});
    const first = await listDeployments(database, {}, { after: null, limit: 2 });
    await stored(database, {});
    const second = await listDeployments(database, {}, { after: first.next, limit: 2 });
    expect([...first.deployments, ...second.deployments].map(({ id }) => id).sort()).toEqual([...old].sort());
    expect(second.next).toBeNull();
  });

  it('keeps to all filters that are given', async () => {
    const [a, b, c] = await stored(
      database,
      { project: 'alpha', environment: 'staging', version: '2.0.0' },
      { project: 'alpha', environment: 'production', version: '10%_off' },
      { project: 'beta', environment: 'production', externalId: 'run-77' },
    );
    const found = async (filter: DeploymentFilter): Promise<string[]> => (await pages(filter, 10)).sort();
    expect(await found({ project: 'alpha' })).toEqual([a, b].sort());
    expect(await found({ project: 'alpha', environment: 'production' })).toEqual([b]);
    expect(await found({ status: 'approved' })).toEqual([]);
    expect(await found({ approval: 'pending', requestedBy: 'ann@example.com' })).toEqual([a, b, c].sort());
    expect(await found({ q: 'run-' })).toEqual([c]);
    expect(await found({ q: '10%_' })).toEqual([b]);
    expect(await found({ q: '10__' })).toEqual([]);
    expect(await found({ q: 'bet', environment: 'staging' })).toEqual([]);
    const later = new Date(Date.now() + 3_600_000);
    expect(await found({ from: later })).toEqual([]);
    expect(await found({ to: later })).toEqual([a, b, c].sort());
  });
});
