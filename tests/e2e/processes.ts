import { randomUUID } from 'node:crypto';

/** What one process of the product needs to start, without vendors and without Redis. */
export function lonely(databaseUrl: string, overrides: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    // Nobody listens there.
    REDIS_URL: 'redis://127.0.0.1:1',
    QUEUE_PREFIX: randomUUID(),
    LOG_LEVEL: 'info',
    // Many processes share a machine here.
    SHED_EVENT_LOOP_DELAY: '1m',
    RATE_LIMIT_PER_IP: '100000',
    SLACK_BOT_TOKEN: 'xoxb-test',
    SLACK_SIGNING_SECRET: 'test-signing-secret',
    SLACK_CHANNEL_ID: 'C0DEPLOYS',
    SLACK_TEAM_ID: 'T0SANDBOX',
    SLACK_API_URL: 'http://127.0.0.1:1/api/',
    JIRA_BASE_URL: 'http://127.0.0.1:1',
    JIRA_EMAIL: 'deptracker@example.com',
    JIRA_API_TOKEN: 'test-token',
    JIRA_PROJECT_KEY: 'OPS',
    ...overrides,
  };
}

export interface Reply {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly id: string | undefined;
  readonly ms: number;
}

/** Asks once; whoever gets no answer in ten seconds gave up. */
export async function ask(url: string, body?: object, key?: string): Promise<Reply> {
  const began = performance.now();
  const response = await fetch(url, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    signal: AbortSignal.timeout(10_000),
  });
  const { id } = (await response.json()) as { id?: string };
  return { status: response.status, retryAfter: response.headers.get('retry-after'), id, ms: performance.now() - began };
}

/** Posts a deployment with a key of its own. */
export const post = (api: string, key: string): Promise<Reply> =>
  ask(`${api}/api/deployments`, { project: 'user-service', environment: 'production', version: key, requestedBy: 'carol@example.com' }, key);
