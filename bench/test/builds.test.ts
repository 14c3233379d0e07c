import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Contender, startBaseline, startProduct } from '../dist/contender.js';
import { filledDatabase } from '../dist/ground/fill.js';
import { type Ground, startGround } from '../dist/ground/ground.js';
import { ask, createRequest, getRequest, updateRequest } from '../dist/scenarios/requests.js';

const ROWS = 3_000;

let ground: Ground;
const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));

beforeAll(async () => {
  ground = await startGround();
});

afterAll(async () => {
  await ground.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What a value looks like: its fields and their kinds, not what they are. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (value === null || typeof value !== 'object') return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOf(one)]));
}

interface Page {
  readonly data: readonly unknown[];
}

async function answersOf(contender: Contender): Promise<unknown[]> {
  const [url] = contender.urls;
  const created = await ask<{ id: string }>(url, createRequest(0, 'production'));
  const { data } = await ask<Page>(url, { method: 'GET', path: '/api/deployments?limit=50&environment=production' });
  const updated = await ask(url, updateRequest(created.id));
  const refused = await fetch(`${url}/api/deployments`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"project":"x"}' });
  return [shapeOf(created), shapeOf(await ask(url, getRequest(created.id))), data.length, shapeOf(updated), refused.status];
}

it('both builds create, show, change and refuse with answers of the same shape', async () => {
  const baseline = await startBaseline(ground);
  const naive = await answersOf(baseline);
  const { rows } = await baseline.pool.query(`SELECT (SELECT count(*)::int FROM events) AS events, (SELECT count(*)::int FROM effects) AS effects`);
  await baseline.stop();
  const product = await startProduct(ground, { without: ['jira-worker', 'slack-worker', 'metrics-cron'] }, []);
  const own = await answersOf(product);
  await product.stop();

  expect(naive).toEqual(own);
  // One event of the creation and one of the change; a ticket and a message.
  expect(rows).toEqual([{ events: 2, effects: 2 }]);
}, 120_000);

it('fills a database once, which the product lists by every index', async () => {
  const lines: string[] = [];
  const filled = await filledDatabase(ground, ROWS, (line) => lines.push(line));
  const again = await filledDatabase(ground, ROWS, () => expect.fail('it was filled again'));
  expect(again.url).toBe(filled.url);
  const product = await startProduct(ground, { without: ['jira-worker', 'slack-worker', 'metrics-cron'] }, [], filled);
  const { data } = await ask<Page>(product.urls[0], { method: 'GET', path: '/api/deployments?project=monolith&status=succeeded&limit=50' });
  const { rows } = await product.pool.query(`SELECT count(*)::int AS count, (SELECT count(*)::int FROM pg_indexes WHERE tablename = 'deployments') > 10 AS indexed FROM deployments`);
  await product.stop();

  expect(data).toHaveLength(50);
  expect(rows).toEqual([{ count: ROWS, indexed: true }]);
}, 120_000);

const bench = (...args: string[]) => promisify(execFile)(process.execPath, ['bench/dist/main.js', '--seconds=1', '--rounds=1', `--out=${folder}`, ...args]);

it('a run of one second writes both files, and scenarios that fail take nothing from it', async () => {
  await bench('create-64');
  await expect(bench('get-two', 'claim', '--node-args=--no-such-option')).rejects.toThrow(/get-two, claim failed/);

  const results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'));
  expect(Object.keys(results)).toEqual(['create-64']);
  expect(results['create-64'].runs.product[0]).toMatchObject({ errors: 0, cpu: { api: expect.any(Number), postgres: expect.any(Number) } });
  expect(results['create-64'].runs.baseline[0].requests).toBeGreaterThan(0);
  expect(readFileSync(join(folder, 'RESULTS.md'), 'utf8')).toContain('### create-64');
}, 240_000);
