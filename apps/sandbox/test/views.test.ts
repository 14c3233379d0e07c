import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Received, type Running, APPROVAL, slackError, startSandbox, startWebhook } from './start-sandbox.js';

const BUTTON = { type: 'button', action_id: 'approve', value: 'a1', text: { type: 'plain_text', text: 'Approve' } };
const INPUT = { type: 'input', block_id: 'why', label: { type: 'plain_text', text: 'Why <b>?' }, element: { type: 'plain_text_input', action_id: 'text', multiline: true, max_length: 20 } };
const words = (text: string) => ({ type: 'plain_text' as const, text });
const MODAL = { type: 'modal' as const, callback_id: 'c', private_metadata: 'm', title: words('Reject'), submit: words('Send'), blocks: [INPUT] };
const HOME = { type: 'home' as const, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*Hello* &lt;b&gt;' } }, { type: 'actions', block_id: 'b1', elements: [BUTTON] }] };

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- payloads are looked at field by field
type Body = any;

let sandbox: Running;
let hook: Awaited<ReturnType<typeof startWebhook>>;
let now: number;

async function start(text = ''): Promise<void> {
  hook = await startWebhook(200, text);
  now = Date.now();
  sandbox = await startSandbox({ webhookUrl: hook.url, now: () => now });
}

beforeEach(() => start());
afterEach(async () => {
  await sandbox.stop();
  await hook.stop();
});

const call = (method: string, args: object): Promise<Body> => sandbox.slack.apiCall(method, args as Record<string, unknown>);
const payloadOf = (received: Received | undefined): Body => JSON.parse(new URLSearchParams(received?.body).get('payload') ?? '{}');
const act = (path: string, body: object): Promise<Body> => sandbox.admin.post(path, { user: 'U0ALICE', ...body });
const state = async (): Promise<Body> => (await sandbox.admin.get('/_state')).data;

/** Something that Alice did just now. */
async function trigger(): Promise<string> {
  const { ts = '' } = await sandbox.slack.chat.postMessage(APPROVAL);
  await act('/_click', { channel: APPROVAL.channel, ts, action_id: 'approve' });
  return payloadOf(hook.received.at(-1)).trigger_id as string;
}

const opened = async (view: object = MODAL): Promise<string> => (await call('views.open', { trigger_id: await trigger(), view })).view.id as string;

describe('views.open', () => {
  it('shows a modal to who gave the trigger', async () => {
    await opened();
    const { modals } = await state();
    expect(modals).toMatchObject([{ user: 'U0ALICE', type: 'modal', callback_id: 'c', private_metadata: 'm', state: { values: {} } }]);
    const { data } = await sandbox.admin.get('/_page');
    expect(data.modals).toContain('Why &lt;b&gt;?');
    expect(data.modals).toContain('maxlength="20"');
    expect((await sandbox.admin.get('/_ledger?type=view.opened')).data.entries).toHaveLength(1);
  });

  it('takes a trigger once and within three seconds', async () => {
    const once = await trigger();
    await call('views.open', { trigger_id: once, view: MODAL });
    expect(await slackError(call('views.open', { trigger_id: once, view: MODAL }))).toBe('exchanged_trigger_id');
    const late = await trigger();
    now += 3_001;
    expect(await slackError(call('views.open', { trigger_id: late, view: MODAL }))).toBe('expired_trigger_id');
    expect(await slackError(call('views.open', { trigger_id: '1.2.3', view: MODAL }))).toBe('invalid_trigger_id');
    expect((await state()).modals).toHaveLength(1);
  });

  it('fails where a fault says so', async () => {
    const given = await trigger();
    await sandbox.admin.put('/_faults', [{ method: 'slack.views.open', kind: 'error', error: 'fatal_error' }]);
    expect(await slackError(call('views.open', { trigger_id: given, view: MODAL }))).toBe('fatal_error');
    expect((await state()).modals).toEqual([]);
  });

  it.each([
    ['no view', {}],
    ['Home', HOME],
    ['a long title', { ...MODAL, title: words('x'.repeat(25)) }],
    ['fields without a button to submit', { ...MODAL, submit: undefined }],
    ['101 blocks', { ...MODAL, blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) }],
    ['two blocks of one id', { ...MODAL, blocks: [INPUT, INPUT] }],
    ['a long memory', { ...MODAL, private_metadata: 'x'.repeat(3001) }],
    ['a long callback', { ...MODAL, callback_id: 'x'.repeat(256) }],
    ['something unheard of', { ...MODAL, colour: 'red' }],
    ['an element that is none', { ...MODAL, blocks: [{ ...INPUT, element: { type: 'crayon' } }] }],
  ])('refuses %s', async (_what, view) => {
    expect(await slackError(call('views.open', { trigger_id: await trigger(), view }))).toBe('invalid_arguments');
  });

  it('refuses what is too large', async () => {
    const blocks = Array.from({ length: 90 }, () => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(2900) } }));
    expect(await slackError(call('views.open', { trigger_id: await trigger(), view: { ...MODAL, blocks } }))).toBe('view_too_large');
  });
});

