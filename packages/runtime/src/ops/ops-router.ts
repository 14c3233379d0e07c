import { Router } from 'express';
import type { Metrics } from '../metrics/metrics.js';
import type { Health } from './health.js';

/** Where a request for the operators' pages gets its answers from. */
export interface OpsOptions {
  readonly health: Health;
  readonly metrics: Metrics;
}

/**
 * Routes `/health` (200, or 503 while a critical component is down), `/health/live` (always 200), `/health/ready`
 * (503 while draining or a critical component is down), `/health/detailed` (200, a row per component) and `/metrics`.
 */
export function opsRouter({ health, metrics }: OpsOptions): Router {
  const { service, version } = health;
  const router = Router();
  router.use(['/health', '/metrics'], (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.get('/health', async (_request, response) => {
    const { status, draining, components } = await health.report();
    const statuses = Object.fromEntries(components.map((one) => [one.component, one.status]));
    response.status(status === 'down' ? 503 : 200).json({ status, service, version, draining, components: statuses });
  });
  router.get('/health/live', (_request, response) => {
    response.json({ status: 'ok', service, version });
  });
  router.get('/health/ready', async (_request, response) => {
    const { ready, reason } = await health.ready();
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not_ready', service, reason });
  });
  router.get('/health/detailed', async (_request, response) => {
    const { status, draining, components } = await health.report();
    const uptimeSeconds = Math.round(process.uptime());
    response.json({ status, service, version, draining, uptimeSeconds, components });
  });
  router.get('/metrics', async (_request, response) => {
    response.set('Content-Type', metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return router;
}
