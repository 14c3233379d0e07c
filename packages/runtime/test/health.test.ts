import {
  type Component,
  type ComponentResult,
  connectionLimits,
  createHealth,
  createMetrics,
  opsRouter,
  startOpsServer,
} from '@deptracker/runtime';
import express from 'express';
import request from 'supertest';
import { describe, expect, test } from 'vitest';

const LIMITS = connectionLimits({ KEEP_ALIVE_TIMEOUT: 65_000, HEADERS_TIMEOUT: 15_000, REQUEST_TIMEOUT: 30_000 });

const component = (name: string, critical: boolean, result: ComponentResult | Error): Component => ({
  name,
  critical,
  check: () => (result instanceof Error ? Promise.reject(result) : Promise.resolve(result)),
});

function appOf(components: readonly Component[], timeoutMs = 1000) {
  const health = createHealth({ service: 'api', version: '1.2.3', components, timeoutMs });
  const app = express().use(opsRouter({ health, metrics: createMetrics({ service: 'api' }) }));
  return { app, health };
}

const postgres = component('postgres', true, { status: 'up', details: { open: 3 } });
const noPostgres = component('postgres', true, new Error('connect refused by postgres://a:hunter2@db/x'));
const noRedis = component('redis', false, { status: 'down', message: 'connection lost' });

describe('/health', () => {
  test.each([
    ['ok', 200, [postgres]],
    ['degraded', 200, [postgres, noRedis]],
    ['degraded', 200, [component('jira', true, { status: 'degraded' })]],
    ['down', 503, [noPostgres, component('jira', false, { status: 'up' })]],
    ['ok', 200, []],
  ] as const)('is %s with %d', async (status, code, components) => {
    const { app } = appOf(components);
    const answer = await request(app).get('/health');
    expect(answer.status).toBe(code);
    expect(answer.body).toMatchObject({ status, service: 'api', version: '1.2.3' });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('names each component with its status', async () => {
    const answer = await request(appOf([postgres, noRedis]).app).get('/health');
    expect((answer.body as { components: unknown }).components).toEqual({ postgres: 'up', redis: 'down' });
  });
});

describe('/health/live', () => {
  test('is 200 whatever is down', async () => {
    await request(appOf([noPostgres]).app)
      .get('/health/live')
      .expect(200);
  });
});

describe('/health/ready', () => {
  test('depends on critical components only', async () => {
    await request(appOf([postgres, noRedis]).app)
      .get('/health/ready')
      .expect(200);
    const answer = await request(appOf([noPostgres]).app)
      .get('/health/ready')
      .expect(503);
    expect(answer.body).toMatchObject({ status: 'not_ready', reason: 'postgres down' });
  });

  test('is 503 for good once the process drains, while it still lives', async () => {
    const { app, health } = appOf([postgres]);
    await request(app).get('/health/ready').expect(200);
    health.beginDrain();
    const answer = await request(app).get('/health/ready').expect(503);
    expect(answer.body).toMatchObject({ reason: 'draining' });
    await request(app).get('/health/live').expect(200);
  });
});

describe('/health/detailed', () => {
  test('has a row per component, without secrets', async () => {
    const answer = await request(appOf([postgres, noPostgres]).app)
      .get('/health/detailed')
      .expect(200);
    const { components } = answer.body as { components: unknown[] };
    expect(components).toEqual([
      {
        component: 'postgres',
        critical: true,
        status: 'up',
        message: null,
        lastChecked: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        responseTimeMs: expect.any(Number) as number,
        details: { open: 3 },
      },
      expect.objectContaining({ status: 'down', message: 'connect refused by postgres://a:***@db/x' }),
    ]);
  });
});

describe('a check', () => {
  test('that does not answer in time counts as down, and its signal aborts', async () => {
    let aborted = false;
    const stuck: Component = {
      name: 'redis',
      critical: false,
      check: (signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => (aborted = true));
        }),
    };
    const report = await createHealth({ service: 'api', version: '1', components: [stuck], timeoutMs: 10 }).report();
    expect(report.components[0]).toMatchObject({ status: 'down', message: 'The check took longer than 10 ms' });
    expect(aborted).toBe(true);
  });

  test('runs once for all who ask while it runs and for a while after', async () => {
    let asked = 0;
    const counting: Component = {
      name: 'postgres',
      critical: true,
      check: () => Promise.resolve({ status: 'up', details: { asked: ++asked } }),
    };
    const options = { service: 'api', version: '1', components: [counting] };
    const health = createHealth({ ...options, cacheMs: 60_000 });
    await Promise.all([health.report(), health.ready(), health.report()]);
    await health.report();
    expect(asked).toBe(1);
    const eager = createHealth({ ...options, cacheMs: 0 });
    await eager.report();
    await eager.report();
    expect(asked).toBe(3);
  });
});

describe('startOpsServer', () => {
  test('serves the pages of a worker, counts requests and answers 404 for the rest', async () => {
    const metrics = createMetrics({ service: 'jira-worker' });
    const health = createHealth({ service: 'jira-worker', version: '1', components: [] });
    const server = await startOpsServer({
      host: '127.0.0.1',
      port: 0,
      router: opsRouter({ health, metrics }),
      metrics,
      limits: LIMITS,
    });
    const base = `http://127.0.0.1:${server.port}`;
    const missing = await fetch(`${base}/nothing`);
    expect([missing.status, missing.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
    await fetch(`${base}/health`);
    const answer = await fetch(`${base}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('http_requests_total{method="GET",route="/health",status="200"} 1');
    await server.close();
  });

  test('answers 500 without details where a page fails', async () => {
    const metrics = createMetrics({ service: 'jira-worker' });
    const router = express.Router().get('/metrics', () => {
      throw new Error('hunter2');
    });
    const server = await startOpsServer({ host: '127.0.0.1', port: 0, router, metrics, limits: LIMITS });
    const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    expect([answer.status, await answer.json()]).toEqual([
      500,
      { type: 'about:blank', title: 'Internal error', status: 500 },
    ]);
    await server.close();
  });
});
