import type { Request, RequestHandler } from 'express';
import type { Metrics } from './metrics.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Nginx's status for a caller who went away before the answer; no standard one exists. */
export const CLIENT_CLOSED = 499;

const parts = (path: string): string[] => path.split('/').filter((part) => part !== '');

/**
 * The pattern of the route that matched, with what its router is mounted on. Express resets `baseUrl` before error
 * handlers run, so the mount is told from the address instead: it is the part that the pattern does not cover.
 */
export function routeOf(request: Request): string {
  const route = request.route as { readonly path?: unknown } | undefined;
  if (typeof route?.path !== 'string') return 'unmatched';
  if (/[*{]/.test(route.path)) return route.path;
  const own = parts(route.path);
  const all = parts(request.originalUrl.split('?', 1)[0] ?? '');
  const mount = all.slice(0, Math.max(0, all.length - own.length)).map((part) => part.toLowerCase());
  return `/${[...mount, ...own].join('/')}`;
}

/** Counts a request that is over. */
export type RequestMeter = (method: string, route: string, status: number, seconds: number) => void;

/**
 * Counts `http_requests_total{method,route,status}` and measures `http_request_duration_seconds{method,route}`. Routes
 * must be few: each makes a label.
 */
export function requestMeter(metrics: Metrics): RequestMeter {
  const requests = metrics.counter({
    name: 'http_requests_total',
    help: 'HTTP requests answered.',
    labelNames: ['method', 'route', 'status'],
  });
  const durations = metrics.histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from request to end of answer.',
    labelNames: ['method', 'route'],
    buckets: SECONDS,
  });
  return (method, route, status, seconds) => {
    requests.inc({ method, route, status });
    durations.observe({ method, route }, seconds);
  };
}

/**
 * Express middleware that counts and measures everything behind it. The route is its pattern, or `unmatched`; routers
 * must not be mounted on a path with parameters, which would each make a label. Status 499: the caller left.
 */
export function httpMetrics(metrics: Metrics): RequestHandler {
  const measure = requestMeter(metrics);
  return (request, response, next) => {
    const start = performance.now();
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : CLIENT_CLOSED;
      measure(request.method, routeOf(request), status, (performance.now() - start) / 1000);
    });
    next();
  };
}
