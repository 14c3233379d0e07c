import type { Answer, Call, Handler } from '../answer.js';
import { presentMessage } from './present-message.js';
import { argument, fine, refused } from './slack-answer.js';
import { channelExists } from './chat-handlers.js';
import type { Message } from './message.js';
import type { SlackState } from './slack-state.js';
import { tsToMicros } from './ts.js';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 999;

interface Window {
  readonly within: (ts: string) => boolean;
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** The part of the past that a call asks for, or the refusal. */
function windowOf(call: Call): Window | Answer {
  const oldest = tsToMicros(argument(call, 'oldest') ?? '0');
  const latest = tsToMicros(argument(call, 'latest') ?? '9999999999');
  if (oldest === null) return refused('invalid_ts_oldest');
  if (latest === null) return refused('invalid_ts_latest');
  const limit = Number(argument(call, 'limit') ?? LIMIT_DEFAULT);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) return refused('invalid_limit');
  const inclusive = ['true', '1'].includes(argument(call, 'inclusive') ?? 'false');
  const encoded = argument(call, 'cursor');
  const cursor = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
  if (cursor !== undefined && !/^next_ts:\d+\.\d+$/.test(cursor)) return refused('invalid_cursor');
  const within = (ts: string): boolean => {
    const at = tsToMicros(ts) ?? 0;
    return (at > oldest && at < latest) || (inclusive && (at === oldest || at === latest));
  };
  return { within, limit, cursor: cursor?.slice('next_ts:'.length) };
}

/** One page of messages that are already in the order of the answer. */
function page(messages: readonly Message[], window: Window, slack: SlackState, teamId: string, call: Call): Answer {
  const found = window.cursor === undefined ? 0 : messages.findIndex(({ ts }) => ts === window.cursor);
  const start = found === -1 ? messages.length : found;
  const next = messages[start + window.limit];
  const withMetadata = ['true', '1'].includes(argument(call, 'include_all_metadata') ?? 'false');
  const shown = messages.slice(start, start + window.limit);
  return fine({
    messages: shown.map((message) => presentMessage(message, slack, teamId, withMetadata)),
    has_more: next !== undefined,
    ...(next === undefined
      ? {}
      : { response_metadata: { next_cursor: Buffer.from(`next_ts:${next.ts}`).toString('base64') } }),
  });
}

const isAnswer = (value: Window | Answer): value is Answer => 'status' in value;

function history(slack: SlackState, teamId: string, call: Call): Answer {
  const id = argument(call, 'channel');
  if (!channelExists(id)) return refused('channel_not_found');
  const window = windowOf(call);
  if (isAnswer(window)) return window;
  const roots = slack.channels.get(id)?.roots.filter(window.within) ?? [];
  const messages = roots.toReversed().flatMap((ts) => slack.message(id, ts) ?? []);
  return page(messages, window, slack, teamId, call);
}

function replies(slack: SlackState, teamId: string, call: Call): Answer {
  const id = argument(call, 'channel');
  const ts = argument(call, 'ts') ?? '';
  if (!channelExists(id)) return refused('channel_not_found');
  const window = windowOf(call);
  if (isAnswer(window)) return window;
  const asked = slack.message(id, ts);
  const root = asked?.threadTs ?? ts;
  const thread = slack.channels.get(id)?.threads.get(root) ?? [];
  if (asked === undefined && thread.length === 0) return refused('thread_not_found');
  const chosen = [root, ...thread.filter(window.within)];
  return page(
    chosen.flatMap((one) => slack.message(id, one) ?? []),
    window,
    slack,
    teamId,
    call,
  );
}

/** The methods that read messages. The root of a thread comes first among its replies, whatever `oldest` says. */
export function historyHandlers(slack: SlackState, teamId: string): Record<'history' | 'replies', Handler> {
  return {
    history: (call) => history(slack, teamId, call),
    replies: (call) => replies(slack, teamId, call),
  };
}
