import type { RequestListener } from 'node:http';
import express, { type Express, type RequestHandler, type Router } from 'express';
import { type Health, type Logger, type Metrics, opsRouter } from '@deptracker/runtime';
import { arrival } from './http/arrival.js';
import { compress } from './http/compress.js';
import { corsFor } from './http/cors.js';
import { notFound } from './http/method-not-allowed.js';
import { problemHandler } from './http/problem.js';
import { DATA_POLICY, PAGE_POLICY, securityHeaders, standingHeaders } from './http/security-headers.js';
import type { RateLimits } from './limits/rate-limits.js';
import { API_MOUNTS } from './routes/api-mounts.js';
import { docsPage } from './routes/docs/page.js';
import { asMiddleware, atOnce } from './straight/at-once.js';
import type { RouteTable } from './straight/route-table.js';
import { type Way, straight } from './straight/straight.js';

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
  /** What each operation of the API begins with. */
  readonly apiSteps: readonly RequestHandler[];
  /** Operations that need not go through Express's routers. */
  readonly table: RouteTable<Way>;
}

export interface App {
  readonly express: Express;
  /** The same, with the short way for what is in the table. */
  readonly listener: RequestListener;
}

/** The order in which a request meets what it meets. */
export function createApp(options: AppOptions): App {
  const { logger, metrics, health, limits, shedding, slack, jira, api, apiSteps, table } = options;
  const first = [arrival(logger, metrics), standingHeaders(DATA_POLICY), compress()];
  const cors = corsFor(options.corsOrigins);
  const problems = problemHandler(logger);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', options.trustProxyHops);
  app.use(asMiddleware(atOnce(...first)));
  app.use('/docs', securityHeaders(PAGE_POLICY));
  // Before the limits: who watches must see also while somebody floods us.
  app.use(opsRouter({ health, metrics }));
  app.use(docsPage());
  // Before the limits: a page must be able to read a 429, and a preflight costs nothing.
  app.use('/api', cors);
  app.use(limits.perClient);
  for (const mount of API_MOUNTS) app.use(mount, limits.perRoute);
  // Before the shedding: a person's click is never too much.
  app.use(slack);
  app.use(jira);
  for (const mount of API_MOUNTS) app.use(mount, asMiddleware(atOnce(shedding, ...apiSteps)), api);
  app.use(notFound);
  app.use(problems);
  const listener = straight({
    app,
    table,
    arrive: atOnce(...first, cors),
    limit: limits.straight,
    admit: atOnce(shedding, ...apiSteps),
    problems,
  });
  return { express: app, listener };
}
