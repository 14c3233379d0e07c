import type { Answer, Call, Handler } from '../answer.js';
import { type JsonObject, isObject, parseJson } from '../json.js';
import { blockProblems, keepBlocks } from './blocks.js';
import { personById } from './people.js';
import { presentMessage } from './present-message.js';
import { argument, fine, refused } from './slack-answer.js';
import type { Block, Message } from './message.js';
import type { SlackState } from './slack-state.js';

const POST_TEXT_MAX = 40_000;
const UPDATE_TEXT_MAX = 4_000;
const METADATA_MAX = 8_192;

/** Any id of a public or private channel stands for a channel that exists and that the bot is in. */
export function channelExists(id: string | undefined): id is string {
  return id !== undefined && /^[CG][A-Z0-9]+$/.test(id);
}

interface Content {
  readonly text: string;
  readonly blocks: readonly Block[] | null;
  readonly metadata?: JsonObject;
}

function blocksOf(call: Call): readonly unknown[] | null | Answer {
  const text = argument(call, 'blocks');
  if (text === undefined) return null;
  const blocks = parseJson(text);
  if (!Array.isArray(blocks)) return refused('invalid_blocks_format');
  const problems = blockProblems(blocks);
  if (problems.length > 0) return refused('invalid_blocks', problems);
  return blocks.length === 0 ? null : keepBlocks(blocks);
}

function metadataOf(call: Call): JsonObject | undefined | Answer {
  const text = argument(call, 'metadata');
  if (text === undefined) return undefined;
  if (text.length > METADATA_MAX) return refused('metadata_too_large');
  const metadata = parseJson(text);
  if (!isObject(metadata)) return refused('invalid_metadata_format');
  const { event_type: type, event_payload: payload } = metadata;
  return typeof type === 'string' && type !== '' && isObject(payload) ? metadata : refused('invalid_metadata_schema');
}

const isAnswer = (value: unknown): value is Answer => isObject(value) && 'status' in value && 'body' in value;

/** Text, blocks and metadata of a call, or the refusal. */
function contentOf(call: Call, textMax: number): Content | Answer {
  const text = argument(call, 'text') ?? '';
  const blocks = blocksOf(call);
  if (isAnswer(blocks)) return blocks;
  const metadata = metadataOf(call);
  if (isAnswer(metadata)) return metadata;
  if (text === '' && blocks === null) return refused('no_text');
  if (text.length > textMax) return refused('msg_too_long');
  return { text, blocks: blocks as readonly Block[] | null, ...(metadata === undefined ? {} : { metadata }) };
}

function post(slack: SlackState, teamId: string, call: Call): Answer {
  const channel = argument(call, 'channel');
  if (!channelExists(channel)) return refused('channel_not_found');
  const content = contentOf(call, POST_TEXT_MAX);
  if (isAnswer(content)) return content;
  const threadTs = argument(call, 'thread_ts') ?? null;
  if (threadTs !== null && slack.message(channel, threadTs) === undefined) return refused('thread_not_found');
  const ts = slack.nextTs(channel, call.now);
  const message: Message = { metadata: null, ...content, channel, ts, threadTs, editedTs: null, deleted: false };
  call.commit({ type: 'message.posted', message });
  return fine({ channel, ts, message: presentMessage(message, slack, teamId, false) });
}

function update(slack: SlackState, teamId: string, call: Call): Answer {
  const channel = argument(call, 'channel');
  const ts = argument(call, 'ts');
  if (!channelExists(channel)) return refused('channel_not_found');
  if (ts === undefined || slack.message(channel, ts) === undefined) return refused('message_not_found');
  const content = contentOf(call, UPDATE_TEXT_MAX);
  if (isAnswer(content)) return content;
  const editedTs = slack.nextTs(channel, call.now);
  call.commit({ type: 'message.updated', channel, ts, edit: { ...content, editedTs } });
  const message = slack.message(channel, ts);
  const shown = message === undefined ? {} : presentMessage(message, slack, teamId, false);
  return fine({ channel, ts, text: content.text, message: shown });
}

function remove(slack: SlackState, call: Call): Answer {
  const channel = argument(call, 'channel');
  const ts = argument(call, 'ts');
  if (!channelExists(channel)) return refused('channel_not_found');
  if (ts === undefined || slack.message(channel, ts) === undefined) return refused('message_not_found');
  call.commit({ type: 'message.deleted', channel, ts });
  return fine({ channel, ts });
}

function postEphemeral(slack: SlackState, call: Call): Answer {
  const channel = argument(call, 'channel');
  const user = argument(call, 'user') ?? '';
  if (!channelExists(channel)) return refused('channel_not_found');
  if (personById(user) === undefined) return refused('user_not_in_channel');
  const content = contentOf(call, POST_TEXT_MAX);
  if (isAnswer(content)) return content;
  const { text, blocks } = content;
  const ts = slack.nextTs(channel, call.now);
  const threadTs = argument(call, 'thread_ts') ?? null;
  call.commit({ type: 'ephemeral.posted', ephemeral: { channel, ts, user, text, blocks, threadTs } });
  return fine({ message_ts: ts });
}

/** The methods that write. */
export function chatHandlers(
  slack: SlackState,
  teamId: string,
): Record<'post' | 'update' | 'remove' | 'ephemeral', Handler> {
  return {
    post: (call) => post(slack, teamId, call),
    update: (call) => update(slack, teamId, call),
    remove: (call) => remove(slack, call),
    ephemeral: (call) => postEphemeral(slack, call),
  };
}
