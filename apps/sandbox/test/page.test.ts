import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderAdf } from '../dist/page/adf-html.js';
import { renderMrkdwn, renderPlain } from '../dist/page/mrkdwn.js';
import { APPROVAL, type Running, issueFields, startSandbox, startWebhook } from './start-sandbox.js';

describe('mrkdwn', () => {
  it.each([
    ['*bold* _soft_ ~gone~ `code *x*`', '<strong>bold</strong> <em>soft</em> <del>gone</del> <code>code *x*</code>'],
    ['snake_case_name 2*3*4', 'snake_case_name 2*3*4'],
    ['*a _b_*', '<strong>a <em>b</em></strong>'],
    [
      '<https://x.example/?a=1&amp;b=2|a &lt;b&gt;>',
      '<a href="https://x.example/?a=1&amp;b=2" target="_blank" rel="noreferrer noopener">a &lt;b&gt;</a>',
    ],
    ['<javascript:alert(1)|press>', 'press'],
    ['<@U0ALICE> <@U0ZED>', '<span class="mention">@Alice</span> <span class="mention">@U0ZED</span>'],
    ['<!channel>', '<span class="mention loud">@channel</span>'],
    ['&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;', '&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;'],
    ['"quoted" <b onclick="x">', '&quot;quoted&quot; b onclick=&quot;x&quot;'],
    ['a\nb', 'a<br>b'],
    [':rocket: :unheard_of:', '🚀 :unheard_of:'],
    ['&gt; said\nthen', '<blockquote>said</blockquote>then'],
    ['```a *b*\n<c>```', '<pre>a *b*\n&lt;c&gt;</pre>'],
    [
      '<!date^1700000000^{date}|then>',
      '<time datetime="2023-11-14T22:13:20.000Z" title="then">2023-11-14 22:13 UTC</time>',
    ],
  ])('shows %j', (text, expected) => {
    expect(renderMrkdwn(text).text).toBe(expected);
  });

  it('leaves plain text as it is but for short codes', () => {
    expect(renderPlain('*a* <b> :tada:').text).toBe('*a* &lt;b&gt; 🎉');
  });
});

it('shows documents and lets no mark-up or script address through', () => {
  const text = (words: string, ...marks: object[]): object => ({ type: 'text', text: words, marks });
  const link = { type: 'link', attrs: { href: 'javascript:alert(1)' } };
  const paragraph = { type: 'paragraph', content: [text('<b>', { type: 'strong' }), text('x', link)] };
  const heading = { type: 'heading', attrs: { level: 3 }, content: [text('H')] };
  const panel = { type: 'panel', attrs: { panelType: '"><script>' }, content: [] };
  expect(renderAdf({ type: 'doc', content: [heading, paragraph, panel] }).text).toBe(
    '<h3>H</h3><p><strong>&lt;b&gt;</strong>x</p><div class="panel &quot;&gt;&lt;script&gt;"></div>',
  );
});

