import express, { type Express, type Router } from 'express';
import { type Health, type Logger, type Metrics, httpMetrics, opsRouter } from '@deptracker/runtime';
import { accessLog } from './http/access-log.js';
import { notFound } from './http/method-not-allowed.js';
import { problemHandler } from './http/problem.js';
import { requestId } from './http/request-id.js';
import { API_MOUNTS } from './routes/api-routes.js';

export interface AppOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Reads its bodies itself and knows its full addresses. */
  readonly slack: Router;
  readonly api: Router;
}

/** The order in which a request meets what it meets. */
export function createApp({ logger, metrics, health, slack, api }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(requestId);
  app.use(accessLog(logger));
  app.use(httpMetrics(metrics));
  app.use(opsRouter({ health, metrics }));
  app.use(slack);
  for (const mount of API_MOUNTS) app.use(mount, api);
  app.use(notFound);
  app.use(problemHandler(logger));
  return app;
}
