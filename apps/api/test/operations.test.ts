import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '@deptracker/store';
import { emptyTestDatabase, spawnProcess, startTcpProxy, type TcpProxy, testDatabase, waitFor } from '@deptracker/testkit';
import { asForm, clickPayload, signed } from './support/slack-stub.js';
import { NO_REDIS, type TestApi, caller, startTestApi, testEnv } from './support/start-test-api.js';

const SLACK_NOWHERE = 'http://127.0.0.1:1/api/';

describe('health', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.stop());

  it('is degraded without Redis and workers, and still ready and live', async () => {
    const { status, body } = await api.call('GET', '/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'degraded', components: { postgres: 'up', redis: 'down', 'jira-worker': 'down', jira: 'degraded' } });
    expect((await api.call('GET', '/health/ready')).status).toBe(200);
    expect((await api.call('GET', '/health/live')).status).toBe(200);
  });

  it('shows workers and vendors from what the workers wrote', async () => {
    const beat = (service: string, detail: object, age: number) =>
      api.database.query(`INSERT INTO heartbeats (instance, service, at, detail) VALUES ($1, $2, now() - make_interval(secs => $4), $3)`, [
        `${service}-1`, service, JSON.stringify(detail), age,
      ]);
    await beat('jira-worker', { vendor: 'jira', breaker: 'open' }, 0);
    await beat('slack-worker', { vendor: 'slack', breaker: 'closed' }, 0);
    await beat('metrics-cron', {}, 60);
    const rows = await waitFor(async () => {
      const { body } = await api.call('GET', '/health/detailed');
      const found = Object.fromEntries(body.components.map((row: { component: string }) => [row.component, row]));
      return found['jira-worker'].status === 'up' && found;
    });
    expect(rows['slack-worker']).toMatchObject({ status: 'up', details: { instances: 1 } });
    expect(rows['metrics-cron']).toMatchObject({ status: 'down', message: expect.stringMatching(/6\d s/) as string });
    expect(rows['jira']).toMatchObject({ status: 'down', details: { breaker: 'open' } });
    expect(rows['slack']).toMatchObject({ status: 'up', details: { breaker: 'closed' } });
    expect(rows['postgres'].details).toHaveProperty('max', 10);
    expect(rows['effects'].details).toHaveProperty('heldOrDead', 0);
  });

  it('has its figures in /metrics', async () => {
    const { id } = await api.create();
    await api.call('GET', `/api/deployments/${id}`);
    const { body } = await api.call('GET', '/metrics');
    for (const line of [
      /http_requests_total\{method="POST",route="\/api\/deployments",status="201"\} 1/,
      /http_requests_total\{method="GET",route="\/api\/deployments\/:id",status="200"\} 1/,
      /db_connections\{state="active"\} \d/,
      /group_commit_waiting 0/,
      /# TYPE effects_backlog gauge/,
      /# TYPE effects_oldest_due_seconds gauge/,
    ]) {
      expect(body).toMatch(line);
    }
  });
});

describe('while Postgres is away', () => {
  let proxy: TcpProxy;
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({}, async ({ url }) => {
      proxy = await startTcpProxy({ to: url });
      return proxy.url;
    });
  });
  afterAll(async () => {
    await api.stop();
    await proxy.stop();
  });

  it('says 503 with Retry-After, acknowledges no click, and recovers by itself', async () => {
    const { id } = await api.create();
    proxy.reset();
    const create = await api.call('POST', '/api/deployments', { project: 'p', environment: 'e', version: 'v' });
    expect([create.status, create.body.type, create.headers.get('retry-after')]).toEqual([503, '/problems/unavailable', '2']);
    expect(JSON.stringify(create.body)).not.toMatch(/ECONN|SELECT|127\.0\.0\.1/);
    expect((await api.call('GET', `/api/deployments/${id}`)).status).toBe(503);
    expect((await api.press(clickPayload({ deploymentId: id }))).status).toBe(503);
    expect((await waitFor(async () => { const health = await api.call('GET', '/health'); return health.status === 503 && health; })).body.status).toBe('down');
    expect((await api.call('GET', '/health/live')).status).toBe(200);
    expect((await api.call('GET', '/metrics')).status).toBe(200);
    proxy.pass();
    await waitFor(async () => (await api.call('GET', `/api/deployments/${id}`)).status === 200);
    expect((await api.press(clickPayload({ deploymentId: id }))).status).toBe(200);
  });
});

