import type { CallOptions, Vendor } from '@deptracker/resilience';
import { slackError } from './slack-error.js';
import { createSlackHttp } from './slack-http.js';
import { SLACK_METHODS, type SlackMethod, type SlackScopes } from './slack-scopes.js';
import type { SlackAccount } from './slack-types.js';

export interface SlackClientOptions extends SlackAccount {
  readonly vendor: Vendor;
  /** What each request counts against; the vendor's gate keeps it. */
  readonly scopes: SlackScopes;
}

export interface SlackRequest<T> {
  readonly method: SlackMethod;
  readonly args: Readonly<Record<string, unknown>>;
  readonly channel?: string;
  readonly parse: (answer: object) => T;
}

/** Sends one request through the vendor's gate, breaker and time-out. */
export type Send = <T>(request: SlackRequest<T>, call: CallOptions) => Promise<T>;

/** Binds account, vendor and limits into the one way to send. */
export function createSend({ vendor, scopes, ...account }: SlackClientOptions): Send {
  const http = createSlackHttp(account);
  return ({ method, args, channel, parse }, call) =>
    vendor.request({
      ...call,
      method,
      kind: SLACK_METHODS[method].kind,
      scopes: scopes(method, channel),
      run: async (signal) => {
        const answer = await http(method, args, signal);
        try {
          return parse(answer);
        } catch (error) {
          throw slackError(method, error, { status: 200, retryAfter: null, tooLarge: false });
        }
      },
    });
}
