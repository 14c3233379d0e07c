import { createHmac } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
export const TEAM = 'T0SANDBOX';
export const CHANNEL = 'C0DEPLOYS';

export interface SlackCall {
  readonly method: string;
  readonly args: Readonly<Record<string, string>>;
}

/** Slack as the API sees it: people with addresses, and a record of what was asked. */
export interface SlackStub {
  readonly url: string;
  readonly calls: SlackCall[];
  /** Methods that do not work now, with what they answer. */
  readonly failing: Map<string, number>;
  /** Methods that Slack refuses, with the error's name. */
  readonly refusing: Map<string, string>;
  /** Methods that are never answered. */
  readonly silent: Set<string>;
  close(): Promise<void>;
}

const emailOf = (user: string): string | undefined => (user.startsWith('UNOMAIL') ? undefined : `${user}@Example.com`);

function answer(method: string, args: Readonly<Record<string, string>>): object {
  switch (method) {
    case 'auth.test':
      return { ok: true, team_id: TEAM, user_id: 'UBOT', bot_id: 'BBOT' };
    case 'users.info':
      return { ok: true, user: { id: args['user'], profile: { email: emailOf(args['user'] ?? '') } } };
    default:
      return { ok: true, message_ts: '1.2' };
  }
}

/** Starts it on a free port. */
export async function startSlackStub(): Promise<SlackStub> {
  const calls: SlackCall[] = [];
  const failing = new Map<string, number>();
  const refusing = new Map<string, string>();
  const silent = new Set<string>();
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const method = (request.url ?? '').replace('/api/', '');
      const args = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
      calls.push({ method, args });
      if (silent.has(method)) return;
      const status = failing.get(method) ?? 200;
      const refusal = refusing.get(method);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(status !== 200 ? {} : refusal === undefined ? answer(method, args) : { ok: false, error: refusal }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api/`,
    calls,
    failing,
    refusing,
    silent,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

export interface ClickOptions {
  readonly deploymentId: string;
  readonly user?: string;
  readonly action?: string;
  readonly actionTs?: string;
  readonly ts?: string;
  readonly team?: string;
  readonly homeTeam?: string;
}

let pressed = 0;

/** A `block_actions` payload as Slack sends it; each is another click unless `actionTs` says so. */
export function clickPayload(options: ClickOptions): object {
  const { deploymentId, user = 'UALICE', action = 'deptracker_approve', team = TEAM, ts = '1700000000.000100' } = options;
  pressed += 1;
  return {
    type: 'block_actions',
    team: { id: team, domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
    user: { id: user, username: user, team_id: options.homeTeam ?? team },
    api_app_id: 'A0',
    container: { type: 'message', message_ts: ts, channel_id: CHANNEL },
    channel: { id: CHANNEL, name: 'deploys' },
    message: { type: 'message', ts, text: 'x' },
    trigger_id: '1.2',
    actions: [
      { type: 'button', action_id: action, block_id: 'b', value: deploymentId, action_ts: options.actionTs ?? `${1_700_000_001 + pressed}.000` },
    ],
  };
}

/** The headers and the body of a request that Slack would send; what is overridden makes it wrong. */
export function signed(
  body: string,
  { secret = SIGNING_SECRET, timestamp = Math.floor(Date.now() / 1000) }: { secret?: string; timestamp?: number } = {},
): Record<string, string> {
  const hmac = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': String(timestamp),
    'x-slack-signature': `v0=${hmac}`,
  };
}

export const asForm = (payload: object): string => new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
