import { EventEmitter, once } from 'node:events';
import { createServer, get } from 'node:http';
import { closeServer, createMetrics, httpMetrics, listen } from '@deptracker/runtime';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import request from 'supertest';
import { describe, expect, test } from 'vitest';

function exampleApp() {
  const metrics = createMetrics({ service: 'api' });
  const arrivals = new EventEmitter();
  const deployments = Router();
  deployments.get('/', (_request, response) => response.json([]));
  deployments.get('/:id/events', (_request, response) => response.json([]));
  deployments.get('/:id', () => {
    throw new Error('broken');
  });
  const app = express();
  app.use(httpMetrics(metrics));
  app.use('/api/deployments', deployments);
  app.get('/slow', (_request, response) => arrivals.emit('slow', response));
  app.get('/files/*path', (_request, response) => response.sendStatus(204));
  app.use((_error: Error, _request: Request, response: Response, _next: NextFunction) => response.sendStatus(503));
  const lines = async (): Promise<string[]> =>
    (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('http_requests_total'));
  return { app, metrics, arrivals, lines };
}

describe('httpMetrics', () => {
  test.each([
    ['/api/deployments', 'route="/api/deployments",status="200"'],
    ['/api/deployments/?limit=5', 'route="/api/deployments",status="200"'],
    ['/API/Deployments/7/events', 'route="/api/deployments/:id/events",status="200"'],
    ['/api/deployments/7', 'route="/api/deployments/:id",status="503"'],
    ['/files/a/b/c', 'route="/files/*path",status="204"'],
    ['/no/such/page', 'route="unmatched",status="404"'],
  ])('counts %s under the pattern of its route', async (path, labels) => {
    const { app, lines } = exampleApp();
    await request(app).get(path);
    expect(await lines()).toEqual([`http_requests_total{method="GET",${labels}} 1`]);
  });

  test('measures how long answers take', async () => {
    const { app, metrics } = exampleApp();
    await request(app).get('/api/deployments');
    expect(await metrics.registry.metrics()).toContain(
      'http_request_duration_seconds_count{method="GET",route="/api/deployments"} 1',
    );
  });

  test('counts a caller who left before the answer as 499', async () => {
    const { app, arrivals, lines } = exampleApp();
    const server = createServer(app);
    const { port } = await listen(server, { host: '127.0.0.1', port: 0 });
    const call = get({ host: '127.0.0.1', port, path: '/slow' });
    call.on('error', () => undefined);
    const [response] = (await once(arrivals, 'slow')) as [Response];
    const left = once(response, 'close');
    call.destroy();
    await left;
    await closeServer(server);
    expect(await lines()).toEqual(['http_requests_total{method="GET",route="/slow",status="499"} 1']);
  });
});

describe('createMetrics', () => {
  test('has the figures of the process and says which it is', async () => {
    const text = await createMetrics({ service: 'api' }).registry.metrics();
    expect(text).toContain('deptracker_info{service="api"} 1');
    expect(text).toContain('process_resident_memory_bytes');
  });

  test('gives the same metric for the same name, in a registry of its own', async () => {
    const metrics = createMetrics({ service: 'api' });
    const options = { name: 'effects_total', help: 'Effects.', labelNames: ['kind'] as const };
    metrics.counter(options).labels('jira').inc();
    metrics.counter(options).labels('jira').inc();
    metrics.gauge({ name: 'backlog', help: 'Backlog.' }).set(3);
    const text = await metrics.registry.metrics();
    expect(text).toContain('effects_total{kind="jira"} 2');
    expect(text).toContain('backlog 3');
    expect(await createMetrics({ service: 'other' }).registry.metrics()).not.toContain('effects_total');
  });
});
