import { LogLevel, type Logger, WebClient } from '@slack/web-api';
import { AnswerTooLarge, type createPost } from './post.js';
import type { Seen } from './slack-error.js';
import type { SlackAccount } from './slack-types.js';
import type { SlackMethod } from './slack-scopes.js';

const ignore = (): void => undefined;

/** Every failure is reported by our own error; the library's own lines would hold request bodies at debug level. */
const SILENT: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  setLevel: ignore,
  setName: ignore,
  getLevel: () => LogLevel.ERROR,
};

/** One call at a time: what the library has no place for. */
interface Call {
  readonly signal: AbortSignal;
  readonly seen: Seen;
}

export type Line = (method: SlackMethod, args: Readonly<Record<string, unknown>>, call: Call) => Promise<object>;

/** A client of the library, for one call at a time; ends with the call's signal, and notes what the library's errors leave out. */
export function openLine({ token, apiUrl }: SlackAccount, post: ReturnType<typeof createPost>): Line {
  let current: Call | null = null;
  const client = new WebClient(token, {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
    fetch: async (url, { headers = {}, body } = {}) => {
      if (current === null || typeof body !== 'string') throw new Error('Slack is asked by a form, in a call of ours.');
      const { signal, seen } = current;
      const heard: Parameters<typeof post>[0]['heard'] = (head) => {
        seen.status = head.status;
        seen.retryAfter = head.headers.get('retry-after');
      };
      try {
        return await post({ url: String(url), headers, body, heard }, signal);
      } catch (error) {
        seen.tooLarge = error instanceof AnswerTooLarge;
        throw error;
      }
    },
  });
  return async (method, args, call) => {
    current = call;
    try {
      return await client.apiCall(method, { ...args });
    } finally {
      current = null;
    }
  };
}
