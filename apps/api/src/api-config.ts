import {
  type Config,
  ConfigError,
  type Environment,
  apiConfig,
  commentConfig,
  databaseConfig,
  jiraInConfig,
  jiraOptionalBaseConfig,
  jiraSiteConfig,
  loadConfig,
  noticeConfig,
  processConfig,
  queueConfig,
  readConfig,
  redisConfig,
  slackConfig,
  slackInConfig,
} from '@deptracker/runtime';

const FRAGMENTS = [
  processConfig(8080),
  databaseConfig,
  readConfig,
  redisConfig,
  queueConfig,
  apiConfig,
  slackConfig,
  slackInConfig,
  jiraOptionalBaseConfig,
  jiraSiteConfig,
  jiraInConfig,
  // Whoever writes a notice says until when it waits for others.
  noticeConfig,
  // The default of a configuration is shown here and read by jira-worker.
  commentConfig,
] as const;

/** The variables of the API. */
export type ApiConfig = Config<typeof FRAGMENTS>;

/** Reads them; every mistake is in the one `ConfigError`. */
export function loadApiConfig(env: Environment): ApiConfig {
  const config = loadConfig(env, FRAGMENTS);
  if (config.JIRA_WEBHOOK_SECRET !== undefined && jiraSite(config) === null) {
    throw new ConfigError(['JIRA_WEBHOOK_SECRET is set but JIRA_BASE_URL is not, so nobody could tell whose Jira calls; set it too.']);
  }
  return config;
}

/** The one Jira site that we listen to; null where none is known. */
export function jiraSite(config: Pick<ApiConfig, 'JIRA_SITE_URL' | 'JIRA_BASE_URL'>): string | null {
  return config.JIRA_SITE_URL ?? config.JIRA_BASE_URL ?? null;
}
