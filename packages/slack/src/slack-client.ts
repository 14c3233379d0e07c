import { type CallOptions, VendorError } from '@deptracker/resilience';
import { type Lookups, createLookups } from './lookups.js';
import { asEmail, asMessageRef, asNothing } from './parse.js';
import { type SlackClientOptions, createSend } from './send.js';
import { createSlackHttp } from './slack-http.js';
import type { MessageRef, PostMessage, SlackAccount, UpdateMessage } from './slack-types.js';

/** Slack's Web API, as far as messages need it. Every failure is a VendorError. */
export interface SlackClient extends Lookups {
  postMessage(message: PostMessage, call: CallOptions): Promise<MessageRef>;
  update(message: UpdateMessage, call: CallOptions): Promise<void>;
  /** A message that is gone already is no error. */
  deleteMessage(message: MessageRef, call: CallOptions): Promise<void>;
  /** A person's e-mail address in lower case; null where there is none to see. */
  userEmail(userId: string, call: CallOptions): Promise<string | null>;
  /** Shown to one person only, and only if they are there. */
  postEphemeral(
    message: { readonly channel: string; readonly user: string; readonly text: string; readonly threadTs?: string },
    call: CallOptions,
  ): Promise<void>;
  /** Opens a modal for whoever did what gave the trigger, which is good for three seconds and one modal. */
  viewsOpen(modal: { readonly triggerId: string; readonly view: object }, call: CallOptions): Promise<void>;
  /** Replaces what a person sees in the app's Home. */
  viewsPublish(home: { readonly userId: string; readonly view: object }, call: CallOptions): Promise<void>;
}

const NO_UNFURL = { unfurl_links: false, unfurl_media: false };
const NOBODY: ReadonlySet<string> = new Set(['user_not_found', 'users_not_found', 'user_not_visible']);

/** Null instead of an error whose code is expected. */
async function unless<T>(codes: ReadonlySet<string>, answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof VendorError && codes.has(error.failure.code)) return null;
    throw error;
  }
}

/** A client for one workspace; knows nothing of deployments. */
export function createSlackClient(options: SlackClientOptions): SlackClient {
  const send = createSend(options);
  return {
    ...createLookups(send),
    postMessage: ({ threadTs, ...message }, call) => {
      const args = { ...message, thread_ts: threadTs, ...NO_UNFURL };
      return send({ method: 'chat.postMessage', args, channel: message.channel, parse: asMessageRef }, call);
    },
    update: (message, call) => send({ method: 'chat.update', args: { ...message }, parse: asNothing }, call),
    deleteMessage: async (message, call) => {
      const deletion = send({ method: 'chat.delete', args: { ...message }, parse: asNothing }, call);
      await unless(new Set(['message_not_found']), deletion);
    },
    userEmail: (user, call) =>
      unless(NOBODY, send({ method: 'users.info', args: { user }, parse: asEmail }, call)),
    postEphemeral: ({ threadTs, ...message }, call) => {
      const args = { ...message, thread_ts: threadTs };
      return send({ method: 'chat.postEphemeral', args, parse: asNothing }, call);
    },
    viewsOpen: ({ triggerId, view }, call) =>
      send({ method: 'views.open', args: { trigger_id: triggerId, view }, parse: asNothing }, call),
    viewsPublish: ({ userId, view }, call) =>
      send({ method: 'views.publish', args: { user_id: userId, view }, parse: asNothing }, call),
  };
}

/** The harmless read that a vendor's breaker tries Slack with: needs no vendor itself. */
export function createSlackProbe(account: SlackAccount): (signal: AbortSignal) => Promise<void> {
  const http = createSlackHttp(account);
  return async (signal) => {
    await http('auth.test', {}, signal);
  };
}
