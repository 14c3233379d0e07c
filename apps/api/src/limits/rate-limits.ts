import { rateLimit } from 'express-rate-limit';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { TokenBuckets } from '@deptracker/resilience';
import type { Counter, Logger, Metrics, RouteLimit } from '@deptracker/runtime';
import { HttpRefusal } from '../http/http-refusal.js';
import { API_MOUNTS } from '../routes/api-mounts.js';
import { BucketStore } from './bucket-store.js';
import { type KeyOf, clientKeys } from './client-key.js';
import { straightLimit } from './straight-limit.js';

export interface RateLimitOptions {
  /** Requests per minute from one client; 0 sets no limit. */
  readonly perClient: number;
  /** With paths below the API's mount. */
  readonly perRoute: readonly RouteLimit[];
  readonly trustProxyHops: number;
  readonly buckets: TokenBuckets;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface RateLimits {
  /** Counts every request of a client but those of signed webhooks. */
  readonly perClient: RequestHandler;
  /** The same for requests that go straight. */
  readonly straight: RequestHandler;
  /** Counts a client's requests to single routes. To be mounted at each of the API's mounts. */
  readonly perRoute: RequestHandler;
}

interface Limit {
  readonly name: string;
  readonly perMinute: number;
  /** To complete "One address may send so many requests a minute". */
  readonly to: string;
  readonly skip?: (request: Request) => boolean;
}

const WINDOW_MS = 60_000;

/**
 * Vendors call from few addresses for everybody, do not come back after a 429, and prove who they are by a signature,
 * which is checked before anything else is done. Only a rule for the route limits them.
 */
const WEBHOOKS: ReadonlySet<string> = new Set(API_MOUNTS.flatMap((mount) => [`${mount}/slack/webhook`, `${mount}/jira/webhook`]));
// Only what looks like one is parsed.
const isWebhook = (request: Request): boolean => request.method === 'POST' && request.url.includes('webhook') && WEBHOOKS.has(request.path);

const pass: RequestHandler = (_request, _response, next) => next();

function refusal({ to, perMinute }: Limit, response: Response): HttpRefusal {
  const seconds = Number(response.getHeader('Retry-After'));
  return new HttpRefusal('rate-limited', `One address may send ${perMinute} requests a minute${to}; try again in ${seconds} s.`);
}

function limiter({ buckets, logger }: RateLimitOptions, keyOf: KeyOf, refused: Counter<'limit'>): (limit: Limit) => RequestHandler {
  return (limit) =>
    rateLimit({
      windowMs: WINDOW_MS,
      limit: limit.perMinute,
      identifier: limit.name,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      keyGenerator: keyOf,
      store: new BucketStore(buckets, `${limit.name}:`, limit.perMinute),
      ...(limit.skip === undefined ? {} : { skip: limit.skip }),
      handler: (_request, response, next) => {
        refused.labels(limit.name).inc();
        next(refusal(limit, response));
      },
      logger: {
        warn: (message: unknown) => logger.warn('rate limits', { error: String(message) }),
        error: (message: unknown) => logger.warn('rate limits', { error: String(message) }),
      },
    });
}

function routeLimits(rules: readonly RouteLimit[], limited: (limit: Limit) => RequestHandler): RequestHandler {
  if (rules.length === 0) return pass;
  const router = Router();
  for (const { method, path, perMinute } of rules) {
    const name = `${method} /api${path}`;
    const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
    router[verb](path, limited({ name, perMinute, to: ` to ${name}` }));
  }
  // A router answers OPTIONS by itself, and knows only what is limited.
  return (request, response, next) => (request.method === 'OPTIONS' ? next() : router(request, response, next));
}

/** The limits on what comes from outside, shared by all replicas. */
export function createRateLimits(options: RateLimitOptions): RateLimits {
  const { metrics, buckets, perClient, perRoute, logger, trustProxyHops } = options;
  const keyOf = clientKeys(logger, trustProxyHops);
  const refused = metrics.counter({
    name: 'rate_limited_requests_total',
    help: 'Requests that were refused with 429.',
    labelNames: ['limit'],
  });
  metrics.gauge({
    name: 'rate_limit_alone',
    help: '1 while this process counts on its own, because Redis is away.',
    collect() {
      this.set(buckets.alone() ? 1 : 0);
    },
  });
  const limited = limiter(options, keyOf, refused);
  const client = { name: 'client', perMinute: perClient, to: '', skip: isWebhook };
  const refuse = (response: Response): HttpRefusal => {
    refused.labels(client.name).inc();
    return refusal(client, response);
  };
  return {
    perClient: perClient === 0 ? pass : limited(client),
    straight: perClient === 0 ? pass : straightLimit({ ...client, buckets, keyOf, refuse }),
    perRoute: routeLimits(perRoute, limited),
  };
}