describe('a modal', () => {
  const submit = (view: string, text: string, more: object = {}) => act('/_submit', { view, values: { why: { text } }, ...more });

  it('is submitted signed, with what was written, and closes', async () => {
    const view = await opened();
    const { data } = await submit(view, 'not <today>');
    expect(data).toMatchObject({ status: 200, modal: 'closed' });
    const last = hook.received.at(-1);
    const base = `v0:${String(last?.headers['x-slack-request-timestamp'])}:${last?.body ?? ''}`;
    expect(last?.headers['x-slack-signature']).toBe(`v0=${createHmac('sha256', 'test-secret').update(base).digest('hex')}`);
    expect(payloadOf(last)).toMatchObject({
      type: 'view_submission',
      user: { id: 'U0ALICE', team_id: 'T0SANDBOX' },
      view: { id: view, callback_id: 'c', private_metadata: 'm', state: { values: { why: { text: { type: 'plain_text_input', value: 'not <today>' } } } } },
    });
    expect((await state()).modals).toEqual([]);
    expect((await submit(view, 'again')).status).toBe(404);
  });

  it.each([
    ['', 'complete this required field'],
    ['x'.repeat(21), 'At most 20 characters'],
  ])('with %j in its field is not sent', async (text, expected) => {
    const view = await opened();
    const before = hook.received.length;
    const { data } = await submit(view, text);
    expect([data.modal, data.fields.why]).toEqual(['errors', expect.stringContaining(expected)]);
    expect(hook.received).toHaveLength(before);
  });

  it('without words in a field that may be empty tells null', async () => {
    const view = await opened({ ...MODAL, blocks: [{ ...INPUT, optional: true }] });
    await submit(view, '');
    expect(payloadOf(hook.received.at(-1)).view.state.values.why.text.value).toBeNull();
  });

  it.each([
    [JSON.stringify({ response_action: 'errors', errors: { why: 'not you' } }), 'errors', { fields: { why: 'not you' } }],
    [JSON.stringify({ response_action: 'update', view: { type: 'modal', title: words('Late'), blocks: [] } }), 'updated', {}],
    [JSON.stringify({ response_action: 'clear' }), 'closed', {}],
    [JSON.stringify({ response_action: 'errors', errors: { other: 'x' } }), 'open', {}],
    [JSON.stringify({ response_action: 'update', view: { type: 'modal', blocks: [] } }), 'open', {}],
    ['<html>', 'open', {}],
  ])('that is answered with %s is then %s', async (answer, modal, more) => {
    await sandbox.stop();
    await hook.stop();
    await start(answer);
    const view = await opened();
    expect((await submit(view, 'x')).data).toMatchObject({ modal, ...more });
    const left = (await state()).modals;
    expect(left).toHaveLength(modal === 'closed' ? 0 : 1);
    if (modal === 'updated') expect(left[0].title.text).toBe('Late');
  });

  it('belongs to one person, and is closed without a word to anybody', async () => {
    const view = await opened();
    expect((await submit(view, 'x', { user: 'U0BOB' })).status).toBe(404);
    const before = hook.received.length;
    expect((await act('/_close', { view })).data).toEqual({ modal: 'closed' });
    expect([hook.received.length, (await state()).modals]).toEqual([before, []]);
  });

  it('can be edited by its app, which must know its state', async () => {
    const id = await opened();
    await call('views.update', { view_id: id, view: { ...MODAL, title: words('Now') } });
    expect((await state()).modals[0].title.text).toBe('Now');
    expect(await slackError(call('views.update', { view_id: id, hash: 'old', view: MODAL }))).toBe('hash_conflict');
    expect(await slackError(call('views.update', { view_id: 'V0', view: MODAL }))).toBe('not_found');
  });
});

