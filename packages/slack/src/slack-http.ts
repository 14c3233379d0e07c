import { createPost } from './post.js';
import type { Line } from './slack-line.js';
import { type Seen, slackError } from './slack-error.js';
import type { SlackMethod } from './slack-scopes.js';
import type { SlackAccount } from './slack-types.js';

/** Sends one request and nothing more; the answer says ok. Rejects with a classified VendorError. */
export type SlackHttp = (
  method: SlackMethod,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
) => Promise<object>;

/** Lines kept for the next calls; each holds some tens of kilobytes. */
const MAX_IDLE = 64;

/**
 * The library retries for half an hour by default, also posts whose answer was lost: here it never does. It has one
 * time-out per client and no signal per call, so that each call has a client to itself, and one that failed is not used
 * again. Making one binds each of Slack's methods, which is why they are kept. The library is loaded with the first call:
 * an API that only takes deployments starts without it.
 */
export function createSlackHttp(account: SlackAccount): SlackHttp {
  const post = createPost();
  const idle: Line[] = [];
  return async (method, args, signal) => {
    const seen: Seen = { status: null, retryAfter: null, tooLarge: false };
    const line = idle.pop() ?? (await import('./slack-line.js')).openLine(account, post);
    try {
      const answer = await line(method, args, { signal, seen });
      if (idle.length < MAX_IDLE) idle.push(line);
      return answer;
    } catch (error) {
      throw slackError(method, error, seen);
    }
  };
}
