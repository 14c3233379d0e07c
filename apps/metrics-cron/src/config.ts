import { wrongDefaults } from '@deptracker/domain';
import {
  ConfigError,
  type Environment,
  databaseConfig,
  loadConfig,
  metricsConfig,
  processConfig,
  queueConfig,
  redisConfig,
  noticeConfig,
} from '@deptracker/runtime';
import { scheduleMistake } from './schedule.js';

const SCHEDULES = ['METRICS_SCHEDULE', 'LIMITS_SCHEDULE', 'ROLLUPS_SCHEDULE', 'CLEANUP_SCHEDULE'] as const;

/** Reads what metrics-cron needs; throws `ConfigError`, also for a schedule that is formed well and means nothing. */
export function loadMetricsCronConfig(env: Environment) {
  const config = loadConfig(env, [
    processConfig(8083),
    databaseConfig,
    redisConfig,
    queueConfig,
    metricsConfig,
    // What expires owes notices too, and they wait for others as those of the API do.
    noticeConfig,
  ]);
  const mistakes = [
    ...SCHEDULES.map((name) => scheduleMistake(name, config[name])).filter((one) => one !== null),
    ...wrongDefaults({ 'slack.digest-window': config.SLACK_DIGEST_WINDOW / 1000 }),
  ];
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config;
}

export type MetricsCronConfig = ReturnType<typeof loadMetricsCronConfig>;
