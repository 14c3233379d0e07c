import { duration } from './number-variables.js';
import { cron } from './text-variables.js';

/** When metrics-cron runs what, and what it measures by. */
export const metricsConfig = {
  METRICS_SCHEDULE: cron({ description: 'When the SLA metrics are worked out.', default: '*/5 * * * *' }),
  SLA_TARGET_TICKET: duration({ description: 'Target from creation to the Jira ticket.', default: '1m' }),
  SLA_TARGET_MESSAGE: duration({ description: 'Target from creation to the Slack message.', default: '30s' }),
  SLA_TARGET_DECISION: duration({ description: 'Target from the request to the decision.', default: '4h' }),
  SLA_TARGET_COMPLETION: duration({ description: 'Target from start to end of a rollout.', default: '1h' }),
  SLA_LOOKBACK: duration({ description: 'Deployments of this time count.', default: '24h', minMs: 1000 }),
  LIMITS_SCHEDULE: cron({ description: 'When approvals expire and rollouts time out.', default: '*/5 * * * * *' }),
  ROLLUPS_SCHEDULE: cron({ description: 'When new events are added to the figures of GET /stats.', default: '*/15 * * * * *' }),
  CLEANUP_SCHEDULE: cron({ description: 'When spent rows are removed.', default: '*/10 * * * *' }),
  PARTITIONS_SCHEDULE: cron({
    description: 'When partitions of coming quarters are made, and those dropped that DEPLOYMENT_RETENTION no longer keeps.',
    default: '7 * * * *',
  }),
  NOTICE_RETENTION: duration({ description: 'How long delivered notices are kept.', default: '30d', minMs: 1000 }),
  DEDUPE_RETENTION: duration({
    description: 'How long seen deliveries of Slack and Jira are remembered.',
    default: '7d',
    minMs: 1000,
  }),
  DEPLOYMENT_RETENTION: duration({
    description: 'How long finished deployments are kept at least, and a quarter longer at most; for ever where it is not set.',
    optional: true,
    minMs: 1000,
    example: '730d',
  }),
} as const;
