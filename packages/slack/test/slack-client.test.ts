import { type VendorError, createDirectVendor } from '@deptracker/resilience';
import { createMetrics } from '@deptracker/runtime';
import { createSlackClient, createSlackProbe } from '@deptracker/slack';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeSlack, json, page, silence, startFakeSlack } from './fake-slack.js';
import { SCOPES, TOKEN, clientOf, failureOf, permitFor } from './set-up.js';

const CALL = { maxWaitMs: 0 };
const WHO = { ok: true, team_id: 'T1', user_id: 'U0', bot_id: 'B1', url: 'https://x.slack.com/' };
const METADATA = { event_type: 'deptracker_approval', event_payload: { approval_id: 'a1' } };

let server: FakeSlack;

beforeAll(async () => {
  server = await startFakeSlack();
});

afterAll(async () => {
  await server.stop();
});

beforeEach(() => {
  server.received.length = 0;
  server.answer('auth.test', json(WHO));
});

const own = (ts: string): object => ({ ts, bot_id: 'B1', app_id: 'A1', user: 'U0', metadata: METADATA, text: 'x' });

describe('posting', () => {
  it('sends blocks and metadata as JSON strings in a form, unfurls nothing, and gives the place back', async () => {
    server.answer('chat.postMessage', json({ ok: true, channel: 'C1', ts: '1.5' }));
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'a & b' } }];
    const { slack } = clientOf(server.apiUrl);
    const message = { channel: 'C1', text: 'a & b', blocks, metadata: METADATA, threadTs: '1.1' };
    expect(await slack.postMessage(message, CALL)).toEqual({ channel: 'C1', ts: '1.5' });
    const [request] = server.received;
    expect(request).toMatchObject({
      method: 'chat.postMessage',
      authorization: `Bearer ${TOKEN}`,
      contentType: 'application/x-www-form-urlencoded',
    });
    expect(request?.fields).toEqual({
      channel: 'C1',
      text: 'a & b',
      blocks: JSON.stringify(blocks),
      metadata: JSON.stringify(METADATA),
      thread_ts: '1.1',
      unfurl_links: 'false',
      unfurl_media: 'false',
    });
  });

  it('counts against the workspace, the method and the channel', async () => {
    server.answer('chat.postMessage', json({ ok: true, channel: 'C1', ts: '1.5' }));
    const { slack, acquired } = clientOf(server.apiUrl);
    await slack.postMessage({ channel: 'C1', text: 'x' }, CALL);
    expect(acquired).toEqual([['slack', 'slack:chat.postMessage', 'slack:chat.postMessage:C1']]);
    expect(SCOPES('chat.postMessage', 'C1')).toEqual([
      { name: 'slack', perMinute: 120 },
      { name: 'slack:chat.postMessage', perMinute: null },
      { name: 'slack:chat.postMessage:C1', perMinute: 60 },
    ]);
  });

  it('uses a permit that was reserved before', async () => {
    server.answer('chat.postMessage', json({ ok: true, channel: 'C1', ts: '1.5' }));
    const { slack, vendor, acquired } = clientOf(server.apiUrl);
    const permit = await permitFor(vendor, SCOPES('chat.postMessage', 'C1'));
    await slack.postMessage({ channel: 'C1', text: 'x' }, { ...CALL, permit });
    expect(acquired).toHaveLength(1);
  });
});

describe('posts at the same time', () => {
  it('end each by itself, and leave nothing to those that come after', async () => {
    const { slack } = clientOf(server.apiUrl, 1_000);
    const answers = ['1.1', '1.2', '1.3'].map((ts) => json({ ok: true, channel: 'C1', ts }));
    server.answer('chat.postMessage', answers[0] ?? silence, silence, answers[1] ?? silence, answers[2] ?? silence);
    const posts = Array.from({ length: 3 }, () => slack.postMessage({ channel: 'C1', text: 'x' }, CALL).then(({ ts }) => ts, ({ failure }: VendorError) => failure.code));
    expect((await Promise.all(posts)).sort()).toEqual(['1.1', '1.2', 'timeout']);
    expect(await slack.postMessage({ channel: 'C1', text: 'x' }, CALL)).toMatchObject({ ts: '1.3' });
  });
});

describe('editing and deleting', () => {
  it('sends text and blocks together and leaves metadata out where none is given', async () => {
    server.answer('chat.update', json({ ok: true }));
    await clientOf(server.apiUrl).slack.update({ channel: 'C1', ts: '1.5', text: 'x', blocks: [] }, CALL);
    expect(server.received[0]?.fields).toEqual({ channel: 'C1', ts: '1.5', text: 'x', blocks: '[]' });
  });

  it('takes a message that is gone for deleted, and tells of anything else', async () => {
    const { slack } = clientOf(server.apiUrl);
    server.answer('chat.delete', json({ ok: false, error: 'message_not_found' }));
    await slack.deleteMessage({ channel: 'C1', ts: '1.5' }, CALL);
    server.answer('chat.delete', json({ ok: false, error: 'cant_delete_message' }));
    const failure = await failureOf(slack.deleteMessage({ channel: 'C1', ts: '1.5' }, CALL));
    expect(failure.code).toBe('cant_delete_message');
  });
});

