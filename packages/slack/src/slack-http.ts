import { LogLevel, type Logger, WebClient } from '@slack/web-api';
import { AnswerTooLarge, createPost } from './post.js';
import { type Seen, slackError } from './slack-error.js';
import type { SlackMethod } from './slack-scopes.js';

/** Whose workspace, and where its API is. */
export interface SlackAccount {
  readonly token: string;
  readonly apiUrl: string;
}

/** Sends one request and nothing more; the answer says ok. Rejects with a classified VendorError. */
export type SlackHttp = (
  method: SlackMethod,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
) => Promise<object>;

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

type Line = (method: SlackMethod, args: Readonly<Record<string, unknown>>, call: Call) => Promise<object>;

/** Lines kept for the next calls; each holds some tens of kilobytes. */
const MAX_IDLE = 64;

/** A client of the library, for one call at a time; ends with the call's signal, and notes what the library's errors leave out. */
function openLine({ token, apiUrl }: SlackAccount, post: ReturnType<typeof createPost>): Line {
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

/**
 * The library retries for half an hour by default, also posts whose answer was lost: here it never does. It has one
 * time-out per client and no signal per call, so that each call has a client to itself, and one that failed is not used
 * again. Making one binds each of Slack's methods, which is why they are kept.
 */
export function createSlackHttp(account: SlackAccount): SlackHttp {
  const post = createPost();
  const idle: Line[] = [];
  return async (method, args, signal) => {
    const seen: Seen = { status: null, retryAfter: null, tooLarge: false };
    const line = idle.pop() ?? openLine(account, post);
    try {
      const answer = await line(method, args, { signal, seen });
      if (idle.length < MAX_IDLE) idle.push(line);
      return answer;
    } catch (error) {
      throw slackError(method, error, seen);
    }
  };
}
