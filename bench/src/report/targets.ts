/** One thing to reach, and the scenario that says whether it is. */
export interface Target {
  readonly what: string;
  readonly scenario: string;
  /** Deployments of the long history for which it holds; what was measured with another number is shown, too, and said. */
  readonly rows?: number;
  /** One of `COMMON` in figures.ts, or one of the scenario's own. */
  readonly figure: string;
  /** The product's own figure, or how many times the baseline's it is. */
  readonly as: 'value' | 'ratio';
  readonly unit?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

type Limit = Pick<Target, 'atLeast' | 'atMost' | 'rows'>;

const TEN_MILLION = { rows: 10_000_000 } as const;

const ratio = (what: string, scenario: string, atLeast: number): Target => ({ what, scenario, figure: 'perSecond', as: 'ratio', unit: '×', atLeast });
const value = (what: string, scenario: string, figure: string, unit: string, limit: Limit): Target => ({ what, scenario, figure, as: 'value', unit, ...limit });

/** p50, p95 and p99 in milliseconds. */
function latency(what: string, scenario: string, [p50, p95, p99]: readonly [number, number, number]): Target[] {
  return ([['p50', p50], ['p95', p95], ['p99', p99]] as const).map(([figure, atMost]) => value(`${what}: ${figure}`, scenario, figure, 'ms', { atMost }));
}

/** What is to be reached on two cores that the generator, Postgres and Redis share. */
export const TARGETS: readonly Target[] = [
  ratio('creates at saturation, 64 connections', 'create-64', 8),
  value('creates at saturation, 64 connections', 'create-64', 'perSecond', '/s', { atLeast: 7_000 }),
  ratio('creates at saturation, 1,000 connections', 'create-1000', 8),
  value('creates at saturation, 1,000 connections', 'create-1000', 'perSecond', '/s', { atLeast: 7_000 }),
  ...latency('creates, 4,800/s offered over 1,000 connections', 'create-4800', [6, 25, 80]),
  ...latency('creates, 1,200/s offered over 1,000 connections', 'create-1200', [2, 6, 20]),
  ...latency('the same for five minutes', 'create-1200-long', [2, 6, 20]),
  value('the same for five minutes: errors', 'create-1200-long', 'errors', '', { atMost: 0 }),
  value('the same for five minutes: memory of the API', 'create-1200-long', 'apiMb', 'MB', { atMost: 100 }),
  value('the same for five minutes: database connections', 'create-1200-long', 'connections', '', { atMost: 20 }),
  value('the same for five minutes: Redis', 'create-1200-long', 'redisMb', 'MB', { atMost: 50 }),
  value('an hour of mixed load: errors', 'soak', 'errors', '', { atMost: 0 }),
  value('the same: memory in the last quarter over the second, of the process that grew most', 'soak', 'growth', '×', { atMost: 1.05 }),
  ratio('get by id, repeated', 'get', 8),
  value('get by id, repeated', 'get', 'perSecond', '/s', { atLeast: 15_000 }),
  ratio('get by id with If-None-Match', 'get-304', 8),
  value('get by id with If-None-Match', 'get-304', 'perSecond', '/s', { atLeast: 15_000 }),
  value('get by id, repeated, two processes', 'get-two', 'perSecond', '/s', { atLeast: 28_000 }),
  value('first read beside one SELECT', 'get-first', 'read / SELECT', '×', { atMost: 2 }),
  ratio('list, first page, repeated', 'list', 6),
  value('list, first page, right after a create: p99', 'list-cold', 'p99', 'ms', { atMost: 20 }),
  value('lists at 10 million deployments, every filter and page: p99', 'lists', 'p99', 'ms', { atMost: 20, ...TEN_MILLION }),
  value('the same, the slowest filter and kind of page: p99', 'lists', 'slowest filter: p99 ms', 'ms', { atMost: 20, ...TEN_MILLION }),
  value('10,000 idle and 1,000 active connections: errors', 'connections', 'errors', '', { atMost: 0 }),
  value('10,000 idle and 1,000 active connections: lost', 'connections', 'idle connections lost', '', { atMost: 0 }),
  value('10,000 idle connections: each, over bare Node', 'connections', 'KB over bare Node', 'KB', { atMost: 10 }),
  value('click → decision committed → answered: p99', 'click', 'p99', 'ms', { atMost: 100 }),
  value('click → message edited, with 500 creates/s: p99', 'click', 'edited: p99 ms', 'ms', { atMost: 1_000 }),
  value('create answered → effect claimed: p99', 'claim', 'p99', 'ms', { atMost: 50 }),
  value('create answered → effect claimed, without Redis: p99', 'claim-no-redis', 'p99', 'ms', { atMost: 1_100 }),
  value('backlog of 100,000 effects, per worker process', 'drain', 'slower worker: effects/s', '/s', { atLeast: 500 }),
  value('the same: memory in the second half over the first, at most', 'drain', 'memory, second half / first', '×', { atMost: 1.1 }),
  value('SLA and other tasks at 10 million deployments: longest run', 'tasks', 'longest run ms', 'ms', { atMost: 2_000, ...TEN_MILLION }),
  value('figures (GET /stats) at 10 million deployments: longest', 'stats', 'max', 'ms', { atMost: 2_000, ...TEN_MILLION }),
  value('API process, start to ready', 'start', 'p50', 'ms', { atMost: 700 }),
];
