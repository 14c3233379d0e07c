import type { CallOptions } from '@deptracker/resilience';
import { type MessagePage, asIdentity, asMessagePage } from './parse.js';
import type { Send } from './send.js';
import type { OwnMessage, SlackIdentity } from './slack-types.js';

/** What finds our own messages again. */
export interface Lookups {
  /** Asks Slack anew who our token is. */
  authTest(call: CallOptions): Promise<SlackIdentity>;
  /** Who our token is, asked once; a permit given is not used up where it is already known. */
  identity(call: CallOptions): Promise<SlackIdentity>;
  /** Our own messages between `oldest` and `latest` (not included), newest first, over all pages; the permit is for the first page. */
  history(
    args: { readonly channel: string; readonly oldest: string; readonly latest?: string },
    call: CallOptions,
  ): Promise<OwnMessage[]>;
  /** Our own replies in a thread since `oldest`, the message that began it not included. */
  replies(
    args: { readonly channel: string; readonly threadTs: string; readonly oldest?: string },
    call: CallOptions,
  ): Promise<OwnMessage[]>;
}

const PAGE = 200;

type Listing = 'conversations.history' | 'conversations.replies';
type Arguments = Readonly<Record<string, unknown>>;

/** All pages, each a request with a permit of its own. */
async function allPages(
  send: Send,
  method: Listing,
  args: Arguments,
  call: CallOptions,
): Promise<MessagePage['messages']> {
  const found: MessagePage['messages'][number][] = [];
  let cursor: string | null = null;
  let options = call;
  do {
    const page: MessagePage = await send(
      { method, args: { ...args, limit: PAGE, include_all_metadata: true, cursor }, parse: asMessagePage },
      options,
    );
    found.push(...page.messages);
    cursor = page.nextCursor;
    options = { ...call, permit: undefined };
  } while (cursor !== null);
  return found;
}

/** Pages of history, filtered by the remembered identity. */
export function createLookups(send: Send): Lookups {
  let known: SlackIdentity | null = null;
  const authTest: Lookups['authTest'] = async (call) => {
    known = await send({ method: 'auth.test', args: {}, parse: asIdentity }, call);
    return known;
  };
  const identity: Lookups['identity'] = async (call) => known ?? (await authTest(call));
  const list = async (method: Listing, args: Arguments, call: CallOptions): Promise<OwnMessage[]> => {
    const { botId, userId } = await identity({ ...call, permit: undefined });
    return (await allPages(send, method, args, call))
      .filter((message) => (botId === null ? message.userId === userId : message.botId === botId))
      .map(({ ts, metadata, botId: writtenBy, appId }) => ({ ts, metadata, botId: writtenBy, appId }));
  };
  return {
    authTest,
    identity,
    history: ({ channel, oldest, latest }, call) => list('conversations.history', { channel, oldest, latest }, call),
    replies: async ({ channel, threadTs, oldest }, call) => {
      const listed = await list('conversations.replies', { channel, ts: threadTs, oldest }, call);
      return listed.filter(({ ts }) => ts !== threadTs);
    },
  };
}
