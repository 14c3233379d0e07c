import { APPROVAL_STATUSES, STATUSES } from '@deptracker/domain';
import { type Database, type DeploymentFilter, type Position, findLapsed, listDeployments } from '@deptracker/store';
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

const ENVIRONMENTS = ['a', 'a-b', 'aB', 'production', 'Äpfel', 'z'] as const;
const anyPlace = fc.record({
  // Some places with many rows, and some of all.
  environment: fc.oneof(fc.constantFrom('a', 'z'), fc.constantFrom(...ENVIRONMENTS)),
  status: fc.oneof(fc.constant('failed' as const), fc.constantFrom(...STATUSES)),
  approval: fc.oneof(fc.constant('approved' as const), fc.constantFrom(...APPROVAL_STATUSES)),
  project: fc.constantFrom('alpha', 'beta'),
  second: fc.integer({ min: 0, max: 3 }),
});
type Place = typeof anyPlace extends fc.Arbitrary<infer T> ? T : never;

/** Deployments of these places, some of one time. */
async function storedAt(places: readonly Place[]): Promise<void> {
  await database.query('TRUNCATE deployments, decisions, events, effects');
  const ids = await stored(database, ...places.map(() => ({})));
  await database.query(
    `UPDATE deployments d SET environment = x.environment, status = x.status, approval_status = x.approval, project = x.project,
       created_at = timestamptz '2026-01-01 00:00:00Z' + make_interval(secs => x.second)
     FROM json_to_recordset($1::json) AS x(id uuid, environment text, status text, approval text, project text, second int) WHERE d.id = x.id`,
    [JSON.stringify(places.map((place, at) => ({ id: ids[at], ...place })))],
  );
}

describe('a list by status or approval', () => {
  it('is merged from its values page by page, with all that fits in order', async () => {
    const some = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined, freq: 2 });
    const filters = fc.record({
      status: some(anyPlace.map(({ status }) => status)),
      approval: some(anyPlace.map(({ approval }) => approval)),
      environment: some(fc.oneof(fc.constantFrom('a', 'nowhere'), fc.constantFrom(...ENVIRONMENTS))),
      project: some(fc.constantFrom('alpha', 'beta')),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyPlace, { minLength: 1, maxLength: 40 }), fc.array(filters, { minLength: 5, maxLength: 10 }), fc.integer({ min: 1, max: 9 }), async (places, asked, limit) => {
        await storedAt(places);
        for (const filter of asked) {
          const all = await database.query<{ id: string }>(
            `SELECT id FROM deployments WHERE status = coalesce($1, status) AND approval_status = coalesce($2, approval_status)
               AND environment = coalesce($3, environment) AND project = coalesce($4, project) ORDER BY created_at DESC, id DESC`,
            [filter.status, filter.approval, filter.environment, filter.project],
          );
          const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as DeploymentFilter;
          expect(await pages(given, limit)).toEqual(all.map(({ id }) => id));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('has all that fits also where there are too many environments to read one by one', async () => {
    await storedAt(Array.from({ length: 140 }, (_, at) => ({ environment: `preview-${at}` as never, status: at % 2 === 0 ? 'failed' : 'succeeded', approval: 'approved', project: 'alpha', second: at % 4 })));
    const all = await database.query<{ id: string }>(`SELECT id FROM deployments WHERE approval_status = 'approved' ORDER BY created_at DESC, id DESC`);
    expect(await pages({ approval: 'approved' }, 30)).toEqual(all.map(({ id }) => id));
    expect(await pages({ approval: 'approved', status: 'failed' }, 30)).toHaveLength(70);
  });
});

describe('limits of time that have passed', () => {
  it('are found longest first, whatever their approval', async () => {
    const ids = await stored(database, ...APPROVAL_STATUSES.map(() => ({})), {});
    for (const [at, id] of ids.entries()) {
      const hours = at < APPROVAL_STATUSES.length ? ((at * 4) % APPROVAL_STATUSES.length) + at / 10 : -1;
      await database.query('UPDATE deployments SET approval_status = $2, limit_at = now() - make_interval(mins => $3) WHERE id = $1', [id, APPROVAL_STATUSES[at] ?? 'pending', Math.round(hours * 60)]);
    }
    const passed = (await database.query<{ id: string }>('SELECT id FROM deployments WHERE limit_at <= now() ORDER BY limit_at')).map(({ id }) => id);
    expect(passed).toHaveLength(APPROVAL_STATUSES.length);
    expect(await findLapsed(database, 100)).toEqual(passed);
    expect(await findLapsed(database, 2)).toEqual(passed.slice(0, 2));
  });
});
