import { delays, duration, integer } from './number-variables.js';
import { secret, text, url } from './text-variables.js';

/** How Slack is reached. */
export const slackConfig = {
  SLACK_BOT_TOKEN: secret({ description: "The Slack app's bot token.", example: 'xoxb-…' }),
  SLACK_API_URL: url({ description: 'Where the Slack Web API is.', default: 'https://slack.com/api/', slash: 'add' }),
  SLACK_TEAM_ID: text({
    description: 'The workspace whose requests are accepted; without it, that of the bot token.',
    optional: true,
    pattern: /^[TE][A-Z0-9]+$/,
    expects: 'a workspace id',
    example: 'T0123ABCD',
  }),
} as const;

/** What is needed to take requests from Slack. */
export const slackInConfig = {
  SLACK_SIGNING_SECRET: secret({ description: "The Slack app's signing secret.", example: '0123456789abcdef…' }),
  SLACK_CHANNEL_ID: text({
    description: 'The channel that approvals and notices go to. The default of the configuration slack.channel.',
    pattern: /^[CG][A-Z0-9]+$/,
    expects: 'a channel id (not its name)',
    example: 'C0123ABCD',
  }),
} as const;

/** The pace and patience of slack-worker. */
export const slackWorkerConfig = {
  SLACK_RATE_LIMIT: integer({ description: 'Slack requests per minute, over all replicas.', default: '120', min: 1 }),
  SLACK_POST_RATE_LIMIT: integer({
    description: 'Posts per minute to one channel; Slack allows one per second.',
    default: '60',
    min: 1,
  }),
  SLACK_EDIT_RATE_LIMIT: integer({
    description: 'Edits per minute; Slack allows about 50.',
    default: '50',
    min: 1,
  }),
  SLACK_HISTORY_RATE_LIMIT: integer({
    description: 'Pages of history a minute that look-ups read; Slack allows 50, and fewer to some apps.',
    default: '50',
    min: 1,
  }),
  SLACK_WORKERS: integer({
    description: 'Effects that one slack-worker handles at a time.',
    default: '3',
    min: 1,
    max: 100,
  }),
  SLACK_RETRY_ATTEMPTS: integer({
    description: 'Failures of its own that an effect survives.',
    default: '5',
    min: 1,
    max: 100,
  }),
  SLACK_RETRY_DELAY: duration({ description: 'First delay of a retry; it doubles each time.', default: '10s' }),
  SLACK_LOOKUP_DELAYS_S: delays({
    description: 'Seconds after an unknown outcome at which the message is looked for.',
    default: '3,10,30,60',
  }),
  SLACK_MAX_REPLICAS: integer({
    description: 'Replicas that share SLACK_RATE_LIMIT while Redis is away.',
    default: '4',
    min: 1,
    max: 1000,
  }),
  SLACK_TIMEOUT: duration({ description: 'Longest wait for one answer of Slack.', default: '10s' }),
} as const;

/** How notices are batched, for every process that owes them. */
export const noticeConfig = {
  SLACK_DIGEST_WINDOW: duration({
    description: 'Notices to one channel within this time become one message. The default of slack.digest-window.',
    default: '10s',
  }),
} as const;
