import { latencies, record, summary } from '../load/latencies.js';
import { closedLoop } from '../load/closed-loop.js';
import type { LoadResult } from '../load/load-result.js';
import type { Scenario } from './scenario.js';

const CONNECTIONS = 4;
const DAY_MS = 86_400_000;
/** Pages that a reader turns before the one that is measured too. */
const PAGES = 5;

const day = (ago: number): string => new Date(Date.now() - ago * DAY_MS).toISOString();

/** Every filter of the list, with values that many, some and few deployments have. */
const filters = (): Readonly<Record<string, readonly string[]>> => ({
  none: [''],
  project: ['project=monolith', 'project=service-017', 'project=nothing'],
  environment: ['environment=production', 'environment=dr'],
  status: ['status=succeeded', 'status=cancelled', 'status=timed_out', 'status=pending'],
  approval: ['approval=approved', 'approval=rejected'],
  requestedBy: ['requestedBy=ci@example.com', 'requestedBy=person-017@example.com'],
  from: [`from=${day(1)}`, `from=${day(150)}`],
  to: [`to=${day(1)}`, `to=${day(150)}`],
  q: ['q=1.3', 'q=service-01', 'q=run-1234', 'q=nothing'],
  'project + environment': ['project=monolith&environment=production', 'project=service-017&environment=dr'],
  'project + status': ['project=monolith&status=failed', 'project=service-017&status=timed_out'],
  'environment + status': ['environment=dr&status=timed_out', 'environment=production&status=succeeded'],
  'from + to + status': [`from=${day(120)}&to=${day(90)}&status=failed`],
});

/** The first page of a list and some that follow it. */
async function pagesOf(url: string, query: string): Promise<string[]> {
  const first = `/api/deployments?limit=50${query === '' ? '' : `&${query}`}`;
  const paths = [first];
  for (let page = 1; page < PAGES; page += 1) {
    const answer = await fetch(`${url}${paths.at(-1)}`);
    if (!answer.ok) throw new Error(`${first}: ${answer.status} ${await answer.text()}`);
    const { nextCursor } = (await answer.json()) as { nextCursor: string | null };
    if (nextCursor === null) break;
    paths.push(`${first}&cursor=${encodeURIComponent(nextCursor)}`);
  }
  return paths;
}

const prepare: Scenario['prepare'] = async ({ contender: { urls } }) => {
  const all = Object.entries(filters());
  const requests = await Promise.all(
    all.map(async ([name, queries]) => ({ name, paths: (await Promise.all(queries.map((query) => pagesOf(urls[0], query)))).flat() })),
  );
  return async (seconds) => {
    const p99: Record<string, number> = {};
    const whole = latencies();
    const begin = performance.now();
    let errors = 0;
    for (const { name, paths } of requests) {
      const list = paths.map((path) => ({ method: 'GET', path }) as const);
      const result: LoadResult = await closedLoop({ urls, connections: CONNECTIONS, seconds: Math.max(1, seconds / all.length), requests: list, onAnswer: (ms) => record(whole, ms) });
      errors += result.errors;
      p99[`${name}: p99 ms`] = result.p99;
    }
    const figures = { 'slowest filter: p99 ms': Math.max(...Object.values(p99)), ...p99 };
    return { ...summary(whole, errors, (performance.now() - begin) / 1_000), figures };
  };
};

export const LISTS: readonly Scenario[] = [
  { name: 'lists', title: 'lists by each filter, the first five pages, 4 connections', builds: ['product'], rounds: 1, seconds: 65, warmSeconds: 13, filled: true, prepare },
];
