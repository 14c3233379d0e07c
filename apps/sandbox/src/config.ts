import { type Config, list, processConfig, secret, text, url } from '@deptracker/runtime';
import type { SandboxSettings } from './app.js';

const processVariables = processConfig(8090);

const ownVariables = {
  HOST: text({ description: 'Address that the sandbox listens on; it is for one machine.', default: '127.0.0.1' }),
  SANDBOX_DATA: text({
    description: 'File of the ledger; without it everything is kept in memory only.',
    optional: true,
    example: '.local/sandbox.jsonl',
  }),
  SLACK_SIGNING_SECRET: secret({
    description: "Signs the presses of the page's buttons.",
    default: 'sandbox-signing-secret',
  }),
  SLACK_WEBHOOK_URL: url({
    description: 'Where presses of buttons are posted.',
    default: 'http://127.0.0.1:8080/api/slack/webhook',
    slash: 'strip',
  }),
  JIRA_WEBHOOK_URL: url({
    description: 'Where changes of tickets are posted; without it they are told to nobody.',
    optional: true,
    slash: 'strip',
    example: 'http://127.0.0.1:8080/api/jira/webhook',
  }),
  JIRA_WEBHOOK_SECRET: secret({ description: 'Signs them.', default: 'sandbox-webhook-secret' }),
  JIRA_BASE_URL: url({
    description: "This Jira's own address as Dep Tracker knows it; otherwise the one that it was last called by.",
    optional: true,
    slash: 'strip',
  }),
  SLACK_TEAM_ID: text({
    description: 'Id of the workspace.',
    default: 'T0SANDBOX',
    pattern: /^[TE][A-Z0-9]+$/,
    expects: 'a workspace id',
  }),
  SLACK_BOT_TOKEN: secret({ description: 'If set, the only token that this Slack takes.', optional: true }),
  JIRA_EMAIL: text({ description: 'If set, the only account that this Jira takes.', optional: true }),
  JIRA_API_TOKEN: secret({ description: 'If set, the only API token that this Jira takes.', optional: true }),
  JIRA_PROJECT_KEY: list({
    description: 'If set, the projects that exist; else every well-formed key does.',
    default: '',
    example: 'DEP',
  }),
} as const;

/** The variables that the sandbox reads. */
export const sandboxFragments = [processVariables, ownVariables] as const;

/** The stand-in's settings from its variables. */
export function sandboxSettings(config: Config<typeof sandboxFragments>): SandboxSettings {
  return {
    dataFile: config.SANDBOX_DATA,
    jira: { email: config.JIRA_EMAIL, token: config.JIRA_API_TOKEN, projects: config.JIRA_PROJECT_KEY },
    webhooks: { url: config.JIRA_WEBHOOK_URL, secret: config.JIRA_WEBHOOK_SECRET, base: config.JIRA_BASE_URL },
    slack: { teamId: config.SLACK_TEAM_ID, botToken: config.SLACK_BOT_TOKEN },
    click: { webhookUrl: config.SLACK_WEBHOOK_URL, signingSecret: config.SLACK_SIGNING_SECRET },
  };
}
