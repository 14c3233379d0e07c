import type { Database } from '@deptracker/store';
import { type AppProcess, type TestDatabase, freePort, spawnProcess, testDatabase, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Deployer, open } from '../../../packages/application/test/support/deployer.js';
import { effectOf } from '../../../packages/application/test/support/effects.js';
import { slackEnv, startSurroundings } from './bench.js';

let surroundings: Awaited<ReturnType<typeof startSurroundings>>;
let own: TestDatabase;
let database: Database;
const processes: AppProcess[] = [];

beforeAll(async () => {
  [surroundings, own] = await Promise.all([startSurroundings(), testDatabase()]);
  database = open(own.url);
});

afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.stop()));
  await surroundings.sandbox.faults();
});

afterAll(async () => {
  await database.close();
  await own.drop();
  await surroundings.stop();
});

async function spawn(overrides: Record<string, string> = {}, waitReady = true): Promise<AppProcess> {
  const env = { ...slackEnv(own.url, surroundings), PORT: String(await freePort()), LOG_LEVEL: 'info', ...overrides };
  const one = await spawnProcess('slack-worker', env, { waitReady });
  processes.push(one);
  return one;
}

interface Row {
  readonly component: string;
  readonly status: string;
  readonly message: string | null;
  readonly details: Record<string, number>;
}

async function components(one: AppProcess): Promise<Record<string, Row>> {
  const { components: rows } = (await (await fetch(`${one.url}/health/detailed`)).json()) as { components: Row[] };
  return Object.fromEntries(rows.map((row) => [row.component, row]));
}

describe('slack-worker', () => {
  it('finishes the request that is under way when it gets SIGTERM, takes nothing new, and exits with 0', async () => {
    const one = await spawn({ SLACK_WORKERS: '1' });
    await surroundings.sandbox.faults({ method: 'slack.chat.postMessage', latencyMs: 700 });
    const deployer = new Deployer(database);
    const ids = [await deployer.create(), await deployer.create()];
    await waitFor(async () => (await surroundings.sandbox.calls('slack.chat.postMessage')) > 0, { what: 'the request' });
    expect(await one.stop()).toMatchObject({ code: 0, signal: null });
    const rows = await Promise.all(ids.map((id) => effectOf(database, id, 'slack.approval')));
    expect(rows.map(({ phase, sends }) => `${phase} ${sends}`).sort()).toEqual(['sent 1', 'unsent 0']);
    expect(await surroundings.sandbox.applied('message.posted')).toHaveLength(1);
  });

  it('shows its components and metrics', async () => {
    const one = await spawn();
    const deployer = new Deployer(database);
    const id = await deployer.create();
    await waitFor(async () => (await effectOf(database, id, 'slack.approval')).phase === 'sent');
    const rows = await waitFor(async () => {
      const seen = await components(one);
      return seen['redis']?.status === 'up' && seen;
    });
    expect(Object.keys(rows)).toEqual(['postgres', 'redis', 'slack', 'backlog']);
    expect(rows['slack']).toMatchObject({ status: 'up' });
    expect(rows['backlog']?.details).toMatchObject({ heldOrDead: 0, unknown: 0 });
    const text = await (await fetch(`${one.url}/metrics`)).text();
    for (const line of [
      /^db_connections\{state="idle"\} \d/m,
      /^# TYPE effects_backlog gauge$/m,
      /^effects_total\{kind="slack\.approval",outcome="sent"\} \d/m,
      /^external_calls_total\{vendor="slack",method="chat\.postMessage",outcome="\w+"\} \d/m,
      /^circuit_breaker_state\{vendor="slack"\} 0$/m,
      /^queue_waiting_jobs\{queue="slack"\} \d/m,
      /^queue_direct_mode\{queue="slack"\} 0$/m,
      /^http_requests_total\{method="GET",route="[^"]+",status="200"\} \d/m,
    ]) {
      expect(text).toMatch(line);
    }
  });

  it('shows what is held or dead as degraded, and is ready all the same', async () => {
    const one = await spawn({ SLACK_RETRY_ATTEMPTS: '1' });
    await surroundings.sandbox.faults({ method: 'slack.chat.postMessage', kind: 'error', error: 'is_archived' });
    const id = await new Deployer(database).create();
    await waitFor(async () => (await effectOf(database, id, 'slack.approval')).phase === 'dead');
    const rows = await waitFor(async () => {
      const seen = await components(one);
      return seen['backlog']?.status === 'degraded' && seen;
    });
    expect(rows['backlog']?.message).toMatch(/^1 .*held or dead/);
    expect((await fetch(`${one.url}/health/ready`)).status).toBe(200);
    await database.query('DELETE FROM effects WHERE deployment_id = $1', [id]);
  });

  it('whose token Slack does not take says so, uses up no attempt, and keeps the token to itself', async () => {
    const one = await spawn({ SLACK_BOT_TOKEN: 'xoxb-wrong' });
    const id = await new Deployer(database).create();
    const row = await waitFor(async () => {
      const seen = await effectOf(database, id, 'slack.approval');
      return seen.last_error !== null && seen;
    });
    expect(row).toMatchObject({ phase: 'unsent', attempts: 0, sends: 0 });
    expect(row.last_error).toMatch(/invalid_auth/);
    expect((await components(one))['slack']).toMatchObject({ status: 'degraded', message: expect.stringContaining('invalid_auth') });
    expect(one.output()).not.toContain('xoxb-wrong');
  });

  it('that lacks variables, or has wrong ones, names each with what to do', async () => {
    const one = await spawn({ SLACK_BOT_TOKEN: '', SLACK_API_URL: 'slack', SLACK_LOOKUP_DELAYS_S: '3,soon', REDIS_MIN_IDLE_CONNS: '1' }, false);
    expect((await one.exited).code).toBe(1);
    expect(one.output()).toMatch(/SLACK_BOT_TOKEN is not set; set it to/);
    expect(one.output()).toMatch(/SLACK_API_URL must be/);
    expect(one.output()).toMatch(/SLACK_LOOKUP_DELAYS_S must be/);
    expect(one.output()).toMatch(/REDIS_MIN_IDLE_CONNS .*remove it/);
  });
});
