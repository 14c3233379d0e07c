import express, { type Express, type RequestHandler, type Router } from 'express';
import { type Health, type Logger, type Metrics, httpMetrics, opsRouter } from '@deptracker/runtime';
import { accessLog } from './http/access-log.js';
import { compress } from './http/compress.js';
import { corsFor } from './http/cors.js';
import { notFound } from './http/method-not-allowed.js';
import { problemHandler } from './http/problem.js';
import { requestId } from './http/request-id.js';
import { DATA_POLICY, PAGE_POLICY, securityHeaders } from './http/security-headers.js';
import type { RateLimits } from './limits/rate-limits.js';
import { API_MOUNTS } from './routes/api-mounts.js';
import { docsPage } from './routes/docs/page.js';

export interface AppOptions {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly limits: RateLimits;
  /** Sends requests away while too much is asked. */
  readonly shedding: RequestHandler;
  /** Proxies in front whose word for the client's address is taken. */
  readonly trustProxyHops: number;
  readonly corsOrigins: readonly string[];
  /** Reads its bodies itself and knows its full addresses. */
  readonly slack: Router;
  /** Likewise. */
  readonly jira: Router;
  readonly api: Router;
}

/** The order in which a request meets what it meets. */
export function createApp(options: AppOptions): Express {
  const { logger, metrics, health, limits, shedding, slack, jira, api } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', options.trustProxyHops);
  app.use(requestId);
  app.use(accessLog(logger));
  app.use(httpMetrics(metrics));
  app.use(securityHeaders(DATA_POLICY));
  app.use('/docs', securityHeaders(PAGE_POLICY));
  app.use(compress());
  // Before the limits: who watches must see also while somebody floods us.
  app.use(opsRouter({ health, metrics }));
  app.use(docsPage());
  // Before the limits: a page must be able to read a 429, and a preflight costs nothing.
  app.use('/api', corsFor(options.corsOrigins));
  app.use(limits.perClient);
  for (const mount of API_MOUNTS) app.use(mount, limits.perRoute);
  // Before the shedding: a person's click is never too much.
  app.use(slack);
  app.use(jira);
  for (const mount of API_MOUNTS) app.use(mount, shedding, api);
  app.use(notFound);
  app.use(problemHandler(logger));
  return app;
}