describe('looking messages up', () => {
  it('reads all pages, each with a permit of its own, and keeps only our own bot\'s messages', async () => {
    server.answer(
      'conversations.history',
      json({ ok: true, messages: [own('3.3'), { ts: '3.2', user: 'U9' }], response_metadata: { next_cursor: 'more' } }),
      json({ ok: true, messages: [{ ...own('2.2'), bot_id: 'B9' }, { ts: '2.1', bot_id: 'B1' }] }),
    );
    const { slack, vendor, acquired } = clientOf(server.apiUrl);
    const permit = await permitFor(vendor, SCOPES('conversations.history'));
    const found = await slack.history({ channel: 'C1', oldest: '1.0', latest: '9.0' }, { ...CALL, permit });
    expect(found).toEqual([
      { ts: '3.3', metadata: METADATA, botId: 'B1', appId: 'A1' },
      { ts: '2.1', metadata: null, botId: 'B1', appId: null },
    ]);
    const pages = server.received.filter(({ method }) => method === 'conversations.history');
    const first = { channel: 'C1', oldest: '1.0', latest: '9.0', limit: '200', include_all_metadata: 'true' };
    expect(pages.map(({ fields }) => fields)).toEqual([first, { ...first, cursor: 'more' }]);
    const listing = ['slack', 'slack:conversations.history'];
    expect(acquired).toEqual([listing, ['slack', 'slack:auth.test'], listing]);
  });

  it('finds replies without the message that began the thread', async () => {
    server.answer('conversations.replies', json({ ok: true, messages: [own('1.1'), own('1.2')] }));
    const { slack } = clientOf(server.apiUrl);
    const found = await slack.replies({ channel: 'C1', threadTs: '1.1', oldest: '1.0' }, CALL);
    expect(found.map(({ ts }) => ts)).toEqual(['1.2']);
    expect(server.received.at(-1)?.fields).toMatchObject({ channel: 'C1', ts: '1.1', oldest: '1.0' });
  });

  it('fails as a whole where a page fails, so that a half answer is never taken for "absent"', async () => {
    server.answer(
      'conversations.history',
      json({ ok: true, messages: [], response_metadata: { next_cursor: 'more' } }),
      json({ ok: false, error: 'not_in_channel' }),
    );
    const { slack } = clientOf(server.apiUrl);
    const failure = await failureOf(slack.history({ channel: 'C1', oldest: '1.0' }, CALL));
    expect(failure).toMatchObject({ fault: 'row', code: 'not_in_channel' });
  });

  it('is repeated once after an outage', async () => {
    server.answer('conversations.history', page('', 502), json({ ok: true, messages: [] }));
    expect(await clientOf(server.apiUrl).slack.history({ channel: 'C1', oldest: '1.0' }, CALL)).toEqual([]);
  });
});

describe('the identity', () => {
  it('is asked for once', async () => {
    const { slack } = clientOf(server.apiUrl);
    expect(await slack.identity(CALL)).toEqual({ teamId: 'T1', userId: 'U0', botId: 'B1' });
    await slack.identity(CALL);
    expect(server.received).toHaveLength(1);
    await slack.authTest(CALL);
    expect(server.received).toHaveLength(2);
  });

  it('is not remembered where asking failed', async () => {
    server.answer('auth.test', json({ ok: false, error: 'invalid_auth' }));
    const { slack } = clientOf(server.apiUrl);
    expect((await failureOf(slack.identity(CALL))).code).toBe('invalid_auth');
    server.answer('auth.test', json(WHO));
    expect((await slack.identity(CALL)).teamId).toBe('T1');
  });

  it('of a person\'s token has no bot, and messages are known by the user', async () => {
    server.answer('auth.test', json({ ...WHO, bot_id: undefined }));
    const messages = [{ ts: '1.2', user: 'U0' }, { ts: '1.1', user: 'U9' }];
    server.answer('conversations.history', json({ ok: true, messages }));
    const found = await clientOf(server.apiUrl).slack.history({ channel: 'C1', oldest: '1.0' }, CALL);
    expect(found.map(({ ts }) => ts)).toEqual(['1.2']);
  });
});

describe('the probe', () => {
  it('asks who we are, and fails where Slack does not take the token', async () => {
    const probe = createSlackProbe({ token: TOKEN, apiUrl: server.apiUrl });
    await probe(new AbortController().signal);
    expect(server.received.map(({ method }) => method)).toEqual(['auth.test']);
    server.answer('auth.test', json({ ok: false, error: 'token_revoked' }));
    const failure = await failureOf(probe(new AbortController().signal));
    expect(failure).toMatchObject({ fault: 'vendor', code: 'token_revoked' });
  });
});

describe('interactive answers without a gate', () => {
  const direct = () => {
    const metrics = createMetrics({ service: 'test' }).registry;
    const vendor = createDirectVendor({ name: 'slack', timeoutMs: 20_000, metrics });
    return createSlackClient({ token: TOKEN, apiUrl: server.apiUrl, vendor, scopes: SCOPES });
  };

  it('give a person\'s e-mail address in lower case', async () => {
    server.answer('users.info', json({ ok: true, user: { id: 'U1', profile: { email: 'Ada@Example.com' } } }));
    expect(await direct().userEmail('U1', CALL)).toBe('ada@example.com');
  });

  it('give no address where there is none or nobody', async () => {
    server.answer('users.info', json({ ok: true, user: { id: 'U1', profile: {} } }));
    expect(await direct().userEmail('U1', CALL)).toBeNull();
    server.answer('users.info', json({ ok: false, error: 'user_not_found' }));
    expect(await direct().userEmail('U1', CALL)).toBeNull();
  });

  it('show one person a line', async () => {
    server.answer('chat.postEphemeral', json({ ok: true, message_ts: '1.9' }));
    await direct().postEphemeral({ channel: 'C1', user: 'U1', text: 'already decided' }, CALL);
    expect(server.received[0]?.fields).toEqual({ channel: 'C1', user: 'U1', text: 'already decided' });
  });
});
