import {
  type Config,
  type Environment,
  apiConfig,
  commentConfig,
  databaseConfig,
  loadConfig,
  noticeConfig,
  processConfig,
  queueConfig,
  redisConfig,
  slackConfig,
  slackInConfig,
} from '@deptracker/runtime';

const FRAGMENTS = [
  processConfig(8080),
  databaseConfig,
  redisConfig,
  queueConfig,
  apiConfig,
  slackConfig,
  slackInConfig,
  // Whoever writes a notice says until when it waits for others.
  noticeConfig,
  // The default of a configuration is shown here and read by jira-worker.
  commentConfig,
] as const;

/** The variables of the API. */
export type ApiConfig = Config<typeof FRAGMENTS>;

/** Reads them; every mistake is in the one `ConfigError`. */
export function loadApiConfig(env: Environment): ApiConfig {
  return loadConfig(env, FRAGMENTS);
}
