import { createServer } from 'node:http';
import type { Router } from 'express';
import { type ChangeOptions, createCreateDeployment, createGround, createKnown, createLinkedDeployments } from '@deptracker/application';
import { type Offers, createOffers } from '@deptracker/reconcile';
import { type TokenBuckets, createDirectVendor, createRedis, createSharedTexts, createTokenBuckets } from '@deptracker/resilience';
import {
  type Metrics,
  type RootLogger,
  type Started,
  VERSION,
  armFailpoints,
  closeServer,
  connectionLimits,
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
  type Reader,
  type SecondLevel,
  type Written,
  countBacklog,
  createChangeFeed,
  createDeployments,
  createFresh,
  createGatheredReads,
  createGroupCommit,
  findDeployments,
  findShownDeployments,
  listHeartbeats,
  openPool,
  openReader,
  readTemplates,
  replicaComponents,
} from '@deptracker/store';
import { createTemplateReader } from '@deptracker/views';
import { type ApiConfig, jiraSite } from './api-config.js';
import { type Background, createBackground } from './background.js';
import { cachedFor } from './cached-for.js';
import { createApp } from './create-app.js';
import { FIRST_PAGE_MS, createFirstPages } from './first-pages.js';
import { apiComponents } from './health/components.js';
import { observe } from './health/observe.js';
import { eventLoopDelay, loadShedding } from './http/load-shedding.js';
import { bornPrototypes } from './http/born-prototypes.js';
import { jsonBody } from './http/body.js';
import { checkedRules } from './limits/known-routes.js';
import { createRateLimits } from './limits/rate-limits.js';
import { logFault } from './http/problem.js';
import { once } from './once.js';
import { openApiDocument } from './openapi/document.js';
import { API_STEPS, DESCRIPTIONS, apiRoutes, apiTable } from './routes/api-routes.js';
import { createWaitingRoom } from './routes/gate/waiting-room.js';
import type { RouteOptions } from './routes/route-options.js';
import { createHomePublisher } from './routes/slack/home.js';
import { jiraRoutes } from './routes/jira/routes.js';
import { slackRoutes } from './routes/slack/routes.js';
import { createWorkspace } from './routes/slack/workspace.js';
import { configurationDefaults, createSettings } from './settings.js';

const SERVICE = 'api';

/** A batch per writer; beyond so many waiting creates the caller is sent away. */
const GROUP_COMMIT = { writers: 3, beside: 24, share: 24, maxBatch: 128, maxWaiting: 4_000 } as const;

/** The same for reads of single deployments. */
const GATHERED_READS = { readers: 2, maxBatch: 128, maxWaiting: 4_000 } as const;

/** A person waits for what is asked of Slack here. */
const SLACK_MS = 1_500;

/** At the end idle connections stay for so long, so that a load balancer finds out by an answer and not by a reset. */
const LINGER_MS = 1_000;

/** Who waits at a gate learns of a decision within so many milliseconds, also while no notice arrives. */
const GATE_POLL_MS = 2_000;

/** Settings are in force everywhere within so many milliseconds, also while no notice arrives. */
const SETTINGS_MS = 2_000;

const HEARTBEATS_MS = 1_000;
const BACKLOG_MS = 5_000;

interface Parts {
  readonly config: ApiConfig;
  readonly logger: RootLogger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly reader: Reader;
  readonly changes: ChangeFeed;
  readonly offers: Offers;
  readonly redis: { readonly buckets: TokenBuckets; readonly texts: SecondLevel; close(): void };
  readonly slack: SlackClient;
  readonly background: Background;
}

/** What requests need of Redis: on a connection of its own, because the queues' may wait for an answer and this one may not. */
function openRedis({ REDIS_URL: url, QUEUE_PREFIX: prefix }: ApiConfig, logger: RootLogger): Parts['redis'] {
  const connection = createRedis(url, (error) => logger.warn('redis is away', { error: error.message }));
  const redis = (): typeof connection => connection;
  return {
    buckets: createTokenBuckets({ prefix, redis, logger }),
    // Another version may show things otherwise.
    texts: createSharedTexts({ prefix: `${prefix}:cache:${VERSION}`, ttlMs: FIRST_PAGE_MS, redis }),
    close: () => connection.disconnect(),
  };
}

async function openParts(config: ApiConfig): Promise<Parts> {
  const logger = createLogger({ level: config.LOG_LEVEL, service: SERVICE, instance: config.INSTANCE_ID });
  armFailpoints(config.FAILPOINTS, logger);
  const metrics = createMetrics({ service: SERVICE });
  const database = await openPool(config, SERVICE, logger);
  const reader = openReader(config, { primary: database, metrics, logger, service: SERVICE });
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
  const redis = openRedis(config, logger);
  return { config, logger, metrics, database, reader, changes, offers, redis, slack, background: createBackground(logger) };
}

