import { randomBytes } from 'node:crypto';
import type { Call, Handler } from '../answer.js';
import { isObject } from '../json.js';
import { blockProblems, keepBlocks } from './blocks.js';
import { fine, refused } from './slack-answer.js';
import type { Block } from './message.js';
import type { SlackState } from './slack-state.js';

const USES = 5;
const LIFE_MS = 30 * 60_000;

interface Grant {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly until: number;
  uses: number;
}

/** The `response_url`s handed out with clicks: each works five times within 30 minutes, and not beyond a restart. */
export class ResponseUrls {
  private readonly grants = new Map<string, Grant>();

  /** The last part of a new address for a click on a message; `now` in ms. */
  grant(channel: string, ts: string, user: string, now: number): string {
    const key = randomBytes(12).toString('hex');
    this.grants.set(key, { channel, ts, user, until: now + LIFE_MS, uses: 0 });
    return key;
  }

  /** Uses an address once; undefined if it is unknown, spent or too old. */
  use(key: string, now: number): Grant | undefined {
    const grant = this.grants.get(key);
    if (grant === undefined || grant.uses >= USES || now > grant.until) return undefined;
    grant.uses += 1;
    return grant;
  }
}

/** Text and blocks of an answer to what somebody did; null where Slack would not take them. */
export function contentOf(body: Readonly<Record<string, unknown>>): { text: string; blocks: readonly Block[] | null } | null {
  const { text = '', blocks = [] } = body;
  if (typeof text !== 'string' || !Array.isArray(blocks) || blockProblems(blocks).length > 0) return null;
  if (text === '' && blocks.length === 0) return null;
  return { text, blocks: blocks.length === 0 ? null : keepBlocks(blocks) };
}

/** Plays a POST to a response_url: an ephemeral, a new message, or the clicked message replaced or deleted. */
export function responseUrlHandler(slack: SlackState, urls: ResponseUrls): Handler {
  return (call: Call) => {
    const grant = urls.use(String(call.request.params['key']), call.now);
    if (grant === undefined) return { status: 404, body: 'used_url' };
    const body: unknown = call.request.body;
    if (!isObject(body)) return { status: 400, body: 'invalid_payload' };
    const { channel, ts, user } = grant;
    if (body['delete_original'] === true) {
      call.commit({ type: 'message.deleted', channel, ts });
      return fine({});
    }
    const content = contentOf(body);
    if (content === null) return { ...refused('invalid_blocks'), status: 400 };
    const nextTs = slack.nextTs(channel, call.now);
    if (body['replace_original'] === true) {
      call.commit({ type: 'message.updated', channel, ts, edit: { ...content, editedTs: nextTs } });
    } else if (body['response_type'] === 'in_channel') {
      const message = {
        channel,
        ts: nextTs,
        ...content,
        metadata: null,
        threadTs: null,
        editedTs: null,
        deleted: false,
      };
      call.commit({ type: 'message.posted', message });
    } else {
      call.commit({ type: 'ephemeral.posted', ephemeral: { channel, ts: nextTs, user, ...content, threadTs: null } });
    }
    return fine({});
  };
}
