import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebClient, LogLevel } from '@slack/web-api';
import axios, { type AxiosInstance } from 'axios';
import { createSandbox, type SandboxSettings } from '../dist/app.js';

/** A stand-in on a free port, with the clients that the product uses. */
export interface Running {
  readonly url: string;
  readonly slack: WebClient;
  readonly jira: AxiosInstance;
  readonly admin: AxiosInstance;
  stop(): Promise<void>;
}

type Options = Partial<Omit<SandboxSettings, 'click'>> & { readonly webhookUrl?: string };

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

export async function startSandbox(options: Options = {}): Promise<Running> {
  const sandbox = createSandbox({
    dataFile: undefined,
    jira: { email: undefined, token: undefined, projects: [] },
    webhooks: { url: undefined, secret: 'webhook-secret', base: undefined },
    slack: { teamId: 'T0SANDBOX', botToken: undefined },
    click: { webhookUrl: options.webhookUrl ?? 'http://127.0.0.1:9/', signingSecret: 'test-secret' },
    ...options,
  });
  const server = createServer(sandbox.app);
  const url = await listen(server);
  const every = { validateStatus: () => true, timeout: 5000, proxy: false } as const;
  return {
    url,
    slack: slackClient(url),
    jira: axios.create({
      baseURL: `${url}/jira/rest/api/3`,
      auth: { username: 'dep@example.com', password: 'token' },
      ...every,
    }),
    admin: axios.create({ baseURL: url, ...every }),
    stop: async () => {
      await shut(server);
      sandbox.close();
    },
  };
}

/** The real client, set up as the product does. */
export function slackClient(url: string, token = 'xoxb-test'): WebClient {
  return new WebClient(token, {
    slackApiUrl: `${url}/slack/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 5000,
    logLevel: LogLevel.ERROR,
    logger: {
      ...console,
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: () => {},
      setLevel: () => {},
      setName: () => {},
      getLevel: () => LogLevel.ERROR,
    },
  });
}

/** One request as a webhook got it. */
export interface Received {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A webhook that answers `status` and `text` and remembers what it got. */
export async function startWebhook(status: number, text: string) {
  const received: Received[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      received.push({ headers: req.headers, body: Buffer.concat(chunks).toString() });
      res.writeHead(status).end(text);
    });
  });
  const url = await listen(server);
  return { url, received, stop: () => shut(server) };
}

/** A valid issue; `fields` are added or replace. */
export function issueFields(fields: Record<string, unknown> = {}): { fields: Record<string, unknown> } {
  const description = {
    type: 'doc',
    version: 1,
    content: [{ type: 'paragraph', content: [{ type: 'text', text: 'x' }] }],
  };
  const project = { key: 'DEP' };
  return {
    fields: { project, issuetype: { name: 'Task' }, summary: 'Deploy it', labels: ['dep-1'], description, ...fields },
  };
}

/** A message with an Approve button. */
export const APPROVAL = {
  channel: 'C0DEPLOYS',
  text: 'Deploy?',
  blocks: [
    { type: 'section', text: { type: 'mrkdwn', text: 'Deploy *it*?' } },
    {
      type: 'actions',
      block_id: 'decide',
      elements: [
        {
          type: 'button',
          style: 'primary',
          action_id: 'approve',
          value: 'a1',
          text: { type: 'plain_text', text: 'Approve' },
        },
      ],
    },
  ],
  metadata: { event_type: 'deptracker_approval', event_payload: { approval_id: 'a1' } },
};

/** The platform error's name of a call that Slack refuses. */
export async function slackError(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return (error as { data?: { error?: string } }).data?.error ?? String(error);
  }
  return 'none';
}
