import { createServer } from 'node:http';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { httpMetrics } from '../metrics/http-metrics.js';
import type { Metrics } from '../metrics/metrics.js';
import type { ConnectionLimits } from '../process/connection-limits.js';
import { closeServer, listen } from '../process/listen.js';

export interface OpsServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly router: Router;
  readonly metrics: Metrics;
  readonly limits: ConnectionLimits;
}

/** A server that listens. */
export interface OpsServer {
  readonly port: number;
  /** Ends idle connections at once and the others after their answers; resolves when none is left. */
  close(): Promise<void>;
}

function problem(response: Response, status: number, title: string): void {
  response.status(status).type('application/problem+json').json({ type: 'about:blank', title, status });
}

/** Serves the operators' pages of a process that has no other HTTP side. A taken port is a `StartupError`. */
export async function startOpsServer({ host, port, router, metrics, limits }: OpsServerOptions): Promise<OpsServer> {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(httpMetrics(metrics));
  app.use(router);
  app.use((_request: Request, response: Response) => problem(response, 404, 'Not found'));
  app.use((_error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(_error);
    else problem(response, 500, 'Internal error');
  });
  const server = createServer(limits, app);
  const bound = await listen(server, { host, port });
  return { port: bound.port, close: () => closeServer(server) };
}
