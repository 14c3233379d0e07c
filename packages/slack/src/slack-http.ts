import { type FetchFunction, LogLevel, type Logger, WebClient } from '@slack/web-api';
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

/** Far more than a page of history has; a longer answer would only fill our memory. */
const MAX_ANSWER = 20 * 1024 * 1024;

/** The answer, broken off where it is too long. */
function limited(response: Response): Response {
  if (response.body === null) return response;
  let size = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      size += chunk.byteLength;
      if (size > MAX_ANSWER) controller.error(new Error('The answer is too long.'));
      else controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counted), response);
}

/** Ends with the signal, the reading of the body included, and notes what the library's errors leave out. */
function observedFetch(signal: AbortSignal, seen: Seen): FetchFunction {
  return async (url, init) => {
    const response = await fetch(url, { ...init, signal });
    seen.status = response.status;
    seen.retryAfter = response.headers.get('retry-after');
    return limited(response);
  };
}

/**
 * The library retries for half an hour by default, also posts whose answer was lost: here it never does. It has one
 * time-out per client and no signal per call, so that each call gets a client of its own, which costs microseconds.
 */
export function createSlackHttp({ token, apiUrl }: SlackAccount): SlackHttp {
  return async (method, args, signal) => {
    const seen: Seen = { status: null, retryAfter: null };
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
