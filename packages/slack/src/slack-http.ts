import { type FetchFunction, LogLevel, type Logger, WebClient } from '@slack/web-api';
import { AnswerTooLarge, readAnswer } from './read-answer.js';
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

/** Ends with the signal, the reading of the body included, and notes what the library's errors leave out. */
function observedFetch(signal: AbortSignal, seen: Seen): FetchFunction {
  return async (url, init) => {
    const response = await fetch(url, { ...init, signal });
    seen.status = response.status;
    seen.retryAfter = response.headers.get('retry-after');
    return readAnswer(response, signal).catch((error: unknown) => {
      seen.tooLarge = error instanceof AnswerTooLarge;
      throw error;
    });
  };
}

/**
 * The library retries for half an hour by default, also posts whose answer was lost: here it never does. It has one
 * time-out per client and no signal per call, so that each call gets a client of its own, which costs microseconds.
 */
export function createSlackHttp({ token, apiUrl }: SlackAccount): SlackHttp {
  return async (method, args, signal) => {
    const seen: Seen = { status: null, retryAfter: null, tooLarge: false };
    const client = new WebClient(token, {
      slackApiUrl: apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logger: SILENT,
      fetch: observedFetch(signal, seen),
    });
    try {
      return await client.apiCall(method, { ...args });
    } catch (error) {
      throw slackError(method, error, seen);
    }
  };
}
