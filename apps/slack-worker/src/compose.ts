import { type WorkerConfig, startWorkerProcess } from '@deptracker/reconcile';
import { HEADROOM } from '@deptracker/resilience';
import type { ProcessContext, Started } from '@deptracker/runtime';
import { createSlackClient, createSlackProbe, slackScopes } from '@deptracker/slack';
import { createFresh, gatherSubjects, readTemplates } from '@deptracker/store';
import { createTemplateReader } from '@deptracker/views';
import { createApprovalReconciler } from './approval-reconciler.js';
import { createDigestReconciler } from './digest-reconciler.js';
import { createNoticeGatherer } from './notice-gatherer.js';
import { createReplyReconciler } from './reply-reconciler.js';

/** The variables of slack-worker. */
export interface SlackWorkerConfig extends WorkerConfig {
  readonly SLACK_BOT_TOKEN: string;
  readonly SLACK_API_URL: string;
  readonly SLACK_RATE_LIMIT: number;
  readonly SLACK_POST_RATE_LIMIT: number;
  readonly SLACK_HISTORY_RATE_LIMIT: number;
  readonly SLACK_EDIT_RATE_LIMIT: number;
  readonly SLACK_WORKERS: number;
  readonly SLACK_RETRY_ATTEMPTS: number;
  readonly SLACK_RETRY_DELAY: number;
  readonly SLACK_LOOKUP_DELAYS_S: readonly number[];
  readonly SLACK_MAX_REPLICAS: number;
  readonly SLACK_TIMEOUT: number;
}

/** Settings are in force within so many milliseconds. */
const SETTINGS_MS = 2_000;

/** Wires slack-worker: the client behind its gate and breaker, and a reconciler per kind of effect. */
export function startSlackWorker(config: SlackWorkerConfig, context: ProcessContext): Promise<Started> {
  const scopes = slackScopes({
    total: HEADROOM * config.SLACK_RATE_LIMIT,
    postsPerChannel: HEADROOM * config.SLACK_POST_RATE_LIMIT,
    edits: HEADROOM * config.SLACK_EDIT_RATE_LIMIT,
    pages: HEADROOM * config.SLACK_HISTORY_RATE_LIMIT,
  });
  const account = { token: config.SLACK_BOT_TOKEN, apiUrl: config.SLACK_API_URL, timeoutMs: config.SLACK_TIMEOUT };
  const probe = createSlackProbe(account);
  return startWorkerProcess(
    {
      service: 'slack-worker',
      target: 'slack',
      config,
      limitPerMinute: config.SLACK_RATE_LIMIT,
      maxReplicas: config.SLACK_MAX_REPLICAS,
      concurrency: config.SLACK_WORKERS,
      timeoutMs: config.SLACK_TIMEOUT,
      patience: {
        attempts: config.SLACK_RETRY_ATTEMPTS,
        retryDelayMs: config.SLACK_RETRY_DELAY,
        lookupDelaysMs: config.SLACK_LOOKUP_DELAYS_S.map((seconds) => seconds * 1000),
        // Slack's history does not lag: what a whole schedule did not show is not there.
        recheckDelaysMs: [],
      },
      probe,
      probeScopes: scopes('auth.test'),
      reconcilers: ({ database, vendor, logger }) => {
        const slack = createSlackClient({ ...account, vendor, scopes });
        const templates = createFresh({
          read: createTemplateReader({
            read: (known) => readTemplates(database, known),
            onUnusable: ({ id, purpose, project }, mistakes) =>
              logger.warn('a template is not usable, another one is used', { template_id: id, purpose, project, mistakes }),
          }),
          maxAgeMs: SETTINGS_MS,
        });
        const options = { database, subjects: gatherSubjects(database), slack, scopes, templates };
        return {
          'slack.approval': createApprovalReconciler(options),
          'slack.reply': createReplyReconciler(options),
          'slack.notice': createNoticeGatherer(database),
          'slack.digest': createDigestReconciler(options),
        };
      },
    },
    context,
  );
}
