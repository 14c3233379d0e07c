import {
  apiConfig,
  breakerConfig,
  type Config,
  ConfigError,
  databaseConfig,
  jiraConfig,
  jiraInConfig,
  jiraSiteConfig,
  jiraWorkerConfig,
  leaseConfig,
  loadConfig,
  localConfig,
  metricsConfig,
  noticeConfig,
  processConfig,
  queueConfig,
  redisConfig,
  slackConfig,
  slackInConfig,
  slackWorkerConfig,
  StartupError,
} from '@deptracker/runtime';
import type { Variables } from '../local/environment.js';
import { type LocalDir, localDir } from '../local/local-dir.js';
import { needsSandbox, sandboxDefaults, strayCredentials, vendorPlaces } from './vendors.js';

// All that any process reads: a mistake is found here, before the first of them starts.
const FRAGMENTS = [
  processConfig(8080),
  localConfig,
  databaseConfig,
  redisConfig,
  queueConfig,
  apiConfig,
  slackConfig,
  slackInConfig,
  noticeConfig,
  slackWorkerConfig,
  jiraConfig,
  jiraSiteConfig,
  jiraInConfig,
  jiraWorkerConfig,
  breakerConfig,
  leaseConfig,
  metricsConfig,
] as const;

// Stand for the embedded servers while the variables are checked.
const PLACEHOLDERS: Variables = {
  DATABASE_URL: 'postgres://embedded@127.0.0.1/deptracker',
  REDIS_URL: 'redis://127.0.0.1',
};

/** The processes of Dep Tracker, in the order in which they start. */
export const APPS = ['sandbox', 'api', 'jira-worker', 'slack-worker', 'metrics-cron'] as const;
export type AppName = (typeof APPS)[number];

/** What `make run` runs with. */
export interface Settings {
  readonly dir: LocalDir;
  /** Address that the apps listen on. */
  readonly host: string;
  readonly ports: Readonly<Record<AppName, number>>;
  readonly postgresPort: number | undefined;
  readonly redisPort: number | undefined;
  /** Set when it is used instead of the embedded one. */
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  /** The apps to run; no sandbox when both vendors are set. */
  readonly apps: readonly AppName[];
  /** What every app gets, but for DATABASE_URL, REDIS_URL and PORT. */
  readonly appEnv: Variables;
  /** Each vendor with where it is, in words. */
  readonly vendors: readonly (readonly [name: string, place: string])[];
}

/** Names of the variables that say where a port is. */
export const PORT_VARIABLES: Readonly<Record<AppName, string>> = {
  api: 'PORT',
  'jira-worker': 'JIRA_WORKER_PORT',
  'slack-worker': 'SLACK_WORKER_PORT',
  'metrics-cron': 'METRICS_CRON_PORT',
  sandbox: 'SANDBOX_PORT',
};

/**
 * Reads and checks everything at once, the apps' variables included, before anything starts. Throws `ConfigError` with
 * a line per mistake.
 */
export function readSettings(variables: Variables): Settings {
  const env: Variables = { HOST: '127.0.0.1', NODE_ENV: 'development', ...variables };
  const config = check(env);
  if (config.PORT === 0) throw new StartupError('PORT must be a whole number from 1 to 65535 under make run; it is "0".');
  const ports = {
    sandbox: config.SANDBOX_PORT,
    api: config.PORT,
    'jira-worker': config.JIRA_WORKER_PORT,
    'slack-worker': config.SLACK_WORKER_PORT,
    'metrics-cron': config.METRICS_CRON_PORT,
  };
  const dir = localDir(env);
  const at = (port: number): string => `http://${reachableHost(config.HOST)}:${port}`;
  const apps = APPS.filter((app) => app !== 'sandbox' || needsSandbox(env));
  refuseSharedPorts({
    ...Object.fromEntries(apps.map((app) => [PORT_VARIABLES[app], ports[app]])),
    POSTGRES_PORT: env['DATABASE_URL'] ? undefined : config.POSTGRES_PORT,
    REDIS_PORT: env['REDIS_URL'] ? undefined : config.REDIS_PORT,
  });
  return {
    dir,
    host: config.HOST,
    ports,
    postgresPort: config.POSTGRES_PORT,
    redisPort: config.REDIS_PORT,
    databaseUrl: env['DATABASE_URL'],
    redisUrl: env['REDIS_URL'],
    apps,
    appEnv: {
      SANDBOX_DATA: dir.sandbox,
      // Where the sandbox's buttons send what Slack would send.
      SLACK_WEBHOOK_URL: `${at(ports.api)}/api/slack/webhook`,
      // Where its Jira tells of what people do there.
      JIRA_WEBHOOK_URL: `${at(ports.api)}/api/jira/webhook`,
      ...sandboxDefaults(env, at(ports.sandbox)),
      ...env,
    },
    vendors: vendorPlaces(env, `${at(ports.sandbox)}/`),
  };
}

function check(env: Variables): Config<typeof FRAGMENTS> {
  const stray = strayCredentials(env);
  try {
    const config = loadConfig({ ...PLACEHOLDERS, ...sandboxDefaults(env, 'http://127.0.0.1'), ...env }, FRAGMENTS);
    if (stray.length === 0) return config;
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError([...error.mistakes, ...stray]) : error;
  }
  throw new ConfigError(stray);
}

/** The address under which this machine reaches a server that listens on `host`. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function refuseSharedPorts(ports: Readonly<Record<string, number | undefined>>): void {
  const seen = new Map<number, string>();
  for (const [name, port] of Object.entries(ports)) {
    if (port === undefined) continue;
    const other = seen.get(port);
    if (other) throw new StartupError(`${other} and ${name} are both ${port}; give each process a port of its own.`);
    seen.set(port, name);
  }
}
