import type { EventType } from '@deptracker/domain';

export const CHANNEL = 'C0DEPLOYS';
export const TEAM = 'T0SANDBOX';
export const SECRET = 'test-signing-secret';

/** The longest that a vendor may take in the fleet; faults that only delay must end before the last look-up. */
export const VENDOR_TIMEOUT_MS = 600;

/** Of which events a ticket gets a comment. */
export const COMMENT_ON: readonly EventType[] = ['deployment.approved', 'deployment.rejected', 'deployment.started', 'deployment.failed'];

/** What every process gets to know besides where things are: an hour of patience in a few seconds. */
export const SHORTENED: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'info',
  SLACK_BOT_TOKEN: 'xoxb-test',
  SLACK_SIGNING_SECRET: SECRET,
  SLACK_CHANNEL_ID: CHANNEL,
  SLACK_TEAM_ID: TEAM,
  JIRA_EMAIL: 'deptracker@example.com',
  JIRA_API_TOKEN: 'test-token',
  JIRA_PROJECT_KEY: 'OPS',
  JIRA_COMMENT_ON: COMMENT_ON.join(','),
  RATE_LIMIT_PER_IP: '1000000',
  TRUST_PROXY_HOPS: '1',
  JIRA_RATE_LIMIT: '60000',
  JIRA_RETRY_ATTEMPTS: '8',
  JIRA_RETRY_DELAY: '150ms',
  JIRA_LOOKUP_DELAYS_S: '1,2',
  JIRA_RECHECK_DELAYS_S: '3',
  JIRA_TIMEOUT: `${VENDOR_TIMEOUT_MS}ms`,
  SLACK_RATE_LIMIT: '60000',
  SLACK_POST_RATE_LIMIT: '60000',
  SLACK_EDIT_RATE_LIMIT: '60000',
  SLACK_HISTORY_RATE_LIMIT: '60000',
  SLACK_RETRY_ATTEMPTS: '8',
  SLACK_RETRY_DELAY: '150ms',
  SLACK_LOOKUP_DELAYS_S: '1,2',
  SLACK_TIMEOUT: `${VENDOR_TIMEOUT_MS}ms`,
  SLACK_DIGEST_WINDOW: '500ms',
  CIRCUIT_BREAKER_INTERVAL: '2s',
  CIRCUIT_BREAKER_TIMEOUT: '400ms',
  LEASE_MS: String(3 * VENDOR_TIMEOUT_MS),
  QUEUE_WINDOW: '1s',
  SHUTDOWN_TIMEOUT: '8s',
  LIMITS_SCHEDULE: '* * * * * *',
  METRICS_SCHEDULE: '*/10 * * * * *',
  CLEANUP_SCHEDULE: '*/30 * * * * *',
  PARTITIONS_SCHEDULE: '*/20 * * * * *',
  // Longer than a run, which must lose nothing; short enough for every look at what is old to be made.
  DEPLOYMENT_RETENTION: '1d',
};
