import { createConfigurations, noticeDelayOf } from '@deptracker/application';
import { createOffers, startHeartbeat } from '@deptracker/reconcile';
import {
  type Logger,
  type Metrics,
  type ProcessContext,
  type Started,
  VERSION,
  armFailpoints,
  connectionLimits,
  createHealth,
  createLogger,
  createMetrics,
  opsRouter,
  startOpsServer,
} from '@deptracker/runtime';
import { type Database, type SlaTargets, observePool, openPool, registerTask } from '@deptracker/store';
import { metricsCronComponents } from './components.js';
import type { MetricsCronConfig } from './config.js';
import { nextRun } from './schedule.js';
import { type Scheduler, startScheduler } from './scheduler.js';
import { registerSlaGauges } from './sla-gauges.js';
import type { Task } from './task.js';
import { createTaskRunner } from './task-runner.js';
import { cleanUpTask } from './tasks/clean-up.js';
import { type LimitsTaskOptions, limitsTask } from './tasks/limits.js';
import { partitionsTask } from './tasks/partitions.js';
import { rollupsTask } from './tasks/rollups.js';
import { slaTask } from './tasks/sla.js';

const SERVICE = 'metrics-cron';

interface Parts {
  readonly config: MetricsCronConfig;
  readonly database: Database;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const targetsOf = (config: MetricsCronConfig): SlaTargets => ({
  ticket: config.SLA_TARGET_TICKET / 1000,
  message: config.SLA_TARGET_MESSAGE / 1000,
  decision: config.SLA_TARGET_DECISION / 1000,
  completion: config.SLA_TARGET_COMPLETION / 1000,
});

/** A change of what can be set while everything runs holds here after so many milliseconds. */
const SETTINGS_MAX_AGE_MS = 2_000;

function noticeDelay({ config, database, logger }: Parts): () => Promise<number> {
  const defaults = { 'slack.digest-window': config.SLACK_DIGEST_WINDOW / 1000 };
  return noticeDelayOf(createConfigurations({ database, defaults, maxAgeMs: SETTINGS_MAX_AGE_MS, logger }));
}

function tasksOf(parts: Parts, offers: LimitsTaskOptions['offers']): Task[] {
  const { config, database, metrics, logger } = parts;
  const removed = metrics.counter({ name: 'cleanup_rows_total', help: 'Rows removed by clean-up', labelNames: ['what'] });
  return [
    slaTask({ database, schedule: config.METRICS_SCHEDULE, targets: targetsOf(config), lookbackMs: config.SLA_LOOKBACK }),
    limitsTask({ database, schedule: config.LIMITS_SCHEDULE, noticeDelayMs: noticeDelay(parts), offers, logger }),
    rollupsTask({ database, schedule: config.ROLLUPS_SCHEDULE }),
    partitionsTask({ database, schedule: config.PARTITIONS_SCHEDULE, deploymentRetentionMs: config.DEPLOYMENT_RETENTION, logger }),
    cleanUpTask({
      database,
      schedule: config.CLEANUP_SCHEDULE,
      dedupeRetentionMs: config.DEDUPE_RETENTION,
      noticeRetentionMs: config.NOTICE_RETENTION,
      deploymentRetentionMs: config.DEPLOYMENT_RETENTION,
      removed,
      logger,
    }),
  ];
}

/** The pool and the SLA figures, read when somebody scrapes. */
function observe({ config, database, metrics, logger }: Parts): void {
  observePool(metrics, database);
  registerSlaGauges({ database, metrics, logger, targets: targetsOf(config), lookbackMs: config.SLA_LOOKBACK });
}

/** Starts metrics-cron: pool, operators' pages, the tasks with their schedules, their queue and the heartbeat. */
export async function startMetricsCron(config: MetricsCronConfig, context: ProcessContext): Promise<Started> {
  const logger = createLogger({ level: config.LOG_LEVEL, service: SERVICE, instance: config.INSTANCE_ID });
  armFailpoints(config.FAILPOINTS, logger);
  const metrics = createMetrics({ service: SERVICE });
  const database = await openPool(config, SERVICE, logger);
  const parts: Parts = { config, database, metrics, logger };
  observe(parts);
  let scheduler: Scheduler | null = null;
  const state: Scheduler['state'] = () => scheduler?.state() ?? { redis: 'down', running: [] };
  const health = createHealth({ service: SERVICE, version: VERSION, components: metricsCronComponents(database, state) });
  // The port first: a process that cannot serve its health must not claim anything.
  const server = await startOpsServer({
    host: config.HOST,
    port: config.PORT,
    router: opsRouter({ health, metrics }),
    metrics,
    limits: connectionLimits(config),
  });
  const redis = { redisUrl: config.REDIS_URL, prefix: config.QUEUE_PREFIX, logger };
  const offers = createOffers({ ...redis, queueMs: config.QUEUE_WINDOW });
  const tasks = tasksOf(parts, offers);
  for (const task of tasks) await registerTask(database, task, (now) => nextRun(task.schedule, now));
  context.signal.throwIfAborted();
  const runner = createTaskRunner({ database, tasks, metrics, logger });
  scheduler = startScheduler({
    ...redis,
    database,
    runner,
    names: tasks.map(({ name }) => name),
    alive: context.watch(config.WATCHDOG_TIMEOUT),
  });
  const heartbeat = startHeartbeat({ database, service: SERVICE, instance: config.INSTANCE_ID, logger, detail: () => ({ ...state() }) });
  logger.info('ready', { port: server.port });
  return {
    logger,
    shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT,
    steps: [
      { name: 'not ready', run: () => Promise.resolve(health.beginDrain()) },
      { name: 'stop claiming, finish or release', run: async () => scheduler?.stop(0.6 * config.SHUTDOWN_TIMEOUT) },
      { name: 'close the producers', run: () => offers.close() },
      { name: 'heartbeat', run: () => heartbeat.stop() },
      { name: 'close the server', run: () => server.close() },
      { name: 'close the pool', run: () => database.close() },
    ],
  };
}
