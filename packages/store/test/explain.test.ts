import { mkdirSync, writeFileSync } from 'node:fs';
import type { Position } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Executed, executed } from './explain/plan.js';
import { fillLargeTables } from './explain/large-tables.js';
import { CASES, type Case, daysAgo } from './explain/queries.js';

const ROWS = Number(process.env['EXPLAIN_ROWS'] ?? 60_000);

let test: TestDatabase;
const table: string[] = [];

beforeAll(async () => {
  test = await testDatabase();
  await fillLargeTables(test.url, ROWS);
}, 600_000);

afterAll(async () => {
  mkdirSync('coverage', { recursive: true });
  writeFileSync('coverage/explain.txt', `${ROWS} deployments: statements, rows looked at, pages, ms\n${table.join('\n')}\n`);
  await test.drop();
});

const sum = (all: readonly Executed[], pick: (one: Executed) => number): number => all.reduce((total, one) => total + pick(one), 0);

async function look({ what, bound, run }: Case, where: string, after: Position | null): Promise<void> {
  const all = await executed(test.url, (db, aside) => run(db, aside, after));
  const ways = [...new Set(all.flatMap((one) => one.ways))].join(', ');
  const figures = [all.length, sum(all, (one) => one.rowsRead), sum(all, (one) => one.pages), sum(all, (one) => one.ms).toFixed(1)];
  table.push(`${`${what}${where}`.padEnd(84)} ${figures.map((figure) => String(figure).padStart(7)).join(' ')}  ${ways}`);
  expect.soft(all.flatMap(({ scanned }) => scanned), `${what}${where} reads whole tables`).toEqual([]);
  expect.soft(sum(all, (one) => one.rowsRead), `rows that ${what}${where} looks at`).toBeLessThanOrEqual(bound.rows);
  expect.soft(Math.max(...all.map(({ sorted }) => sorted)), `rows that ${what}${where} sorts`).toBeLessThanOrEqual(bound.sorted);
}

describe(`with ${ROWS} deployments`, () => {
  it.each(CASES)('$what is read by an index, and no more of it than is promised', async (one) => {
    await look(one, '', null);
    if (one.cursor) await look(one, ' (cursor)', { createdAt: daysAgo(90).toISOString(), id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' });
  });
});
