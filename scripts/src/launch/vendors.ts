import type { Variables } from '../local/environment.js';

/** A vendor that the sandbox plays unless its address is set. */
interface Vendor {
  readonly name: string;
  readonly address: string;
  /** What proves to the vendor who we are. */
  readonly token: string;
  readonly real: string;
  readonly sandbox: (at: string) => Variables;
}

const VENDORS: readonly Vendor[] = [
  {
    name: 'Jira',
    address: 'JIRA_BASE_URL',
    token: 'JIRA_API_TOKEN',
    real: "your site's address, such as https://example.atlassian.net,",
    sandbox: (at) => ({
      JIRA_BASE_URL: `${at}/jira`,
      JIRA_EMAIL: 'deptracker@sandbox.test',
      JIRA_API_TOKEN: 'sandbox-api-token',
      JIRA_PROJECT_KEY: 'OPS',
      JIRA_WEBHOOK_SECRET: 'sandbox-webhook-secret',
    }),
  },
  {
    name: 'Slack',
    address: 'SLACK_API_URL',
    token: 'SLACK_BOT_TOKEN',
    real: 'https://slack.com/api/',
    sandbox: (at) => ({
      SLACK_API_URL: `${at}/slack/api/`,
      SLACK_BOT_TOKEN: 'xoxb-sandbox',
      SLACK_SIGNING_SECRET: 'sandbox-signing-secret',
      SLACK_CHANNEL_ID: 'C0DEPLOYS',
      SLACK_TEAM_ID: 'T0SANDBOX',
    }),
  },
];

/** Whether the sandbox plays at least one vendor. */
export function needsSandbox(env: Variables): boolean {
  return VENDORS.some(({ address }) => !env[address]);
}

/** Dep Tracker against the sandbox at `at`, for each vendor whose address is not set. */
export function sandboxDefaults(env: Variables, at: string): Variables {
  return Object.assign({}, ...VENDORS.map(({ address, sandbox }) => (env[address] ? {} : sandbox(at)))) as Variables;
}

/** A sentence for each vendor whose real credentials would go to the sandbox, because its address is not set. */
export function strayCredentials(env: Variables): string[] {
  return VENDORS.filter(({ address, token }) => env[token] && !env[address]).map(
    ({ name, address, token, real }) =>
      `${token} is set but ${address} is not, so the token would go to the sandbox; ` +
      `set ${address} to ${real} for the real ${name}, or unset ${token} to use the sandbox.`,
  );
}

/** Each vendor with where it is: the sandbox's page at `page`, or the address that is set. */
export function vendorPlaces(env: Variables, page: string): [name: string, place: string][] {
  return VENDORS.map(({ name, address }) => [name, env[address] ?? `the sandbox, ${page}`]);
}
