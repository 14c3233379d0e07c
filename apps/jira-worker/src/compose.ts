import { createConfigurations } from '@deptracker/application';
import { type ConfigurationValues, type EventType, wrongDefaults } from '@deptracker/domain';
import { type JiraAccount, createJiraClient, createJiraProbe, jiraScopes } from '@deptracker/jira';
import { type WorkerConfig, startWorkerProcess } from '@deptracker/reconcile';
import { HEADROOM } from '@deptracker/resilience';
import { ConfigError, type ProcessContext, type Started } from '@deptracker/runtime';
import { createFresh, gatherSubjects, readTemplates } from '@deptracker/store';
import { createTemplateReader } from '@deptracker/views';
import { createCommentReconciler } from './comment-reconciler.js';
import { createIssueReconciler } from './issue-reconciler.js';
import { createTicketReconciler } from './ticket-reconciler.js';

/** The variables of jira-worker. */
export interface JiraWorkerConfig extends WorkerConfig {
  readonly JIRA_BASE_URL: string;
  readonly JIRA_SITE_URL: string | undefined;
  readonly JIRA_EMAIL: string;
  readonly JIRA_API_TOKEN: string;
  readonly JIRA_PROJECT_KEY: string;
  readonly JIRA_ISSUE_TYPE: string;
  readonly JIRA_EXTRA_FIELDS: Readonly<Record<string, unknown>>;
  readonly JIRA_COMMENT_ON: readonly string[];
  readonly JIRA_RATE_LIMIT: number;
  readonly JIRA_WORKERS: number;
  readonly JIRA_RETRY_ATTEMPTS: number;
  readonly JIRA_RETRY_DELAY: number;
  readonly JIRA_LOOKUP_DELAYS_S: readonly number[];
  readonly JIRA_RECHECK_DELAYS_S: readonly number[];
  readonly JIRA_MAX_REPLICAS: number;
  readonly JIRA_TIMEOUT: number;
}

const seconds = (values: readonly number[]): number[] => values.map((value) => value * 1000);

/** A change of what can be set while everything runs holds here after so many milliseconds. */
const SETTINGS_MAX_AGE_MS = 2_000;

/** Every name must be an event type: one that is never raised would silently mean no comments. */
function configurationDefaults(config: JiraWorkerConfig): Pick<ConfigurationValues, 'jira.comment-on'> {
  const defaults = { 'jira.comment-on': [...new Set(config.JIRA_COMMENT_ON)] as EventType[] };
  const mistakes = wrongDefaults(defaults);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return defaults;
}

/** Wires jira-worker: the client behind its gate and breaker, and a reconciler per kind of effect. */
export async function startJiraWorker(config: JiraWorkerConfig, context: ProcessContext): Promise<Started> {
  const defaults = configurationDefaults(config);
  const account: JiraAccount = { baseUrl: config.JIRA_BASE_URL, email: config.JIRA_EMAIL, token: config.JIRA_API_TOKEN };
  const limitPerMinute = HEADROOM * config.JIRA_RATE_LIMIT;
  const scopes = jiraScopes(limitPerMinute);
  return startWorkerProcess(
    {
      service: 'jira-worker',
      target: 'jira',
      config,
      limitPerMinute,
      maxReplicas: config.JIRA_MAX_REPLICAS,
      concurrency: config.JIRA_WORKERS,
      timeoutMs: config.JIRA_TIMEOUT,
      patience: {
        attempts: config.JIRA_RETRY_ATTEMPTS,
        retryDelayMs: config.JIRA_RETRY_DELAY,
        lookupDelaysMs: seconds(config.JIRA_LOOKUP_DELAYS_S),
        recheckDelaysMs: seconds(config.JIRA_RECHECK_DELAYS_S),
      },
      probe: createJiraProbe(account),
      probeScopes: scopes('myself'),
      reconcilers: ({ database, vendor, logger }) => {
        const jira = createJiraClient({ ...account, vendor, limitPerMinute });
        const configurations = createConfigurations({ database, defaults, maxAgeMs: SETTINGS_MAX_AGE_MS, logger });
        const ticket = {
          projectKey: config.JIRA_PROJECT_KEY,
          issueType: config.JIRA_ISSUE_TYPE,
          extraFields: config.JIRA_EXTRA_FIELDS,
          commentOn: async () => new Set((await configurations.get())['jira.comment-on']),
          browseUrl: `${config.JIRA_SITE_URL ?? config.JIRA_BASE_URL}/browse/`,
        };
        const templates = createFresh({
          read: createTemplateReader({
            read: (known) => readTemplates(database, known),
            onUnusable: ({ id, purpose, project }, mistakes) =>
              logger.warn('a template is not usable, another one is used', { template_id: id, purpose, project, mistakes }),
          }),
          maxAgeMs: SETTINGS_MAX_AGE_MS,
        });
        return {
          'jira.ticket': createTicketReconciler({ database, subjects: gatherSubjects(database), jira, scopes, ticket, templates }),
          'jira.issue': createIssueReconciler({ database, jira, scopes, ticket }),
          'jira.comment': createCommentReconciler({ database, jira, scopes }),
        };
      },
    },
    context,
  );
}
