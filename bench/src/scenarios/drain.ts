import { waitFor } from '@deptracker/testkit';
import { rssMegabytes } from '../ground/use.js';
import { ask, createRequest } from './requests.js';
import type { Scenario, Turn } from './scenario.js';

const LONGEST_MS = 1_800_000;
const WORKERS = ['jira-worker', 'slack-worker'] as const;
const AT_ONCE = '64';
const NO_LIMITS = {
  JIRA_RATE_LIMIT: '6000000', SLACK_RATE_LIMIT: '6000000', SLACK_POST_RATE_LIMIT: '6000000', SLACK_EDIT_RATE_LIMIT: '6000000',
  JIRA_WORKERS: AT_ONCE, SLACK_WORKERS: AT_ONCE,
};

/** Owes so many: one deployment made through the API as the model, its rows copied under new ids. */
async function owe({ contender: { urls, pool }, count }: Turn): Promise<void> {
  const { id } = await ask<{ id: string }>(urls[0], createRequest(0));
  const columns = async (table: string, changed: readonly string[]): Promise<string> => {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT quote_ident(attname) AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`, [table]);
    return rows.map(({ name }) => name).filter((name) => !changed.includes(name)).join(', ');
  };
  // Ids of the model's own millisecond, so that they are ordered by time as real ones are.
  const newId = (of: string): string =>
    `(substr(${of}::text, 1, 15) || substr(md5(${of}::text || n), 1, 3) || '-8' || substr(md5(${of}::text || n), 4, 3) || '-' || substr(md5(${of}::text || n), 7, 12))::uuid`;
  const copies = Math.ceil(count / 2);
  for (const [table, own] of [['deployments', 'id'], ['events', 'deployment_id'], ['effects', 'deployment_id']] as const) {
    const changed = table === 'deployments' ? ['id'] : ['id', 'deployment_id'];
    const rest = await columns(table, changed);
    await pool.query(
      `INSERT INTO ${table} (${changed.join(', ')}, ${rest}) SELECT ${changed.map(newId).join(', ')}, ${rest}
       FROM ${table} CROSS JOIN generate_series(1, ${copies}) AS n WHERE ${own} = $1`, [id]);
  }
  await pool.query('UPDATE effects SET queued_until = NULL, next_attempt_at = now()');
  await pool.query('ANALYZE deployments, effects');
}

interface Left {
  readonly due: number;
  /** An answer got lost, and what was sent is looked for: minutes apart, since nobody knows when the other side shows it. */
  readonly lost: number;
}

async function left({ contender: { pool } }: Turn, target: string): Promise<Left> {
  const { rows } = await pool.query<Left>(
    `SELECT count(*) FILTER (WHERE phase <> 'unknown')::int AS due, count(*) FILTER (WHERE phase = 'unknown')::int AS lost
     FROM effects WHERE target = $1 AND next_attempt_at IS NOT NULL`, [target]);
  return rows[0] ?? { due: 0, lost: 0 };
}

interface Drained {
  readonly perSecond: number;
  readonly lost: number;
  /** The most memory in the second half of the time over that in the first: 1 where it is flat. */
  readonly growth: number;
}

/** How one worker process fares that has all of its kind to itself. */
async function drained(turn: Turn, worker: (typeof WORKERS)[number]): Promise<Drained> {
  const target = worker === 'jira-worker' ? 'jira' : 'slack';
  const owed = (await left(turn, target)).due;
  const begin = performance.now();
  await turn.contender.restart(worker, {});
  const pid = turn.contender.processes.find(({ name }) => name === worker)?.pid ?? 0;
  const memory: number[] = [];
  const empty = async (): Promise<boolean> => {
    memory.push(rssMegabytes(pid));
    return (await left(turn, target)).due === 0;
  };
  await waitFor(empty, { timeoutMs: LONGEST_MS, intervalMs: 250, what: `${worker} to drain` });
  const seconds = (performance.now() - begin) / 1_000;
  const { lost } = await left(turn, target);
  const half = Math.ceil(memory.length / 2);
  return { perSecond: (owed - lost) / seconds, lost, growth: Math.max(...memory.slice(half)) / Math.max(...memory.slice(0, half)) };
}

export const DRAIN: readonly Scenario[] = [
  {
    name: 'drain',
    title: 'backlog of due effects, one jira-worker and one slack-worker after the other, each answer after 20 ms, no rate limit',
    builds: ['product'],
    rounds: 1,
    warmSeconds: 0,
    count: 100_000,
    product: { env: NO_LIMITS, without: WORKERS },
    prepare: async (turn) => {
      await owe(turn);
      return async () => {
        const begin = performance.now();
        const jira = await drained(turn, 'jira-worker');
        const slack = await drained(turn, 'slack-worker');
        const seconds = (performance.now() - begin) / 1_000;
        const figures = {
          'jira-worker: effects/s': jira.perSecond,
          'slack-worker: effects/s': slack.perSecond,
          'slower worker: effects/s': Math.min(jira.perSecond, slack.perSecond),
          'memory, second half / first': Math.max(jira.growth, slack.growth),
        };
        return { perSecond: turn.count / seconds, p50: 0, p95: 0, p99: 0, max: 0, requests: turn.count, errors: jira.lost + slack.lost, figures };
      };
    },
  },
];
