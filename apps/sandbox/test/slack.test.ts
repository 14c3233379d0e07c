import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { APPROVAL, type Running, slackClient, slackError, startSandbox } from './start-sandbox.js';

const CHANNEL = APPROVAL.channel;
let sandbox: Running;

beforeEach(async () => {
  sandbox = await startSandbox({ slack: { teamId: 'T0SANDBOX', botToken: 'xoxb-test' } });
});
afterEach(() => sandbox.stop());

async function post(text: string, more: object = {}): Promise<string> {
  return (await sandbox.slack.chat.postMessage({ channel: CHANNEL, text, ...more })).ts ?? '';
}

async function history(more: object = {}) {
  const { messages = [] } = await sandbox.slack.conversations.history({ channel: CHANNEL, ...more });
  return messages;
}

const button = (more: object): object => ({ type: 'button', text: { type: 'plain_text', text: 'B' }, ...more });
const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text } });

describe('posting', () => {
  it('keeps blocks and metadata, which history gives on request', async () => {
    const { ts } = await sandbox.slack.chat.postMessage(APPROVAL);
    const [plain] = await history();
    expect(plain).toMatchObject({ ts, text: 'Deploy?', bot_id: 'B0DEPBOT', app_id: 'A0DEPTRACKER' });
    expect(plain).not.toHaveProperty('metadata');
    expect((await history({ include_all_metadata: true }))[0]?.metadata).toEqual(APPROVAL.metadata);
    expect(plain?.blocks?.[1]).toMatchObject({ type: 'actions', block_id: 'decide' });
    expect(plain?.blocks?.[0]?.block_id).toMatch(/./);
  });

  it('never gives the same ts twice in a channel', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, (_, index) => post(`m${index}`)));
    expect(new Set(all).size).toBe(50);
    expect(all[0]).toMatch(/^\d{10}\.\d{6}$/);
  });

  it.each([
    ['no_text', {}],
    ['msg_too_long', { text: 'x'.repeat(40_001) }],
    ['channel_not_found', { channel: '#general', text: 'x' }],
    ['thread_not_found', { text: 'x', thread_ts: '1.000001' }],
    ['invalid_blocks_format', { text: 'x', blocks: '{' }],
    ['invalid_metadata_schema', { text: 'x', metadata: { event_type: 'a' } }],
    ['invalid_blocks', { blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }],
    ['invalid_blocks', { blocks: [section('x'.repeat(3001))] }],
    ['invalid_blocks', { blocks: [section('')] }],
    ['invalid_blocks', { blocks: [{ type: 'section' }] }],
    ['invalid_blocks', { blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] }],
    ['invalid_blocks', { blocks: [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }] }],
    ['invalid_blocks', { blocks: [{ type: 'actions', elements: Array.from({ length: 26 }, () => button({})) }] }],
    ['invalid_blocks', { blocks: [{ type: 'actions', elements: [button({ value: 'x'.repeat(2001) })] }] }],
    [
      'invalid_blocks',
      { blocks: [{ type: 'actions', elements: [button({ text: { type: 'plain_text', text: 'x'.repeat(76) } })] }] },
    ],
    ['invalid_blocks', { blocks: [{ type: 'actions', elements: [button({ style: 'green' })] }] }],
    [
      'invalid_blocks',
      {
        blocks: [
          { type: 'divider', block_id: 'a' },
          { type: 'divider', block_id: 'a' },
        ],
      },
    ],
    ['invalid_blocks', { blocks: [{ type: 'carousel' }] }],
  ])('refuses with %s what is wrong (%#)', async (error, args) => {
    const call = sandbox.slack.apiCall('chat.postMessage', { channel: CHANNEL, ...args });
    expect(await slackError(call)).toBe(error);
  });

  it('takes what is just within the limits', async () => {
    const blocks = [section('x'.repeat(3000)), { type: 'actions', elements: [button({ value: 'x'.repeat(2000) })] }];
    expect(await slackError(sandbox.slack.apiCall('chat.postMessage', { channel: CHANNEL, blocks: [...blocks] }))).toBe(
      'none',
    );
  });
});

