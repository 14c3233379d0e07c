import {
  VERSION,
  type ProcessContext,
  type FailpointSetting,
  type Started,
  armFailpoints,
  type ConnectionVariables,
  connectionLimits,
  createHealth,
  createLogger,
  createMetrics,
  opsRouter,
  startOpsServer,
  type Logger,
  type Metrics,
} from '@deptracker/runtime';
import { type Scope, type Vendor, type VendorName, createRateGate, createRedis, createVendor } from '@deptracker/resilience';
import { type Database, type PoolVariables, countBacklog, observeBacklog, observePool, openPool } from '@deptracker/store';
import { type CredentialCheck, startCredentialCheck } from './credential-check.js';
import { startHeartbeat } from './heartbeat.js';
import { windowFor } from './queue.js';
import type { Gatherer, Reconciler } from './reconciler.js';
import type { Patience } from './settle.js';
import { type Worker, type WorkerState, startWorker } from './worker.js';
import { workerComponents } from './worker-components.js';

/** The variables that every worker takes, whatever its vendor. */
export interface WorkerConfig extends PoolVariables, ConnectionVariables {
  readonly PORT: number;
  readonly HOST: string;
  readonly LOG_LEVEL: Parameters<typeof createLogger>[0]['level'];
  readonly SHUTDOWN_TIMEOUT: number;
  readonly WATCHDOG_TIMEOUT: number;
  readonly INSTANCE_ID: string;
  readonly FAILPOINTS: FailpointSetting | undefined;
  readonly REDIS_URL: string;
  readonly QUEUE_WINDOW: number;
  readonly QUEUE_PREFIX: string;
  readonly CIRCUIT_BREAKER_INTERVAL: number;
  readonly CIRCUIT_BREAKER_MAX_REQUESTS: number;
  readonly CIRCUIT_BREAKER_TIMEOUT: number;
  readonly LEASE_MS: number;
}

export interface WorkerContext {
  readonly database: Database;
  readonly vendor: Vendor;
  readonly logger: Logger;
}

export interface WorkerProcessOptions {
  readonly service: string;
  readonly target: VendorName;
  readonly config: WorkerConfig;
  /** Requests per minute of the whole fleet, and how many processes share them while Redis is away. */
  readonly limitPerMinute: number;
  readonly maxReplicas: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly patience: Patience;
  /** A harmless read: the breaker's trial and the check of the credentials. */
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
  readonly probeScopes: readonly Scope[];
  readonly reconcilers: (context: WorkerContext) => Readonly<Record<string, Reconciler | Gatherer>>;
}

const IDLE: WorkerState = { redis: 'unknown', running: 0, lastProgressAt: new Date(0) };

function openVendor(options: WorkerProcessOptions, metrics: Metrics, logger: Logger): { vendor: Vendor; close(): void } {
  const { config, target } = options;
  const redis = createRedis(config.REDIS_URL, (error) => logger.warn('redis is away', { error: error.message }));
  const gate = createRateGate({
    name: target,
    prefix: config.QUEUE_PREFIX,
    redis: () => redis,
    maxReplicas: options.maxReplicas,
    logger,
  });
  const vendor = createVendor({
    name: target,
    gate,
    breaker: {
      intervalMs: config.CIRCUIT_BREAKER_INTERVAL,
      leastSample: config.CIRCUIT_BREAKER_MAX_REQUESTS,
      openMs: config.CIRCUIT_BREAKER_TIMEOUT,
    },
    timeoutMs: options.timeoutMs,
    probe: options.probe,
    probeScopes: options.probeScopes,
    metrics: metrics.registry,
    logger,
  });
  return { vendor, close: () => redis.disconnect() };
}

/**
 * A worker from start to end: pool, gate and breaker, the queue's consumer, heartbeat, health and metrics. An app adds
 * its vendor's client and one reconciler per kind of effect.
 */
export async function startWorkerProcess(options: WorkerProcessOptions, context: ProcessContext): Promise<Started> {
  const { config, service, target } = options;
  const logger = createLogger({ level: config.LOG_LEVEL, service, instance: config.INSTANCE_ID });
  armFailpoints(config.FAILPOINTS, logger);
  const metrics = createMetrics({ service });
  // First, so that the gate's connection stands by the time that somebody asks for a permit.
  const outside = openVendor(options, metrics, logger);
  const database = await openPool(config, service, logger);
  const { vendor } = outside;
  observePool(metrics, database);
  observeBacklog(metrics, async () => (await countBacklog(database)).filter((row) => row.target === target));
  let worker: Worker | null = null;
  const state = (): WorkerState => worker?.state() ?? IDLE;
  let credentials: CredentialCheck | null = null;
  const refused = (): string | null => credentials?.refused() ?? null;
  const components = workerComponents({ target, database, vendor, state, refused });
  const health = createHealth({ service, version: VERSION, components });
  // The port first: a process that cannot serve its health must not claim anything.
  const server = await startOpsServer({
    host: config.HOST,
    port: config.PORT,
    router: opsRouter({ health, metrics }),
    metrics,
    limits: connectionLimits(config),
  });
  worker = startWorker({
    target,
    database,
    vendor,
    reconcilers: options.reconcilers({ database, vendor, logger }),
    patience: options.patience,
    leaseMs: config.LEASE_MS,
    timeoutMs: options.timeoutMs,
    redisUrl: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    concurrency: options.concurrency,
    window: windowFor(options.limitPerMinute, config.QUEUE_WINDOW, options.concurrency),
    queueMs: config.QUEUE_WINDOW,
    registry: metrics.registry,
    logger,
    alive: context.watch(config.WATCHDOG_TIMEOUT),
    onStuck: (reason) => context.fail(new Error(reason)),
  });
  credentials = startCredentialCheck({ ...options, vendor, maxWaitMs: options.timeoutMs, logger });
  const heartbeat = startHeartbeat({
    database,
    service,
    instance: config.INSTANCE_ID,
    logger,
    detail: () => ({ vendor: target, refused: refused(), ...vendor.state(), ...state() }),
  });
  logger.info('ready', { port: server.port });
  return {
    logger,
    shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT,
    steps: [
      { name: 'not ready', run: () => Promise.resolve(health.beginDrain()) },
      { name: 'stop claiming, finish or release', run: async () => worker?.stop(0.6 * config.SHUTDOWN_TIMEOUT) },
      {
        name: 'heartbeat',
        run: async () => {
          await Promise.all([credentials?.stop(), heartbeat.stop()]);
        },
      },
      { name: 'close the server', run: () => server.close() },
      {
        name: 'close the pools',
        run: async () => {
          outside.close();
          await database.close();
        },
      },
    ],
  };
}