function composeRoutes({ config, logger, metrics, database, reader, changes, offers, redis, slack, background }: Parts) {
  const writer = createGroupCommit<NewDeployment, Written>({
    ...GROUP_COMMIT,
    write: (batch) => createDeployments(database, batch),
  });
  const queueMs = (): ReturnType<Offers['queueMs']> => offers.queueMs();
  const settings = createSettings({ defaults: configurationDefaults(config), database, changes, logger });
  const change: ChangeOptions = { database, noticeDelayMs: settings.noticeDelayMs, queueMs };
  const idempotencyTtlSeconds = Math.ceil(config.IDEMPOTENCY_TTL / 1000);
  const { defaults, channel } = settings.forGround;
  const known = createKnown(changes);
  const create = createCreateDeployment({
    ...change,
    write: (item) => writer.write(item),
    ground: createGround({ database, defaults, channel, known }),
    idempotencyTtlSeconds,
  });
  const linked = createLinkedDeployments({ database, idempotencyTtlSeconds, create });
  const shown = createGatheredReads({ ...GATHERED_READS, read: (ids) => findShownDeployments(database, ids) });
  const firstPages = createFirstPages({ changes: [database, changes], second: redis.texts, metrics });
  const gates = createWaitingRoom({
    read: (ids) => findDeployments(database, ids),
    changes,
    maxWaiting: config.GATE_MAX_WAITING,
    pollMs: GATE_POLL_MS,
  });
  const templates = createFresh({
    read: createTemplateReader({
      read: (known) => readTemplates(database, known),
      onUnusable: ({ id, purpose, project }, mistakes) =>
        logger.warn('a template is not usable', { template_id: id, purpose, project, mistakes }),
    }),
    maxAgeMs: SETTINGS_MS,
    changes,
    kinds: ['template'],
  });
  const workspace = createWorkspace(config.SLACK_TEAM_ID, slack);
  const home = createHomePublisher({ database, slack, background });
  const signingSecret = config.SLACK_SIGNING_SECRET;
  const routeOptions: RouteOptions = {
    database,
    shown,
    reader,
    firstPages,
    create,
    linked,
    change,
    defaults,
    known,
    idempotencyTtlSeconds,
    gates,
    offers,
    templates,
    settings,
    jsonBody: jsonBody(config.BODY_LIMIT),
    largeJsonBody: jsonBody(config.BATCH_BODY_LIMIT),
    document: once(async () => JSON.stringify(await openApiDocument(DESCRIPTIONS))),
    logFault: (response, error) => logFault(logger, response, error),
  };
  return {
    routeOptions,
    api: apiRoutes(routeOptions),
    gates,
    jira: jiraRoutes({ database, secret: config.JIRA_WEBHOOK_SECRET ?? null, site: jiraSite(config) }),
    slack: slackRoutes({ database, change, offers, slack, background, home, signingSecret, workspace, logger }),
    workspace,
    waiting: () => writer.waiting(),
  };
}

/** How callers are met before any route is; a limit for a route that there is not is a `ConfigError`. */
function composeFront({ config, logger, metrics, database, redis: { buckets } }: Parts, routers: readonly Router[]) {
  const trustProxyHops = config.TRUST_PROXY_HOPS;
  const perRoute = checkedRules(config.RATE_LIMIT_ROUTES, routers);
  const perClient = config.RATE_LIMIT_PER_IP;
  const limits = createRateLimits({ perClient, perRoute, trustProxyHops, buckets, logger, metrics });
  const loop = eventLoopDelay();
  const pressures = [
    { name: 'event_loop', now: loop.now, limit: config.SHED_EVENT_LOOP_DELAY },
    { name: 'pool', now: () => database.stats().waiting, limit: config.SHED_POOL_WAITING },
  ];
  const shed = metrics.counter({ name: 'http_shed_total', help: 'Requests sent away because too much was asked', labelNames: ['pressure'] });
  const shedding = loadShedding(pressures, shed);
  return { front: { limits, shedding, trustProxyHops, corsOrigins: config.CORS_ORIGINS }, perRoute, loop };
}

/** Wires the API and starts it; a database that cannot be used or a taken port is a `StartupError`. */
export async function startApi(config: ApiConfig): Promise<Started & { readonly port: number }> {
  const parts = await openParts(config);
  const { logger, metrics, database, reader, changes, offers, redis, background } = parts;
  const { routeOptions, api, gates, slack, jira, workspace, waiting } = composeRoutes(parts);
  const backlog = cachedFor(BACKLOG_MS, () => countBacklog(database));
  const heartbeats = cachedFor(HEARTBEATS_MS, () => listHeartbeats(database));
  observe({ metrics, database, backlog, waiting, gates, changes });
  const components = [...apiComponents({ database, changes, offers, heartbeats, backlog }), ...replicaComponents(reader)];
  const health = createHealth({ service: SERVICE, version: VERSION, components });
  const { front, perRoute, loop } = composeFront(parts, [slack, jira, api]);
  const table = apiTable(routeOptions, perRoute);
  const app = createApp({ logger, metrics, health, ...front, slack, jira, api, apiSteps: API_STEPS, table });
  const server = createServer({ ...bornPrototypes(app.express), ...connectionLimits(config) }, app.listener);
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
      { name: 'finish what runs beside', run: () => background.settle().finally(() => loop.close()) },
      { name: 'close the queues', run: () => offers.close().finally(() => redis.close()) },
      { name: 'close the pool', run: async () => { await Promise.all([changes.close(), reader.close(), database.close()]); } },
    ],
  };
}