describe('editing and deleting', () => {
  it('removes the blocks when only text is sent and leaves metadata that is not sent', async () => {
    const { ts = '' } = await sandbox.slack.chat.postMessage(APPROVAL);
    await sandbox.slack.chat.update({ channel: CHANNEL, ts, text: 'Approved' });
    const [message] = await history({ include_all_metadata: true });
    expect(message).toMatchObject({ text: 'Approved', metadata: APPROVAL.metadata, edited: { user: 'B0DEPBOT' } });
    expect(message).not.toHaveProperty('blocks');
  });

  it('refuses longer text than a post may have, and messages that are not there', async () => {
    const ts = await post('a');
    const update = (args: { ts: string; text: string }) => sandbox.slack.chat.update({ channel: CHANNEL, ...args });
    expect(await slackError(update({ ts, text: 'x'.repeat(4001) }))).toBe('msg_too_long');
    expect(await slackError(update({ ts: '1.000001', text: 'x' }))).toBe('message_not_found');
    await sandbox.slack.chat.delete({ channel: CHANNEL, ts });
    expect(await slackError(update({ ts, text: 'x' }))).toBe('message_not_found');
    expect(await slackError(sandbox.slack.chat.delete({ channel: CHANNEL, ts }))).toBe('message_not_found');
    expect(await history()).toEqual([]);
  });
});

describe('reading', () => {
  it('gives history newest first, without replies, within oldest and latest', async () => {
    const first = await post('one');
    const second = await post('two');
    await post('reply', { thread_ts: first });
    const texts = async (more: object): Promise<unknown[]> => (await history(more)).map(({ text }) => text);
    expect(await texts({})).toEqual(['two', 'one']);
    expect(await texts({ oldest: first })).toEqual(['two']);
    expect(await texts({ oldest: first, inclusive: true })).toEqual(['two', 'one']);
    expect(await texts({ latest: second })).toEqual(['one']);
    expect((await history()).at(-1)).toMatchObject({ reply_count: 1, thread_ts: first });
  });

  it('pages with a cursor', async () => {
    for (const text of ['a', 'b', 'c']) await post(text);
    const seen: unknown[] = [];
    for await (const page of sandbox.slack.paginate('conversations.history', { channel: CHANNEL, limit: 2 })) {
      seen.push((page as { messages?: { text: string }[] }).messages?.map(({ text }) => text));
    }
    expect(seen).toEqual([['c', 'b'], ['a']]);
  });

  it('gives a thread with its root first', async () => {
    const root = await post('root');
    await post('reply', { thread_ts: root, metadata: APPROVAL.metadata });
    const thread = await sandbox.slack.conversations.replies({
      channel: CHANNEL,
      ts: root,
      include_all_metadata: true,
    });
    expect(thread.messages?.map(({ text }) => text)).toEqual(['root', 'reply']);
    expect(thread.messages?.[1]).toMatchObject({ thread_ts: root, metadata: APPROVAL.metadata });
    expect(await slackError(sandbox.slack.conversations.replies({ channel: CHANNEL, ts: '1.000001' }))).toBe(
      'thread_not_found',
    );
  });
});

describe('people and credentials', () => {
  it('knows a handful of people, one without an address, and crowds', async () => {
    const email = async (user: string) => (await sandbox.slack.users.info({ user })).user?.profile?.email;
    expect(await email('U0ALICE')).toBe('alice@example.com');
    expect(await email('U0NOEMAIL')).toBeUndefined();
    expect(await email('U1X7')).toBe('u1x7@example.com');
    expect(await slackError(sandbox.slack.users.info({ user: 'U0STRANGER' }))).toBe('user_not_found');
  });

  it('keeps ephemerals out of the history', async () => {
    const sent = await sandbox.slack.chat.postEphemeral({ channel: CHANNEL, user: 'U0BOB', text: 'Too late' });
    expect(sent.message_ts).toMatch(/\./);
    expect(await history()).toEqual([]);
    const ghost = sandbox.slack.chat.postEphemeral({ channel: CHANNEL, user: 'U0STRANGER', text: 'x' });
    expect(await slackError(ghost)).toBe('user_not_in_channel');
  });

  it('tells who the token is, and refuses another one', async () => {
    expect(await sandbox.slack.auth.test()).toMatchObject({ team_id: 'T0SANDBOX', bot_id: 'B0DEPBOT' });
    expect(await slackError(slackClient(sandbox.url, 'xoxb-other').auth.test())).toBe('invalid_auth');
    expect((await sandbox.admin.post('/slack/api/auth.test')).data).toEqual({ ok: false, error: 'not_authed' });
    expect(await slackError(sandbox.slack.apiCall('views.push'))).toBe('unknown_method');
  });
});
