import { integer } from './number-variables.js';
import { text } from './text-variables.js';

const portOf = (name: string, port: string) =>
  integer({ description: `Port of ${name} under make run.`, default: port, min: 1, max: 65_535 });

/** Without one a free port is chosen and remembered in LOCAL_DIR. */
const embeddedPort = (name: string) =>
  integer({ description: `Port of the embedded ${name}; otherwise a free one.`, optional: true, min: 1, max: 65_535 });

/** What only make run reads; it gives each process its PORT. */
export const localConfig = {
  LOCAL_DIR: text({ description: 'Folder for everything that make run stores.', default: '.local' }),
  JIRA_WORKER_PORT: portOf('jira-worker', '8081'),
  SLACK_WORKER_PORT: portOf('slack-worker', '8082'),
  METRICS_CRON_PORT: portOf('metrics-cron', '8083'),
  SANDBOX_PORT: portOf('the sandbox', '8090'),
  POSTGRES_PORT: embeddedPort('Postgres'),
  REDIS_PORT: embeddedPort('Redis'),
} as const;
