import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Measured } from '../dist/measure.js';
import { TARGETS } from '../dist/report/targets.js';
import { asMarkdown } from '../dist/report/markdown.js';
import { profilePage } from '../dist/report/profile-page.js';
import { type Profile, type Result, keepProfile, keepResult, readResults } from '../dist/report/results.js';
import { busyTime, selfTimes } from '../dist/report/self-times.js';
import { reached, targetTable } from '../dist/report/target-table.js';
import { sparkline } from '../dist/report/sparkline.js';
import { SCENARIOS, scenariosOf } from '../dist/scenarios/all.js';
import { readOptions } from '../dist/options.js';

const folder = mkdtempSync(join(tmpdir(), 'bench-report-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const PAGES = { ofResults: asMarkdown, ofProfiles: profilePage };

const run = (perSecond: number, p99: number): Measured => ({
  perSecond, p50: 1, p95: 2, p99, max: p99, requests: 10, errors: 0, seconds: 1, cpu: { api: 1, postgres: 2 },
  samples: [{ second: 1, rss: { api: 90 }, connections: 5, redisMb: 1 }],
});

const result = (baseline: number[], product: number[], commit = 'abc1234'): Result => ({
  title: 'create', at: '2026-11-20T12:00:00.000Z', commit, seconds: 10, rows: null, nodeArgs: [],
  machine: { cpu: 'a', cores: 2, memoryGb: 8, node: 'v20', postgres: '16', redis: '7' },
  runs: { baseline: baseline.map((one) => run(one, 10)), product: product.map((one) => run(one, 5)) },
});

const target = (scenario: string, as: string) => TARGETS.find((one) => one.scenario === scenario && one.as === as) ?? expect.fail('no such target');

it('holds the median against a target, as a ratio to the baseline or as it is', () => {
  const results = { 'create-64': result([90, 100, 500], [799, 100, 9_000]) };

  expect(reached(target('create-64', 'ratio'), results)).toMatchObject({ measured: 7.99, met: false });
  expect(reached(target('create-64', 'value'), { 'create-64': result([900], [7_000]) })).toMatchObject({ measured: 7_000, met: true });
  expect(reached(target('get', 'ratio'), results)).toBeNull();
});

it('shows a target of a long history by what a shorter one came to, and says so', () => {
  const of = (rows: number, largest: number): Result => ({ ...result([], [1]), rows, runs: { product: [run(1, largest)] } });
  const stats = target('stats', 'value');

  expect(reached(stats, { 'stats@1m': of(1_000_000, 90), 'stats@200000': of(200_000, 10) })).toMatchObject({ from: 'stats@1m', measured: 90, otherRows: 1_000_000 });
  expect(reached(stats, { 'stats@10m': of(10_000_000, 100), 'stats@20m': of(20_000_000, 900) })).toMatchObject({ from: 'stats@10m', measured: 100, otherRows: null });
  expect(targetTable({ 'stats@1m': of(1_000_000, 90) })).toContain('| stats@1m | 90 ms | – | met, but at 1,000,000 |');
});

it('says of the process that grew most how much more it holds at the end than when it had warmed up', () => {
  const sample = (second: number, api: number, redis: number) => ({ second, rss: { api, redis }, connections: 5, redisMb: 1 });
  const memory = [[50, 9], [60, 9], [100, 10], [100, 10], [80, 10], [90, 10], [105, 12], [105, 12]] as const;
  const long: Measured = { ...run(100, 5), samples: memory.map(([api, redis], index) => sample(index, api, redis)) };
  const growth = TARGETS.find(({ figure }) => figure === 'growth') ?? expect.fail('no such target');
  const found = reached(growth, { soak: { ...result([], [1]), runs: { product: [long] } } });

  expect(found).toMatchObject({ measured: 1.2, met: false });
  expect(reached(growth, { soak: { ...result([], [1]), runs: { product: [run(1, 1)] } } })).toBeNull();
});

it('adds up the time on top of the stack between two moments, without idle', () => {
  const node = (id: number, functionName: string, url = '') => ({ id, callFrame: { functionName, url, lineNumber: 6 } });
  const nodes = [node(1, '(idle)'), node(2, 'parse', 'file:///x/node_modules/pg/lib/a.js'), node(3, '', 'file:///x/node_modules/pg/lib/b.js'), node(4, '(garbage collector)')];
  const profile = { nodes, startTime: 1_000, samples: [2, 1, 2, 3, 4, 4], timeDeltas: [10, 10, 30, 20, 50, 900] };

  const { functions, parts } = selfTimes(profile, 1_015, 1_120);

  expect(functions).toEqual([{ name: '(garbage collector)', share: 0.5 }, { name: 'parse pg/lib/a.js:7', share: 0.3 }, { name: '(anonymous) pg/lib/b.js:7', share: 0.2 }]);
  expect(parts).toEqual([{ name: 'pg', share: 0.5 }, { name: '(garbage collector)', share: 0.5 }]);
  expect(busyTime(profile, 1_015, 1_120)).toBe(100);
});

it('keeps what other runs found, each with its own commit', () => {
  keepResult(folder, 'create-64', result([100], [900], 'first12'), PAGES);
  keepResult(folder, 'get', result([100], [700], 'second1'), PAGES);
  keepResult(folder, 'get', result([100], [1_000], 'third12'), PAGES);

  expect(Object.entries(readResults(folder)).map(([name, { commit }]) => [name, commit])).toEqual([['create-64', 'first12'], ['get', 'third12']]);
  const page = readFileSync(join(folder, 'RESULTS.md'), 'utf8');
  expect(page).toContain('| creates at saturation, 64 connections | ≥ 8 × | create-64 | 9 × | 9 × | met |');
  expect(page).toContain('**no**: 87.1 % too little');
  expect(page).toContain('not measured');
  expect(page).toContain('first12');
});

it('leads from a target that is not met to the profile of its scenario, and from none that is', () => {
  const { title, at, commit, machine } = result([100], [200]);
  const profile: Profile = { title, at, commit, machine, run: run(200, 5), functions: [{ name: 'writev', share: 0.3 }], parts: [] };
  keepResult(folder, 'get', result([100], [14_000]), PAGES);
  keepProfile(folder, 'get', profile, PAGES);

  const [ratio, value] = readFileSync(join(folder, 'RESULTS.md'), 'utf8').split('\n').filter((line) => line.startsWith('| get by id, repeated |'));
  expect(ratio).toContain('| met |');
  expect(value).toContain('**no**: 6.67 % too little ([why](PROFILE.md#get)) |');
  const page = readFileSync(join(folder, 'PROFILE.md'), 'utf8');
  expect(page).toContain('| `writev` | 30.0 % |');
  expect(page).toContain('| postgres | 100.0 % | 200,000 |');
});

it('has a scenario for every target', () => {
  const names = SCENARIOS.map(({ name }) => name);

  expect(TARGETS.filter(({ scenario }) => !names.includes(scenario.replace(/@.*/, '')))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

it('refuses scenarios that there are not and options that are not numbers', () => {
  expect(() => scenariosOf(['get', 'nothing'])).toThrow(/no scenario nothing/);
  expect(() => readOptions(['--seconds', 'soon'])).toThrow(/--seconds must be a number/);
  expect(readOptions(['create-64 get', '--rows=5', '--out='])).toMatchObject({ scenarios: ['create-64', 'get'], rows: 5, out: null, seconds: null });
});

it('draws a peak however long the series is', () => {
  const long = Array.from({ length: 600 }, (_, index) => (index === 300 ? 100 : 1));

  expect(sparkline(long)).toHaveLength(60);
  expect(sparkline(long)).toContain('█');
});