describe('Home', () => {
  it('is asked for by an event when it is opened, and shown to one person', async () => {
    await act('/_home', {});
    const event: Body = JSON.parse(hook.received.at(-1)?.body ?? '{}');
    expect(hook.received.at(-1)?.headers['content-type']).toBe('application/json');
    expect(event).toMatchObject({ type: 'event_callback', team_id: 'T0SANDBOX', event: { type: 'app_home_opened', user: 'U0ALICE', tab: 'home' } });
    expect(event.event_id).toMatch(/^Ev/);
    await call('views.publish', { user_id: 'U0ALICE', view: HOME });
    await call('views.publish', { user_id: 'U0ALICE', view: HOME });
    expect((await state()).homes).toHaveLength(1);
    const { data } = await sandbox.admin.get('/_page');
    expect(data.homes).toContain('<strong>Hello</strong> &lt;b&gt;');
    expect(data.homes).toContain('data-only="U0ALICE"');
  });

  it('has buttons that are pressed without a message', async () => {
    await call('views.publish', { user_id: 'U0ALICE', view: HOME });
    expect((await act('/_click', { home: true, action_id: 'approve', value: 'a1' })).data).toMatchObject({ status: 200 });
    const payload = payloadOf(hook.received.at(-1));
    expect(payload).toMatchObject({ type: 'block_actions', container: { type: 'view' }, view: { type: 'home' }, actions: [{ action_id: 'approve', value: 'a1', block_id: 'b1' }] });
    expect(payload).not.toHaveProperty('message');
    expect(payload).not.toHaveProperty('channel');
    expect((await act('/_click', { home: true, action_id: 'approve', user: 'U0BOB' })).status).toBe(404);
    expect((await act('/_click', { home: true, action_id: 'other' })).data.errors[0]).toContain('Home has no button "other"');
  });

  it.each([
    ['a modal', MODAL],
    ['101 blocks', { type: 'home', blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) }],
  ])('refuses %s', async (_what, view) => {
    expect(await slackError(call('views.publish', { user_id: 'U0ALICE', view }))).toBe('invalid_arguments');
    expect(await slackError(call('views.publish', { user_id: 'U9', view: HOME }))).toBe('user_not_found');
  });
});

describe('a slash command', () => {
  it('is sent as a signed form, and its answer is shown to that person alone', async () => {
    await sandbox.stop();
    await hook.stop();
    await start(JSON.stringify({ response_type: 'ephemeral', text: 'Only *you*' }));
    const { data } = await act('/_command', { line: '/deployments  what production ' });
    expect(data.status).toBe(200);
    const form = Object.fromEntries(new URLSearchParams(hook.received.at(-1)?.body));
    expect(form).toMatchObject({ command: '/deployments', text: 'what production', team_id: 'T0SANDBOX', user_id: 'U0ALICE', channel_id: 'C0DEPLOYS' });
    expect(form['trigger_id']).toBeTruthy();
    expect((await state()).channels).toMatchObject([{ id: 'C0DEPLOYS', messages: [], ephemerals: [{ user: 'U0ALICE', text: 'Only *you*' }] }]);
  });

  it('that is none, or whose answer Slack would not take, is said so', async () => {
    expect((await act('/_command', { line: 'deployments' })).data.errors[0]).toContain('begins with a slash');
    await sandbox.stop();
    await hook.stop();
    await start(JSON.stringify({ text: 'x', blocks: [{ type: 'crayon' }] }));
    expect((await act('/_command', { line: '/deployments' })).data.error).toContain('none that Slack would take');
  });
});
