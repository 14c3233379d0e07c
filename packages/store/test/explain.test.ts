import { mkdirSync, writeFileSync } from 'node:fs';
import { type DeploymentFilter, type Position, listDeployments } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Executed, executed } from './explain/plan.js';
import { open } from './build.js';
import type { Case } from './explain/case.js';
import { SKEW, fillLargeTables } from './explain/large-tables.js';
import { CASES } from './explain/queries.js';

const ROWS = Number(process.env['EXPLAIN_ROWS'] ?? 40_000);

let test: TestDatabase;
const table: string[] = [];

beforeAll(async () => {
  test = await testDatabase();
  await fillLargeTables(test.url, ROWS);
}, 1_200_000);

afterAll(async () => {
  mkdirSync('coverage', { recursive: true });
  writeFileSync('coverage/explain.txt', `${ROWS} deployments: statements, rows looked at, pages, ms\n${table.join('\n')}\n`);
  await test.drop();
});

const sum = (all: readonly Executed[], pick: (one: Executed) => number): number => all.reduce((total, one) => total + pick(one), 0);

async function look({ what, bound, run }: Case, further = false): Promise<void> {
  const where = further ? ' (cursor)' : '';
  const all = await executed(test.url, (db, aside) => run(db, aside, further));
  const ways = [...new Set(all.flatMap((one) => one.ways))].join(', ');
  const figures = [all.length, sum(all, (one) => one.rowsRead), sum(all, (one) => one.pages), sum(all, (one) => one.ms).toFixed(1)];
  table.push(`${`${what}${where}`.padEnd(84)} ${figures.map((figure) => String(figure).padStart(7)).join(' ')}  ${ways}`);
  expect.soft(all.flatMap(({ scanned }) => scanned), `${what}${where} reads whole tables`).toEqual([]);
  expect.soft(sum(all, (one) => one.rowsRead), `rows that ${what}${where} looks at`).toBeLessThanOrEqual(bound.rows);
  expect.soft(Math.max(...all.map(({ sorted }) => sorted)), `rows that ${what}${where} sorts`).toBeLessThanOrEqual(bound.sorted);
}

describe(`with ${ROWS} deployments`, () => {
  it.each(CASES)('$what is read by an index, and no more of it than is promised', async (one) => {
    await look(one);
    if (one.cursor) await look(one, true);
  });
});

// Each as a list filters and as anybody would ask who has all the time in the world.
const SAME: readonly (readonly [filter: DeploymentFilter, where: string])[] = [
  [{ environment: SKEW.rareEnvironment, status: 'expired' }, `environment = 'dr' AND status = 'expired'`],
  [{ environment: SKEW.rareEnvironment, requestedBy: SKEW.robot }, `environment = 'dr' AND requested_by = 'ci@example.com'`],
  [{ project: SKEW.dominantProject, environment: 'production', status: 'cancelled' }, `project = 'monolith' AND environment = 'production' AND status = 'cancelled'`],
  [{ environment: 'production', approval: 'not_required' }, `environment = 'production' AND approval_status = 'not_required'`],
  [{ q: '0.9.1' }, `version LIKE '0.9.1%'`],
  [{ q: '1.3', requestedBy: SKEW.person }, `version LIKE '1.3%' AND requested_by = 'person-017@example.com'`],
  [{ q: 'run-12' }, `external_id LIKE 'run-12%'`],
  [{ q: 'feature/TICKET-1', environment: SKEW.rareEnvironment }, `ref LIKE 'feature/TICKET-1%' AND environment = 'dr'`],
];

describe('pages that may be short', () => {
  it('give in the end what looking at every row gives, in the same order', async () => {
    const database = open(test.url, 2);
    const pages = { all: 0, short: 0 };
    try {
      for (const [filter, where] of SAME) {
        const ids: string[] = [];
        let after: Position | null = null;
        do {
          const page: Awaited<ReturnType<typeof listDeployments>> = await listDeployments(database, filter, { after, limit: 200 });
          ids.push(...page.deployments.map(({ id }) => id));
          pages.all += 1;
          if (page.next !== null && page.deployments.length < 200) pages.short += 1;
          after = page.next;
        } while (after !== null);
        const rows = await database.query<{ id: string }>(`SELECT id FROM deployments WHERE ${where} ORDER BY created_at DESC, id DESC`);
        expect(ids, JSON.stringify(filter)).toEqual(rows.map(({ id }) => id));
      }
      expect(pages.short).toBeGreaterThan(0);
    } finally {
      await database.close();
    }
  });
});
