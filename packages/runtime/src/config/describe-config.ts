import { apiConfig } from './api-config.js';
import { jiraConfig, jiraInConfig, jiraSiteConfig, jiraWorkerConfig } from './jira-config.js';
import { localConfig } from './local-config.js';
import { metricsConfig } from './metrics-config.js';
import { processConfig } from './process-config.js';
import { noticeConfig, slackConfig, slackInConfig, slackWorkerConfig } from './slack-config.js';
import { databaseConfig, readConfig, redisConfig, queueConfig } from './store-config.js';
import { breakerConfig, leaseConfig } from './vendor-config.js';
import type { Fragment } from './variable.js';

/** What documentation says of one variable. */
export interface VariableDescription {
  readonly name: string;
  readonly description: string;
  readonly expects: string;
  /** The text that holds while nothing is set; null where the variable is required or may stay away. */
  readonly default: string | null;
  readonly required: boolean;
  readonly secret: boolean;
  readonly example: string | null;
}

/** A row per variable, in the order of the fragments. */
export function describeConfig(fragments: readonly Fragment[]): VariableDescription[] {
  return Object.entries(Object.assign({}, ...fragments) as Fragment).map(([name, variable]) => ({
    name,
    description: variable.description,
    expects: variable.expects,
    default: variable.shownDefault,
    required: variable.required,
    secret: variable.secret,
    example: variable.example,
  }));
}

/** Every fragment under the heading that it has in `.env.example`. */
export const CONFIG_SECTIONS: readonly { readonly title: string; readonly fragment: Fragment }[] = [
  { title: 'Every process', fragment: processConfig(8080) },
  { title: 'Postgres (every process but the sandbox)', fragment: databaseConfig },
  { title: 'A replica of Postgres (api)', fragment: readConfig },
  { title: 'Redis (every process but the sandbox)', fragment: redisConfig },
  { title: 'Queues (every process but the sandbox)', fragment: queueConfig },
  { title: 'API', fragment: apiConfig },
  { title: 'Slack (api and slack-worker)', fragment: slackConfig },
  { title: 'Requests from Slack (api)', fragment: slackInConfig },
  { title: 'Notices (api and metrics-cron)', fragment: noticeConfig },
  { title: 'slack-worker', fragment: slackWorkerConfig },
  { title: 'Jira (jira-worker)', fragment: jiraConfig },
  { title: "Jira's site (api and jira-worker)", fragment: jiraSiteConfig },
  { title: 'Requests from Jira (api)', fragment: jiraInConfig },
  { title: 'jira-worker', fragment: jiraWorkerConfig },
  { title: 'Circuit breakers (workers)', fragment: breakerConfig },
  { title: 'Leases (workers)', fragment: leaseConfig },
  { title: 'metrics-cron', fragment: metricsConfig },
  { title: 'make run', fragment: localConfig },
];

function paragraph(row: VariableDescription): string {
  const notes = [
    row.required ? 'Required.' : row.default === null ? 'Optional.' : `Default: ${row.default || 'empty'}`,
    ...(row.secret ? ['Secret.'] : []),
  ];
  return `# ${row.description}\n# ${notes.join(' ')}\n#${row.name}=${row.example ?? row.default ?? ''}\n`;
}

/** The text of `.env.example`: every variable commented out, with its description and default. */
export function renderEnvExample(): string {
  const head =
    '# Every variable that Dep Tracker reads, with its default or an example. make run reads a copy named .env:\n' +
    '# uncomment there what you want to set. What is required and not set, make run brings along.\n' +
    "# The sandbox's own variables stand in docs/sandbox.md.\n" +
    '# Generated from the configuration tables by packages/runtime; do not edit by hand.\n';
  const sections = CONFIG_SECTIONS.map(
    ({ title, fragment }) => `\n## ${title}\n\n${describeConfig([fragment]).map(paragraph).join('\n')}`,
  );
  return head + sections.join('');
}