describe('the process', () => {
  const end = async (env: Record<string, string>) => {
    const app = await spawnProcess('api', env, { waitReady: false });
    const { code } = await app.exited;
    return { code, output: app.output() };
  };

  it('names every variable that is missing or wrong at once, and no secret', async () => {
    const { code, output } = await end({ DATABASE_URL: 'mysql://u:topsecret@h/d', DB_MAX_OPEN_CONNS: 'many', REDIS_POOL_SIZE: '5' });
    expect(code).toBe(1);
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_CHANNEL_ID', 'DB_MAX_OPEN_CONNS', 'REDIS_POOL_SIZE']) {
      expect(output).toContain(name);
    }
    expect(output).not.toContain('topsecret');
  });

  it('says in one sentence that the database cannot be reached', async () => {
    const { code, output } = await end(testEnv('postgres://u:topsecret@127.0.0.1:1/d', SLACK_NOWHERE));
    expect(code).toBe(1);
    expect(output.split('\n').filter((line) => line !== '')).toHaveLength(1);
    expect(output).toMatch(/^api: Postgres at 127\.0\.0\.1:1\/d cannot be used .*DATABASE_URL/);
    expect(output).not.toContain('topsecret');
  });

  it('says how to migrate a database that is behind', async () => {
    const empty = await emptyTestDatabase();
    try {
      const { code, output } = await end(testEnv(empty.url, SLACK_NOWHERE));
      expect([code, output]).toEqual([1, expect.stringContaining('make migrate-up')]);
    } finally {
      await empty.drop();
    }
  });

  it('says that its port is taken', async () => {
    const own = await testDatabase();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    try {
      const { code, output } = await end({ ...testEnv(own.url, SLACK_NOWHERE), PORT: String(port) });
      expect(code).toBe(1);
      expect(output).toContain(`Port ${port} on 127.0.0.1 is taken`);
    } finally {
      taken.close();
      await own.drop();
    }
  });

  it('runs on its own, logs a line per request, and finishes what runs when it is told to end', async () => {
    const own = await testDatabase();
    const { PORT: _port, ...env } = testEnv(own.url, SLACK_NOWHERE);
    const app = await spawnProcess('api', { ...env, LOG_LEVEL: 'info', REDIS_URL: NO_REDIS });
    const call = caller(app.url);
    const created = await call('POST', '/api/deployments', { project: 'p', environment: 'e', version: 'v' }, { 'x-request-id': 'r-1' });
    const line = await waitFor(() => app.logs().find((one) => one['request_id'] === 'r-1'));
    expect(line).toMatchObject({
      level: 'info', message: 'request', method: 'POST', path: '/api/deployments', status: 201,
      deployment_id: created.body.id, project: 'p', environment: 'e',
    });
    expect(line['duration_ms']).toBeTypeOf('number');
    const body = asForm(clickPayload({ deploymentId: created.body.id }));
    expect((await call('POST', '/api/slack/webhook', body, signed(body))).status).toBe(503);

    const posts = Array.from({ length: 100 }, (_, n) => call('POST', '/api/deployments', { project: 'p', environment: 'e', version: `v${n}` }));
    const first = await Promise.race(posts);
    const ended = app.stop();
    expect(first.status).toBe(201);
    const answers = await Promise.allSettled(posts);
    expect((await ended).code).toBe(0);
    const stored = answers.filter((one) => one.status === 'fulfilled' && one.value.status === 201).length;
    const database = createDatabase({ url: own.url, maxConnections: 1, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
    const [row] = await database.query<{ count: number }>('SELECT count(*)::int AS count FROM deployments');
    await database.close();
    expect(row?.count).toBe(stored + 1);
    expect(app.logs().filter((one) => one['message'] === 'shutdown step done').map((one) => one['step'])).toEqual([
      'not ready', 'stop accepting, finish requests', 'finish what runs beside', 'close the queues', 'close the pool',
    ]);
    await own.drop();
  });
});
