import { type AppProcess, type TestDatabase, freePort, spawnProcess, testDatabase, waitFor } from '@deptracker/testkit';
import type { Database } from '@deptracker/store';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Deployer, open } from '../../../packages/application/test/support/deployer.js';
import { effectOf } from '../../../packages/application/test/support/effects.js';
import { jiraEnv, startSurroundings } from './bench.js';

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
  const env = { ...jiraEnv(own.url, surroundings), PORT: String(await freePort()), LOG_LEVEL: 'info', ...overrides };
  const one = await spawnProcess('jira-worker', env, { waitReady });
  processes.push(one);
  return one;
}

/** What a process prints that cannot start. */
async function refusal(overrides: Record<string, string>): Promise<string> {
  const one = await spawn(overrides, false);
  expect((await one.exited).code).toBe(1);
  return one.output();
}

interface Row {
  readonly component: string;
  readonly status: string;
  readonly message: string | null;
  readonly lastChecked: string;
  readonly responseTimeMs: number;
  readonly details: Record<string, number>;
}

const detailed = async (one: AppProcess): Promise<{ status: string; components: Row[] }> =>
  (await (await fetch(`${one.url}/health/detailed`)).json()) as { status: string; components: Row[] };

describe('jira-worker', () => {
  it('finishes the request that is under way when it gets SIGTERM, and exits with 0', async () => {
    const one = await spawn();
    await surroundings.sandbox.faults({ method: 'jira.createIssue', latencyMs: 700 });
    const before = await surroundings.sandbox.calls('jira.createIssue');
    const id = await new Deployer(database).create();
    await waitFor(async () => (await surroundings.sandbox.calls('jira.createIssue')) > before, { what: 'the request' });
    expect(await one.stop()).toMatchObject({ code: 0, signal: null });
    expect(await effectOf(database, id, 'jira.ticket')).toMatchObject({ phase: 'sent', sends: 1 });
    expect(await database.query('SELECT 1 FROM heartbeats')).toEqual([]);
    const steps = one.logs().flatMap(({ message, step }) => (message === 'shutdown step done' ? [step] : []));
    expect(steps).toEqual(['not ready', 'stop claiming, finish or release', 'heartbeat', 'close the server', 'close the pools']);
  });

  it('shows its components with figures', async () => {
    const one = await spawn();
    const health = await waitFor(async () => {
      const seen = await detailed(one);
      return seen.status === 'ok' && seen;
    });
    expect(health.components.map(({ component }) => component)).toEqual(['postgres', 'redis', 'jira', 'backlog']);
    for (const row of health.components) {
      expect(row).toMatchObject({ status: 'up', message: null });
      expect(Date.parse(row.lastChecked)).toBeGreaterThan(0);
      expect(row.responseTimeMs).toBeGreaterThanOrEqual(0);
    }
    const details = Object.fromEntries(health.components.map((row) => [row.component, row.details]));
    expect(details['postgres']).toMatchObject({ max: 10, waiting: 0 });
    expect(details['backlog']).toMatchObject({ due: 0, heldOrDead: 0, unknown: 0 });
    const [beat] = await database.query<{ service: string; detail: object }>('SELECT service, detail FROM heartbeats');
    expect(beat).toMatchObject({ service: 'jira-worker', detail: { vendor: 'jira', breaker: 'closed' } });
  });

  it('shows its metrics', async () => {
    const one = await spawn();
    const id = await new Deployer(database).create();
    await waitFor(async () => (await effectOf(database, id, 'jira.ticket')).phase === 'sent');
    await surroundings.sandbox.faults({ method: 'jira.*', kind: 'error', status: 503 });
    await new Deployer(database).create();
    const text = await waitFor(async () => {
      const seen = await (await fetch(`${one.url}/metrics`)).text();
      return seen.includes('effects_backlog{') && seen;
    });
    for (const line of [
      /^db_connections\{state="active"\} \d/m,
      /^db_connections\{state="idle"\} \d/m,
      /^effects_backlog\{target="jira",phase="\w+"\} 1$/m,
      /^effects_total\{kind="jira\.ticket",outcome="sent"\} 1$/m,
      /^external_calls_total\{vendor="jira",method="createIssue",outcome="\w+"\} 1$/m,
      /^external_call_duration_seconds_count\{vendor="jira",method="createIssue"\} \d/m,
      /^circuit_breaker_state\{vendor="jira"\} 0$/m,
      /^http_requests_total\{method="GET",route="[^"]+",status="200"\} \d/m,
      /^http_request_duration_seconds_count\{.*\} \d/m,
      /^process_cpu_seconds_total \d/m,
      /^deptracker_info\{service="jira-worker"\} 1$/m,
    ]) {
      expect(text).toMatch(line);
    }
  });

  it('says that Jira does not take its credentials, and goes on running', async () => {
    const one = await spawn({ JIRA_API_TOKEN: 'wrong-token' });
    const jira = await waitFor(
      async () => (await detailed(one)).components.find(({ component, status }) => component === 'jira' && status === 'degraded'),
      { what: 'health to say so' },
    );
    expect(jira.message).toMatch(/401/);
    expect((await fetch(`${one.url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${one.url}/health`)).status).toBe(200);
    expect(one.output()).not.toContain('wrong-token');
  });

  it('that lacks variables names each with what to do, and never a secret', async () => {
    const output = await refusal({ JIRA_BASE_URL: '', JIRA_EMAIL: 'nobody', JIRA_RATE_LIMIT: 'many' });
    expect(output.split('\n').filter((line) => line.includes('JIRA_'))).toHaveLength(3);
    expect(output).toMatch(/JIRA_BASE_URL is not set; set it to/);
    expect(output).toMatch(/JIRA_EMAIL must be an e-mail address/);
    expect(output).toMatch(/JIRA_RATE_LIMIT must be/);
    expect(output).not.toContain('right-token');
  });

  it('that cannot use its database, or whose port is taken, says so in one sentence', async () => {
    const away = await refusal({ DATABASE_URL: `postgres://somebody:hush@127.0.0.1:${await freePort()}/none` });
    expect(away).toMatch(/^jira-worker: Postgres at 127\.0\.0\.1:\d+\/none cannot be used .*DATABASE_URL.*$/);
    expect(away).not.toContain('hush');
    const one = await spawn();
    expect(await refusal({ PORT: String(one.port) })).toMatch(/^jira-worker: Port \d+ on 127\.0\.0\.1 is taken .*PORT.*$/);
  });

  it('that never reached Redis ends in order all the same', async () => {
    const one = await spawn({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
    const id = await new Deployer(database).create();
    await waitFor(async () => (await effectOf(database, id, 'jira.ticket')).phase === 'sent', { what: 'a delivery without Redis' });
    expect(await one.stop()).toMatchObject({ code: 0, signal: null });
    expect(one.logs().filter(({ level }) => level === 'error')).toEqual([]);
  });
});
