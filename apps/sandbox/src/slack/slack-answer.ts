import type { Request } from 'express';
import type { Answer, Call, Wording } from '../answer.js';
import { type JsonObject, asString, isObject } from '../json.js';

/** The bot as this workspace knows it. */
export const BOT = { userId: 'U0DEPBOT', botId: 'B0DEPBOT', appId: 'A0DEPTRACKER', name: 'deptracker' } as const;

/** The workspace, and the token that is checked; undefined: any token will do. */
export interface SlackSettings {
  readonly teamId: string;
  readonly botToken: string | undefined;
}

/** Success: 200 with `ok: true`. */
export function fine(body: JsonObject): Answer {
  return { status: 200, body: { ok: true, ...body } };
}

/** Slack's refusals are 200 with `ok: false` and an error's name. */
export function refused(error: string, messages: readonly string[] = []): Answer {
  const lines = messages.map((message) => `[ERROR] ${message}`);
  return {
    status: 200,
    body: {
      ok: false,
      error,
      ...(lines.length === 0 ? {} : { errors: messages, response_metadata: { messages: lines } }),
    },
  };
}

/** An argument of a call as text; in a JSON body numbers and booleans count too, and objects as their JSON. */
export function argument({ request }: Pick<Call, 'request'>, name: string): string | undefined {
  const from: unknown = request.method === 'GET' ? request.query : request.body;
  const value = isObject(from) ? from[name] : undefined;
  if (value === undefined || value === null || value === '') return undefined;
  return asString(value) ?? JSON.stringify(value);
}

function tokenOf(request: Request): string | undefined {
  return /^Bearer (\S+)$/.exec(request.get('authorization') ?? '')?.[1] ?? argument({ request }, 'token');
}

/** Slack's general answers. A token is always needed; which one is checked only where it is given. */
export function slackWording({ botToken }: SlackSettings): Wording {
  return {
    unauthorised: (request) => {
      const token = tokenOf(request);
      if (token === undefined) return refused('not_authed');
      return botToken === undefined || token === botToken ? null : refused('invalid_auth');
    },
    rateLimited: (seconds) => ({
      status: 429,
      body: { ok: false, error: 'ratelimited' },
      headers: seconds === undefined ? {} : { 'Retry-After': String(seconds) },
    }),
    failed: (status, error) =>
      status === undefined && error !== undefined ? refused(error) : { status: status ?? 500, body: 'Server error' },
    refuses: ({ status, body }) => status >= 400 || (isObject(body) && body['ok'] === false),
    channelOf: (request) => argument({ request }, 'channel'),
  };
}
