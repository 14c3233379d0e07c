import { delays, duration, integer } from './number-variables.js';
import { jsonObject, list, secret, text, url } from './text-variables.js';

/** Which comments a ticket gets. */
export const commentConfig = {
  JIRA_COMMENT_ON: list({
    description: 'Event types that the ticket gets a comment for. The default of the configuration jira.comment-on.',
    default: '',
    example: 'deployment.failed,deployment.rejected',
  }),
} as const;

const baseUrl = {
  description: 'Where Jira Cloud is.',
  slash: 'strip',
  example: 'https://example.atlassian.net',
} as const;

/** What people and Jira itself call its address. */
export const jiraSiteConfig = {
  JIRA_SITE_URL: url({
    description: "The site's own address, where JIRA_BASE_URL is the one of a scoped token.",
    slash: 'strip',
    optional: true,
    example: 'https://example.atlassian.net',
  }),
} as const;

/** What is needed to take what Jira tells by itself. */
export const jiraInConfig = {
  JIRA_WEBHOOK_SECRET: secret({
    description: "The secret of Jira's webhook; without it nothing is taken from Jira. The API needs JIRA_BASE_URL with it.",
    optional: true,
    example: '0123456789abcdef…',
  }),
} as const;

/** The API talks to no Jira; it only compares who sends something. */
export const jiraOptionalBaseConfig = { JIRA_BASE_URL: url({ ...baseUrl, optional: true }) } as const;

/** How Jira is reached and what a ticket holds. */
export const jiraConfig = {
  JIRA_BASE_URL: url(baseUrl),
  JIRA_EMAIL: text({
    description: 'The account that owns the token.',
    pattern: /^[^\s@]+@[^\s@]+$/,
    expects: 'an e-mail address',
    example: 'deptracker@example.com',
  }),
  JIRA_API_TOKEN: secret({ description: "The account's API token.", example: 'ATATT3x…' }),
  JIRA_PROJECT_KEY: text({
    description: 'The Jira project that tickets are created in.',
    pattern: /^[A-Z][A-Z0-9_]*$/,
    expects: 'a project key in capitals',
    example: 'OPS',
  }),
  JIRA_ISSUE_TYPE: text({ description: 'The issue type of tickets.', default: 'Task' }),
  JIRA_EXTRA_FIELDS: jsonObject({
    description: 'Further fields of a new ticket, where the create screen requires some.',
    default: '{}',
    example: '{"customfield_10010":"Operations"}',
  }),
  ...commentConfig,
} as const;

/** The pace and patience of jira-worker. */
export const jiraWorkerConfig = {
  JIRA_RATE_LIMIT: integer({ description: 'Jira requests per minute, over all replicas.', default: '60', min: 1 }),
  JIRA_WORKERS: integer({
    description: 'Effects that one jira-worker handles at a time.',
    default: '5',
    min: 1,
    max: 100,
  }),
  JIRA_RETRY_ATTEMPTS: integer({
    description: 'Failures of its own that an effect survives.',
    default: '3',
    min: 1,
    max: 100,
  }),
  JIRA_RETRY_DELAY: duration({ description: 'First delay of a retry; it doubles each time.', default: '30s' }),
  JIRA_LOOKUP_DELAYS_S: delays({
    description: 'Seconds after an unknown outcome at which the ticket is searched for.',
    default: '2,5,15,30,60,120,300,600',
  }),
  JIRA_RECHECK_DELAYS_S: delays({
    description: 'Seconds after which a ticket that was sent twice is searched for duplicates again.',
    default: '900,86400',
  }),
  JIRA_MAX_REPLICAS: integer({
    description: 'Replicas that share JIRA_RATE_LIMIT while Redis is away.',
    default: '4',
    min: 1,
    max: 1000,
  }),
  JIRA_TIMEOUT: duration({ description: 'Longest wait for one answer of Jira.', default: '10s' }),
} as const;
