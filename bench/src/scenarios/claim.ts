import { type TcpProxy, startTcpProxy, waitFor } from '@deptracker/testkit';
import { latencies, record, summary } from '../load/latencies.js';
import { openLoop } from '../load/open-loop.js';
import { createRequests } from './requests.js';
import type { Scenario, Turn } from './scenario.js';

const PER_SECOND = 5;
const SETTLED_MS = 60_000;
/** An idle system: whoever has something to do is let do it at once. */
const NO_LIMITS = { JIRA_RATE_LIMIT: '600000', SLACK_RATE_LIMIT: '600000', SLACK_POST_RATE_LIMIT: '600000', SLACK_EDIT_RATE_LIMIT: '600000' };

/** From the create's transaction to the committed intent to send, which follows the claim: both on Postgres's clock. */
const WAITS = `SELECT (extract(epoch FROM first_sent_at - created_at) * 1000)::float8 AS ms FROM effects WHERE created_at >= $1 AND kind IN ('jira.ticket', 'slack.approval')`;

async function load({ contender: { urls, pool } }: Turn, seconds: number) {
  const { rows: [now] } = await pool.query<{ at: Date }>('SELECT now() AS at');
  const { errors } = await openLoop({ url: urls[0], connections: 4, perSecond: PER_SECOND, seconds, requests: createRequests() });
  const waits = await waitFor(
    async () => {
      const { rows } = await pool.query<{ ms: number | null }>(WAITS, [now?.at]);
      return rows.length > 0 && rows.every(({ ms }) => ms !== null) && rows.map(({ ms }) => ms ?? 0);
    },
    { timeoutMs: SETTLED_MS, what: 'every effect to be claimed' },
  );
  const times = latencies();
  for (const ms of waits) record(times, ms);
  return summary(times, errors, seconds);
}

/** Cuts the product off from Redis while the load runs. */
async function cutOff(turn: Turn, proxy: TcpProxy, seconds: number) {
  proxy.reset();
  try {
    return await load(turn, seconds);
  } finally {
    proxy.pass();
  }
}

export const CLAIM: readonly Scenario[] = [
  {
    name: 'claim',
    title: 'create → effect claimed, idle system',
    builds: ['product'],
    rounds: 2,
    product: { env: NO_LIMITS },
    prepare: async (turn) => (seconds) => load(turn, seconds),
  },
  {
    name: 'claim-no-redis',
    title: 'create → effect claimed, idle system, Redis away',
    builds: ['product'],
    rounds: 2,
    product: { env: NO_LIMITS },
    // Long enough for all to notice that Redis is gone.
    warmSeconds: 10,
    prepare: async (turn) => {
      const proxy = await startTcpProxy({ to: turn.ground.redis.url });
      turn.atEnd(() => proxy.stop());
      for (const name of ['api', 'jira-worker', 'slack-worker', 'metrics-cron']) await turn.contender.restart(name, { REDIS_URL: proxy.url });
      return (seconds) => cutOff(turn, proxy, seconds);
    },
  },
];
