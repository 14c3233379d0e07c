import { type Database, createDatabase } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { loadApiConfig } from '../../dist/api-config.js';
import { startApi } from '../../dist/compose.js';
import { assertDescribed } from './contract.js';
import { JIRA_SECRET, JIRA_SITE } from './jira-news.js';
import { CHANNEL, SIGNING_SECRET, type SlackStub, TEAM, asForm, signed, startSlackStub } from './slack-stub.js';

/** Nothing listens there: what needs Redis must do without. */
export const NO_REDIS = 'redis://127.0.0.1:1';

export interface Answer<B = Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: B;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are looked at field by field
export type Body = any;

export interface TestApi {
  readonly url: string;
  readonly database: Database;
  readonly slack: SlackStub;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a payload as Slack does. */
  press(payload: object, how?: { secret?: string; timestamp?: number }): Promise<Answer>;
  /** A deployment with these fields; any that is missing gets a value. */
  create(fields?: object): Promise<Body>;
  stop(): Promise<void>;
}

/** What every API in these tests is configured with. */
export function testEnv(databaseUrl: string, slackUrl: string): Record<string, string> {
  return {
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    REDIS_URL: NO_REDIS,
    // In place, but out of the way of tests that ask a lot.
    RATE_LIMIT_PER_IP: '100000',
    // The event loop is that of the tests, too.
    SHED_EVENT_LOOP_DELAY: '1m',
    SLACK_BOT_TOKEN: 'xoxb-test',
    SLACK_API_URL: slackUrl,
    SLACK_TEAM_ID: TEAM,
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_CHANNEL_ID: CHANNEL,
    JIRA_BASE_URL: JIRA_SITE,
    JIRA_WEBHOOK_SECRET: JIRA_SECRET,
  };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = (response.headers.get('content-type') ?? '').includes('json');
  return { status: response.status, headers: response.headers, body: json && text !== '' ? (JSON.parse(text)) : text };
}

/** The calls of one API, wherever it runs. Whatever it answers to an operation must be as the document describes it. */
export function caller(url: string): TestApi['call'] {
  return async (method, path, body, headers = {}) => {
    const raw = typeof body === 'string' || body === undefined;
    const answer = await read(
      await fetch(new URL(path, url), {
        method,
        headers: { ...(raw ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
      }),
    );
    assertDescribed(method, path, answer);
    return answer;
  };
}

const TRIES = 3;

/** Sends again what the API could not serve, as callers are asked to: a busy machine may keep a connection back for a second. */
export async function patiently(send: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await send();
    if (answer.body?.type !== '/problems/unavailable' || tries === TRIES) return answer;
  }
}

/** An API on a database of its own, with a stand-in for Slack and without Redis. */
export async function startTestApi(
  overrides: Record<string, string> = {},
  place: (database: TestDatabase) => Promise<string> | string = ({ url }) => url,
): Promise<TestApi> {
  const own = await testDatabase();
  const slack = await startSlackStub();
  const started = await startApi(loadApiConfig({ ...testEnv(await place(own), slack.url), ...overrides }));
  const url = `http://127.0.0.1:${started.port}`;
  const database = createDatabase({ url: own.url, maxConnections: 2, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
  const call = caller(url);
  return {
    url,
    database,
    slack,
    call,
    press: (payload, how) => {
      const body = asForm(payload);
      return call('POST', '/api/slack/webhook', body, signed(body, how));
    },
    create: async (fields = {}) => {
      const body = { project: 'user-service', environment: 'production', version: '1.2.3', ...fields };
      const answer = await patiently(() => call('POST', '/api/deployments', body));
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return answer.body;
    },
    stop: async () => {
      for (const step of started.steps) await step.run();
      await database.close();
      await slack.close();
      await own.drop();
    },
  };
}
