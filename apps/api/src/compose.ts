import { createServer } from 'node:http';
import type { Router } from 'express';
import { type ChangeOptions, createCreateDeployment, createLinkedDeployments } from '@deptracker/application';
import type { Policy } from '@deptracker/domain';
import { type Offers, createOffers } from '@deptracker/reconcile';
import { type TokenBuckets, createDirectVendor, createRedis, createTokenBuckets } from '@deptracker/resilience';
import {
  type Metrics,
  type RootLogger,
  type Started,
  VERSION,
  armFailpoints,
  closeServer,
  createHealth,
  createLogger,
  createMetrics,
  listen,
} from '@deptracker/runtime';
import { type SlackClient, createSlackClient } from '@deptracker/slack';
import {
  type ChangeFeed,
  type Database,
  type NewDeployment,
  type Written,
  countBacklog,
  createChangeFeed,
  createDeployments,
  createGroupCommit,
  findDeployments,
  listHeartbeats,
  openPool,
} from '@deptracker/store';
import type { ApiConfig } from './api-config.js';
import { type Background, createBackground } from './background.js';
import { cachedFor } from './cached-for.js';
import { createApp } from './create-app.js';
import { apiComponents } from './health/components.js';
import { observe } from './health/observe.js';
import { bornPrototypes } from './http/born-prototypes.js';
import { jsonBody } from './http/body.js';
import { checkedRules } from './limits/known-routes.js';
import { createRateLimits } from './limits/rate-limits.js';
import { logFault } from './http/problem.js';
import { openApiDocument } from './openapi/document.js';
import { DESCRIPTIONS, apiRoutes } from './routes/api-routes.js';
import { createWaitingRoom } from './routes/gate/waiting-room.js';
import { slackRoutes } from './routes/slack/routes.js';
import { createWorkspace } from './routes/slack/workspace.js';

const SERVICE = 'api';

/** A batch per writer; beyond so many waiting creates the caller is sent away. */
const GROUP_COMMIT = { writers: 2, maxBatch: 128, maxWaiting: 4_000 } as const;

/** A person waits for what is asked of Slack here. */
const SLACK_MS = 1_500;

/** Idle connections outlive a load balancer's (60 s), so that it never sends into one that we are closing. */
const CONNECTIONS = { keepAliveTimeout: 65_000, headersTimeout: 15_000, requestTimeout: 30_000 } as const;

/** At the end idle connections stay for so long, so that a load balancer finds out by an answer and not by a reset. */
const LINGER_MS = 1_000;

/** Who waits at a gate learns of a decision within so many milliseconds, also while no notice arrives. */
const GATE_POLL_MS = 2_000;

const HEARTBEATS_MS = 1_000;
const BACKLOG_MS = 5_000;

interface Parts {
  readonly config: ApiConfig;
  readonly logger: RootLogger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly changes: ChangeFeed;
  readonly offers: Offers;
  readonly buckets: TokenBuckets & { close(): void };
  readonly slack: SlackClient;
  readonly background: Background;
}

function defaultPolicy(config: ApiConfig): Policy {
  return {
    revision: 0,
    approvalsRequired: config.DEFAULT_APPROVALS_REQUIRED,
    eligible: null,
    requesterMayApprove: false,
    approvalTtlSeconds: Math.ceil(config.DEFAULT_APPROVAL_TTL / 1000),
    timeoutSeconds: Math.ceil(config.DEFAULT_DEPLOYMENT_TIMEOUT / 1000),
  };
}

/** On a connection of its own, because the queues' may wait for an answer and this one may not. */
function openBuckets(config: ApiConfig, logger: RootLogger): Parts['buckets'] {
  const redis = createRedis(config.REDIS_URL, (error) => logger.warn('redis is away', { error: error.message }));
  const buckets = createTokenBuckets({ prefix: config.QUEUE_PREFIX, redis: () => redis, logger });
  return { take: (...of) => buckets.take(...of), alone: () => buckets.alone(), close: () => redis.disconnect() };
}

async function openParts(config: ApiConfig): Promise<Parts> {
  const logger = createLogger({ level: config.LOG_LEVEL, service: SERVICE, instance: config.INSTANCE_ID });
  armFailpoints(config.FAILPOINTS, logger);
  const metrics = createMetrics({ service: SERVICE });
  const database = await openPool(config, SERVICE, logger);
  const changes = createChangeFeed({
    url: config.DATABASE_URL,
    name: `${SERVICE}-changes`,
    onLost: (error) => logger.warn('changes are not heard of', { error: error.message }),
  });
  const { QUEUE_WINDOW: queueMs, QUEUE_PREFIX: prefix, REDIS_URL: redisUrl } = config;
  const offers = createOffers({ redisUrl, prefix, queueMs, logger });
  const vendor = createDirectVendor({ name: 'slack', timeoutMs: SLACK_MS, metrics: metrics.registry });
  const account = { token: config.SLACK_BOT_TOKEN, apiUrl: config.SLACK_API_URL };
  // The limit is the workers' affair: what a person waits for passes the gate by.
  const slack = createSlackClient({ ...account, vendor, scopes: () => [] });
  const buckets = openBuckets(config, logger);
  return { config, logger, metrics, database, changes, offers, buckets, slack, background: createBackground(logger) };
}

