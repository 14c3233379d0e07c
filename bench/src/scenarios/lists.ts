import { setTimeout as delay } from 'node:timers/promises';
import type * as hdr from 'hdr-histogram-js';
import { closedLoop } from '../load/closed-loop.js';
import { answerOn, openConnections } from '../load/connections.js';
import { at, latencies, record, summary } from '../load/latencies.js';
import type { LoadRequest } from '../load/load-request.js';
import type { Scenario } from './scenario.js';

const CONNECTIONS = 4;
/** A first page is cached for a second. */
const COLD_MS = 1_100;
/** Of the time of a run. */
const COLD_SHARE = 0.4;
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

interface Pages {
  readonly name: string;
  readonly first: readonly LoadRequest[];
  readonly later: readonly LoadRequest[];
}

async function allPages(url: string): Promise<Pages[]> {
  const request = (path: string): LoadRequest => ({ method: 'GET', path });
  return Promise.all(
    Object.entries(filters()).map(async ([name, queries]) => {
      const lists = await Promise.all(queries.map((query) => pagesOf(url, query)));
      return { name, first: lists.flatMap((paths) => paths.slice(0, 1)).map(request), later: lists.flatMap((paths) => paths.slice(1)).map(request) };
    }),
  );
}

/** What was timed, of which filter, and what failed. */
interface Timed {
  readonly of: Readonly<Record<string, hdr.Histogram>>;
  readonly whole: hdr.Histogram;
  errors: number;
}

/** Every first page once in each round, one at a time, and rounds so far apart that no cache has any of them any more. */
async function firstPages(url: string, pages: readonly Pages[], seconds: number, timed: Timed): Promise<void> {
  const connection = await openConnections(url, 1);
  for (let round = 0; round < Math.max(1, (seconds * 1_000) / COLD_MS); round += 1) {
    const begin = performance.now();
    for (const { name, first } of pages) {
      for (const request of first) {
        const before = performance.now();
        if ((await answerOn(connection, request)) !== 200) timed.errors += 1;
        for (const times of [timed.of[name], timed.whole]) if (times !== undefined) record(times, performance.now() - before);
      }
    }
    await delay(Math.max(0, COLD_MS - (performance.now() - begin)));
  }
  connection.close();
}

/** The pages that follow, which no cache ever has, filter by filter. */
async function laterPages(url: string, pages: readonly Pages[], seconds: number, { of, whole }: Timed): Promise<number> {
  const some = pages.filter(({ later }) => later.length > 0);
  let errors = 0;
  for (const { name, later } of some) {
    const addTo = of[name] ?? latencies();
    errors += (await closedLoop({ urls: [url], connections: CONNECTIONS, seconds: seconds / some.length, requests: later, addTo })).errors;
    whole.add(addTo);
  }
  return errors;
}

const prepare: Scenario['prepare'] = async ({ contender: { urls: [url] } }) => {
  const pages = await allPages(url);
  const empty = (): Timed => ({ of: Object.fromEntries(pages.map(({ name }) => [name, latencies()])), whole: latencies(), errors: 0 });
  const p99Of = ({ of }: Timed, kind: string) => Object.entries(of).filter(([, { totalCount }]) => totalCount > 0).map(([name, times]) => [`${name}${kind}: p99 ms`, at(times, 99)] as const);
  return async (seconds) => {
    const [first, later] = [empty(), empty()];
    const begin = performance.now();
    await firstPages(url, pages, seconds * COLD_SHARE, first);
    const errors = first.errors + (await laterPages(url, pages, seconds * (1 - COLD_SHARE), later));
    const length = (performance.now() - begin) / 1_000;
    const p99 = [...p99Of(first, ', first page'), ...p99Of(later, '')];
    const largest = Math.max(...p99.map(([, ms]) => ms));
    const figures = { 'slowest filter: p99 ms': largest, 'first pages, cold: p99 ms': at(first.whole, 99), 'later pages: p99 ms': at(later.whole, 99), ...Object.fromEntries(p99) };
    later.whole.add(first.whole);
    return { ...summary(later.whole, errors, length), figures };
  };
};

export const LISTS: readonly Scenario[] = [
  {
    name: 'lists',
    title: 'lists by each filter over a long history: first pages that no cache has, one at a time; the four pages after each, 4 connections',
    builds: ['product'],
    rounds: 1,
    seconds: 60,
    warmSeconds: 8,
    filled: true,
    prepare,
  },
];
