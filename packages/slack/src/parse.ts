import { Unparsable } from './slack-error.js';
import type { MessageRef, OwnMessage, SlackIdentity, SlackMetadata } from './slack-types.js';

type Dict = Readonly<Record<string, unknown>>;
const dict = (value: unknown): Dict => (typeof value === 'object' && value !== null ? (value as Dict) : {});
const optional = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function required(answer: Dict, field: string): string {
  const value = optional(answer[field]);
  if (value === null) throw new Unparsable(`the answer lacks ${field}`);
  return value;
}

export function asIdentity(answer: object): SlackIdentity {
  const fields = dict(answer);
  return {
    teamId: required(fields, 'team_id'),
    userId: required(fields, 'user_id'),
    botId: optional(fields['bot_id']),
  };
}

export function asMessageRef(answer: object): MessageRef {
  const fields = dict(answer);
  return { channel: required(fields, 'channel'), ts: required(fields, 'ts') };
}

/** The address in lower case, or null where the person shows none. */
export function asEmail(answer: object): string | null {
  const { profile } = dict(dict(answer)['user']);
  return optional(dict(profile)['email'])?.toLowerCase() ?? null;
}

export const asNothing = (): void => undefined;

/** A message as history shows it, with who wrote it. */
export interface ListedMessage extends OwnMessage {
  readonly userId: string | null;
}

export interface MessagePage {
  readonly messages: readonly ListedMessage[];
  readonly nextCursor: string | null;
}

function asMetadata(value: unknown): SlackMetadata | null {
  const { event_type: type, event_payload: payload } = dict(value);
  return typeof type === 'string' ? { event_type: type, event_payload: dict(payload) } : null;
}

export function asMessagePage(answer: object): MessagePage {
  const { messages, response_metadata: rest } = dict(answer);
  if (!Array.isArray(messages)) throw new Unparsable('the answer lacks messages');
  return {
    messages: messages.map(dict).map((message) => ({
      ts: required(message, 'ts'),
      metadata: asMetadata(message['metadata']),
      botId: optional(message['bot_id']),
      appId: optional(message['app_id']),
      userId: optional(message['user']),
    })),
    nextCursor: optional(dict(rest)['next_cursor']),
  };
}
