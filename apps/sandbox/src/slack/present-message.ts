import type { JsonObject } from '../json.js';
import { BOT } from './slack-answer.js';
import type { Message } from './message.js';
import type { SlackState } from './slack-state.js';

function threadOf(message: Message, slack: SlackState): JsonObject {
  if (message.threadTs !== null) return { thread_ts: message.threadTs, parent_user_id: BOT.userId };
  const { channel, ts } = message;
  const replies =
    slack.channels
      .get(channel)
      ?.threads.get(ts)
      ?.filter((reply) => slack.message(channel, reply)) ?? [];
  if (replies.length === 0) return {};
  return {
    ...{ thread_ts: ts, reply_count: replies.length, reply_users_count: 1, reply_users: [BOT.userId] },
    ...{ latest_reply: replies.at(-1), is_locked: false, subscribed: false },
  };
}

/**
 * A message as Slack's answers and payloads give it.
 *
 * @param withMetadata history and replies give it only on request
 */
export function presentMessage(message: Message, slack: SlackState, teamId: string, withMetadata: boolean): JsonObject {
  const { ts, text, blocks, metadata, editedTs } = message;
  return {
    user: BOT.userId,
    type: 'message',
    ts,
    bot_id: BOT.botId,
    app_id: BOT.appId,
    text,
    team: teamId,
    bot_profile: { id: BOT.botId, app_id: BOT.appId, name: BOT.name, deleted: false, team_id: teamId },
    ...(editedTs === null ? {} : { edited: { user: BOT.botId, ts: editedTs } }),
    ...(blocks === null ? {} : { blocks }),
    ...threadOf(message, slack),
    ...(withMetadata && metadata !== null ? { metadata } : {}),
  };
}
