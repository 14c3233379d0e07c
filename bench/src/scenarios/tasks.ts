import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLoop } from '../load/open-loop.js';
import { closedLoop } from '../load/closed-loop.js';
import { latencies, record, summary } from '../load/latencies.js';
import { ask, createRequests } from './requests.js';
import type { Scenario } from './scenario.js';

const CREATES_PER_SECOND = 50;
const OFTEN = '*/2 * * * * *';
const SCHEDULES = { METRICS_SCHEDULE: OFTEN, ROLLUPS_SCHEDULE: OFTEN, LIMITS_SCHEDULE: OFTEN, CLEANUP_SCHEDULE: OFTEN };
const NAMES = ['sla', 'rollups', 'limits', 'clean-up'] as const;
const DAY_MS = 86_400_000;

interface Line {
  readonly task?: string;
  readonly duration_ms?: number;
  readonly error?: string;
}

function linesOf(file: string): Line[] {
  return readFileSync(file, 'utf8').split('\n').filter((line) => line.includes('"duration_ms"')).map((line) => JSON.parse(line) as Line);
}

/** Milliseconds of the longest run of each task, and of the longest of all. */
function longest(lines: readonly Line[]): Record<string, number> {
  const each = NAMES.map((task) => [`${task}: longest ms`, Math.max(0, ...lines.filter((line) => line.task === task).map((line) => line.duration_ms ?? 0))] as const);
  return { 'longest run ms': Math.max(...each.map(([, ms]) => ms)), ...Object.fromEntries(each) };
}

export const TASKS: readonly Scenario[] = [
  {
    name: 'tasks',
    title: 'runs of metrics-cron every two seconds over a long history, with 50 creates/s',
    builds: ['product'],
    rounds: 1,
    seconds: 40,
    warmSeconds: 10,
    filled: true,
    prepare: async ({ contender, folder }) => {
      const log = join(folder, 'metrics-cron.log');
      await contender.restart('metrics-cron', { ...SCHEDULES, LOG_LEVEL: 'debug' }, log);
      let seen = 0;
      return async (seconds) => {
        await openLoop({ url: contender.urls[0], connections: 8, perSecond: CREATES_PER_SECOND, seconds, requests: createRequests() });
        const lines = linesOf(log);
        const runs = lines.slice(seen);
        seen = lines.length;
        const times = latencies();
        for (const { duration_ms } of runs) record(times, duration_ms ?? 0);
        return { ...summary(times, runs.filter(({ error }) => error !== undefined).length, seconds), figures: longest(runs) };
      };
    },
  },
  {
    name: 'stats',
    title: 'figures of the last 30 days, of the queue and of what runs where, over a long history, 4 connections',
    builds: ['product'],
    rounds: 2,
    filled: true,
    prepare: async ({ contender: { urls } }) => {
      const paths = [`/api/stats?from=${new Date(Date.now() - 30 * DAY_MS).toISOString()}`, '/api/stats/queue', '/api/stats/environments?environment=production'];
      const requests = paths.map((path) => ({ method: 'GET', path }) as const);
      for (const request of requests) await ask(urls[0], request);
      return (seconds) => closedLoop({ urls, connections: 4, seconds, requests });
    },
  },
];