function composeRoutes({ config, logger, database, changes, offers, slack, background }: Parts) {
  const writer = createGroupCommit<NewDeployment, Written>({
    ...GROUP_COMMIT,
    write: (batch) => createDeployments(database, batch),
  });
  const queueMs = (): ReturnType<Offers['queueMs']> => offers.queueMs();
  const change: ChangeOptions = { database, noticeDelayMs: config.SLACK_DIGEST_WINDOW, queueMs };
  const idempotencyTtlSeconds = Math.ceil(config.IDEMPOTENCY_TTL / 1000);
  const create = createCreateDeployment({
    ...change,
    write: (item) => writer.write(item),
    defaultPolicy: defaultPolicy(config),
    channelId: config.SLACK_CHANNEL_ID,
    idempotencyTtlSeconds,
  });
  const linked = createLinkedDeployments({ database, idempotencyTtlSeconds, create });
  const gates = createWaitingRoom({
    read: (ids) => findDeployments(database, ids),
    changes,
    maxWaiting: config.GATE_MAX_WAITING,
    pollMs: GATE_POLL_MS,
  });
  const workspace = createWorkspace(config.SLACK_TEAM_ID, slack);
  const signingSecret = config.SLACK_SIGNING_SECRET;
  const document = JSON.stringify(openApiDocument(DESCRIPTIONS));
  return {
    api: apiRoutes({
      database,
      create,
      linked,
      change,
      gates,
      offers,
      jsonBody: jsonBody(config.BODY_LIMIT),
      largeJsonBody: jsonBody(config.BATCH_BODY_LIMIT),
      document,
      logFault: (response, error) => logFault(logger, response, error),
    }),
    gates,
    slack: slackRoutes({ database, change, offers, slack, background, signingSecret, workspace, logger }),
    workspace,
    waiting: () => writer.waiting(),
  };
}

/** How callers are met before any route is; a limit for a route that there is not is a `ConfigError`. */
function composeFront({ config, logger, metrics, buckets }: Parts, routers: readonly Router[]) {
  const trustProxyHops = config.TRUST_PROXY_HOPS;
  const perRoute = checkedRules(config.RATE_LIMIT_ROUTES, routers);
  const perClient = config.RATE_LIMIT_PER_IP;
  const limits = createRateLimits({ perClient, perRoute, trustProxyHops, buckets, logger, metrics });
  return { limits, trustProxyHops, corsOrigins: config.CORS_ORIGINS };
}

/** Wires the API and starts it; a database that cannot be used or a taken port is a `StartupError`. */
export async function startApi(config: ApiConfig): Promise<Started & { readonly port: number }> {
  const parts = await openParts(config);
  const { logger, metrics, database, changes, offers, buckets, background } = parts;
  const { api, gates, slack, workspace, waiting } = composeRoutes(parts);
  const backlog = cachedFor(BACKLOG_MS, () => countBacklog(database));
  const heartbeats = cachedFor(HEARTBEATS_MS, () => listHeartbeats(database));
  observe({ metrics, database, backlog, waiting, gates, changes });
  const components = apiComponents({ database, changes, offers, heartbeats, backlog });
  const health = createHealth({ service: SERVICE, version: VERSION, components });
  const app = createApp({ logger, metrics, health, ...composeFront(parts, [slack, api]), slack, api });
  const server = createServer({ ...bornPrototypes(app), ...CONNECTIONS }, app);
  const { port } = await listen(server, { host: config.HOST, port: config.PORT });
  background.run('asking Slack for our workspace', workspace);
  logger.info('ready', { port });
  return {
    logger,
    port,
    shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT,
    steps: [
      { name: 'not ready', run: async () => { health.beginDrain(); gates.drain(); } },
      { name: 'stop accepting, finish requests', run: () => closeServer(server, 0.6 * config.SHUTDOWN_TIMEOUT, LINGER_MS) },
      { name: 'finish what runs beside', run: () => background.settle() },
      { name: 'close the queues', run: () => offers.close().finally(() => buckets.close()) },
      { name: 'close the pool', run: async () => { await Promise.all([changes.close(), database.close()]); } },
    ],
  };
}