describe('the page', () => {
  let sandbox: Running;
  let hook: Awaited<ReturnType<typeof startWebhook>>;

  beforeEach(async () => {
    hook = await startWebhook(200, 'thanks');
    sandbox = await startSandbox({ webhookUrl: hook.url });
  });
  afterEach(async () => {
    await sandbox.stop();
    await hook.stop();
  });

  const press = (click: object) =>
    sandbox.admin.post('/_click', { channel: APPROVAL.channel, action_id: 'approve', user: 'U0ALICE', ...click });

  it('shows tickets, messages and buttons under a strict content security policy', async () => {
    await sandbox.jira.post('/issue', issueFields({ summary: '<img src=x onerror=alert(1)>' }));
    const { ts = '' } = await sandbox.slack.chat.postMessage(APPROVAL);
    await sandbox.slack.chat.postMessage({ channel: APPROVAL.channel, thread_ts: ts, text: 'a reply' });
    await sandbox.slack.chat.postEphemeral({ channel: APPROVAL.channel, user: 'U0BOB', text: 'for Bob' });
    const { data, headers } = await sandbox.admin.get('/');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'nonce-/);
    expect(data).toContain('<h3>&lt;img src=x onerror=alert(1)&gt;</h3>');
    expect(data).toContain('<span class="lozenge new">To Do</span>');
    expect(data).toContain('data-action="approve" data-block="decide" data-value="a1"');
    expect(data).toContain('1 reply');
    expect(data).toContain('data-only="U0BOB" hidden');
    expect(data).not.toMatch(/(src|href)="http/);
  });

  it('sends its halves again only when something has changed', async () => {
    const first = (await sandbox.admin.get('/_page')).data as { version: number };
    expect((await sandbox.admin.get(`/_page?version=${first.version}&faults=0`)).status).toBe(204);
    await sandbox.jira.post('/issue', issueFields());
    const next = await sandbox.admin.get(`/_page?version=${first.version}&faults=0`);
    expect(next.data).toMatchObject({ counts: { tickets: 1, messages: 0 } });
    expect(next.data.tickets).toContain('DEP-1');
  });

  it('counts a lag of the search once, and rests while it stays', async () => {
    await sandbox.admin.put('/_faults', [{ method: 'jira.search', searchLagMs: 5000 }]);
    const { data } = await sandbox.admin.get('/_page');
    expect(data).toMatchObject({ faults: 1 });
    expect((await sandbox.admin.get(`/_page?version=${data.version}&faults=1`)).status).toBe(204);
    await sandbox.admin.put('/_faults', { rules: [{ method: 'jira.*', kind: 'reset' }], searchLagMs: 5000 });
    expect((await sandbox.admin.get(`/_page?version=${data.version}&faults=1`)).data).toMatchObject({ faults: 2 });
  });

  it('counts the same messages in a channel and in all', async () => {
    const { ts = '' } = await sandbox.slack.chat.postMessage(APPROVAL);
    expect((await sandbox.admin.get('/_page')).data.channels).toContain('1 message<');
    await sandbox.slack.chat.postMessage({ channel: APPROVAL.channel, thread_ts: ts, text: 'a reply' });
    const gone = await sandbox.slack.chat.postMessage({ channel: APPROVAL.channel, text: 'gone' });
    await sandbox.slack.chat.delete({ channel: APPROVAL.channel, ts: gone.ts ?? '' });
    const { data } = await sandbox.admin.get('/_page');
    expect(data.counts.messages).toBe(2);
    expect(data.channels).toContain('2 messages<');
  });

  it('leads from a browse address to the ticket on the page', async () => {
    const { status, headers } = await sandbox.admin.get('/jira/browse/DEP-1', { maxRedirects: 0 });
    expect([status, headers['location']]).toEqual([302, '/#DEP-1']);
  });

  it('presses a button with a signed block_actions payload and tells what came back', async () => {
    const { ts = '' } = await sandbox.slack.chat.postMessage(APPROVAL);
    const { data } = await press({ ts, block_id: 'decide', value: 'a1' });
    expect(data).toMatchObject({ status: 200, body: 'thanks' });
    const [{ headers, body } = { headers: {}, body: '' }] = hook.received;
    const base = `v0:${String(headers['x-slack-request-timestamp'])}:${body}`;
    const signature = createHmac('sha256', 'test-secret').update(base).digest('hex');
    expect(headers['x-slack-signature']).toBe(`v0=${signature}`);
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    const payload: unknown = JSON.parse(new URLSearchParams(body).get('payload') ?? '');
    expect(payload).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0ALICE', username: 'alice', team_id: 'T0SANDBOX' },
      container: { type: 'message', message_ts: ts, channel_id: APPROVAL.channel, is_ephemeral: false },
      team: { id: 'T0SANDBOX' },
      message: { ts, text: 'Deploy?' },
      state: { values: {} },
      actions: [{ action_id: 'approve', block_id: 'decide', value: 'a1', style: 'primary', type: 'button' }],
    });
  });

  it('honours the response_url of a press five times', async () => {
    const { ts = '' } = await sandbox.slack.chat.postMessage(APPROVAL);
    await press({ ts });
    const payload = JSON.parse(new URLSearchParams(hook.received[0]?.body).get('payload') ?? '') as {
      response_url: string;
    };
    const respond = async (body: object): Promise<number> =>
      (await sandbox.admin.post(payload.response_url, body)).status;
    expect(await respond({ text: 'Only for you' })).toBe(200);
    expect(await respond({ response_type: 'in_channel', text: 'For all' })).toBe(200);
    expect(await respond({ replace_original: true, text: 'Decided' })).toBe(200);
    expect(await respond({})).toBe(400);
    expect(await respond({ delete_original: true })).toBe(200);
    expect(await respond({ text: 'sixth' })).toBe(404);
    const { data } = await sandbox.admin.get('/_state');
    expect(data.channels[0]).toMatchObject({ messages: [{ text: 'For all' }], ephemerals: [{ text: 'Only for you' }] });
  });

  it('refuses a button that the message never had, in a sentence', async () => {
    const { ts = '' } = await sandbox.slack.chat.postMessage(APPROVAL);
    const unknown = await press({ ts, action_id: 'approved' });
    expect([unknown.status, unknown.data]).toEqual([
      404,
      { errors: ['The message has no button "approved"; its buttons: approve.'] },
    ]);
    const elsewhere = await press({ ts, block_id: 'other' });
    expect([elsewhere.status, elsewhere.data.errors[0]]).toEqual([404, expect.stringContaining('in block "other"')]);
    expect(hook.received).toEqual([]);
  });

  it('lets a button be pressed that an edit has removed, for whom the edit has not reached', async () => {
    const { ts = '' } = await sandbox.slack.chat.postMessage(APPROVAL);
    for (const text of ['decided', 'done']) {
      await sandbox.slack.chat.update({ channel: APPROVAL.channel, ts, text, blocks: [] });
    }
    expect((await press({ ts })).data).toMatchObject({ status: 200 });
    const payload: unknown = JSON.parse(new URLSearchParams(hook.received[0]?.body).get('payload') ?? '');
    expect(payload).toMatchObject({ actions: [{ action_id: 'approve', block_id: 'decide', value: 'a1' }] });
  });

  it('says what is wrong with a press, and that nobody answers', async () => {
    const { ts = '' } = await sandbox.slack.chat.postMessage(APPROVAL);
    expect((await press({ ts: 5 })).status).toBe(400);
    expect((await press({ ts: '1.000001' })).status).toBe(404);
    expect((await press({ ts, user: 'U0STRANGER' })).status).toBe(404);
    await hook.stop();
    const { data } = await press({ ts });
    expect(data.error).toContain('ECONNREFUSED');
  });
});
