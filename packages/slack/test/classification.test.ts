import { freePort } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type FakeSlack, cut, json, page, reset, silence, stall, startFakeSlack } from './fake-slack.js';
import { TOKEN, clientOf, failureOf } from './set-up.js';

const CALL = { maxWaitMs: 0 };
const MESSAGE = { channel: 'C1', text: 'hello' };
const HTML = `<html>sorry ${TOKEN}</html>`;

let server: FakeSlack;

beforeAll(async () => {
  server = await startFakeSlack();
});

afterAll(async () => {
  await server.stop();
});

const refusal = (error: string): Answer => json({ ok: false, error });

const post = async (answer: Answer, timeoutMs?: number): Promise<Awaited<ReturnType<typeof failureOf>>> => {
  server.answer('chat.postMessage', answer);
  return await failureOf(clientOf(server.apiUrl, timeoutMs).slack.postMessage(MESSAGE, CALL));
};

const ROW = { certainty: 'not_applied', fault: 'row' };
const OPERATOR = { certainty: 'not_applied', fault: 'vendor' };
const UNKNOWN = { certainty: 'unknown', fault: 'vendor' };
const RATE = { certainty: 'not_applied', fault: 'rate', scope: 'slack:chat.postMessage' };

describe('a post that fails', () => {
  it.each<[string, Answer, object]>([
    ['by a 429 with Retry-After', page('', 429, { 'retry-after': '7' }), {
      ...RATE,
      code: 'http_429',
      retryAfterMs: 7000,
    }],
    ['by a 429 that breaks off', (response, request) => {
      response.writeHead(429, { 'retry-after': '7', 'content-length': '100' }).write('slow', () => request.socket.resetAndDestroy());
    }, { ...RATE, retryAfterMs: 7_000 }],
    ['by a 429 without it', page('', 429), { ...RATE, code: 'http_429', retryAfterMs: 30_000 }],
    ['by a 429 with a senseless one', page('', 429, { 'retry-after': 'soon' }), { ...RATE, retryAfterMs: 30_000 }],
    ['by a rate limit in a 200', json({ ok: false, error: 'ratelimited' }, 200, { 'retry-after': '3' }), {
      ...RATE,
      code: 'ratelimited',
      retryAfterMs: 3000,
    }],
    ['by a 500', page(HTML, 500), { ...UNKNOWN, code: 'http_500' }],
    ['by a 503 with Retry-After', page(HTML, 503, { 'retry-after': '9' }), {
      ...UNKNOWN,
      code: 'http_503',
      retryAfterMs: 9000,
    }],
    ['by a proxy\'s 404', page(HTML, 404), { ...UNKNOWN, code: 'http_404' }],
    ['by a reset', reset, { ...UNKNOWN, code: 'reset' }],
    ['by a reset in the middle of the answer', cut, { ...UNKNOWN, code: 'reset' }],
    ['by a page instead of an answer', page(HTML), { ...UNKNOWN, code: 'unparsable' }],
    ['by an answer that says nothing', json({}), { ...UNKNOWN, code: 'unparsable' }],
    ['by an answer of more than 20 MB', json({ ok: true, channel: 'C1', ts: '1.1', more: 'x'.repeat(20 * 1024 * 1024) }), UNKNOWN],
    ['by null', json(null), { ...UNKNOWN }],
    ['by an ok without a ts', json({ ok: true, channel: 'C1' }), { ...UNKNOWN, code: 'unparsable' }],
    ['by a redirect', page('', 302, { location: 'http://127.0.0.1:1/' }), { ...UNKNOWN }],
    ['by fatal_error', refusal('fatal_error'), { ...UNKNOWN, code: 'fatal_error' }],
    ['by internal_error', refusal('internal_error'), { ...UNKNOWN, code: 'internal_error' }],
    ['by a code that nobody knows', refusal('brand_new_error'), {
      certainty: 'unknown',
      fault: 'row',
      code: 'brand_new_error',
    }],
  ])('%s', async (_, answer, expected) => {
    const failure = await post(answer);
    expect(failure).toMatchObject({ vendor: 'slack', ...expected });
    expect(failure.message).toMatch(/^slack: chat\.postMessage: /);
    expect(failure.message).not.toContain(TOKEN);
  });

  it.each([
    'cant_update_message',
    'channel_not_found',
    'edit_window_closed',
    'invalid_blocks',
    'is_archived',
    'message_not_found',
    'msg_too_long',
    'not_in_channel',
  ])('by %s was surely not applied and is the row\'s fault', async (code) => {
    expect(await post(refusal(code))).toMatchObject({ ...ROW, code });
  });

  it.each(['account_inactive', 'invalid_auth', 'missing_scope', 'token_revoked'])(
    'by %s was surely not applied and is no row\'s fault',
    async (code) => {
      expect(await post(refusal(code))).toMatchObject({ ...OPERATOR, code });
    },
  );

  it('by a time-out before the answer is unknown', async () => {
    expect(await post(silence, 50)).toMatchObject({ ...UNKNOWN, code: 'timeout' });
  });

  it('by a time-out in the middle of the answer is unknown', async () => {
    expect(await post(stall, 200)).toMatchObject({ ...UNKNOWN, code: 'timeout' });
  });

  it('because the caller aborted is unknown', async () => {
    const caller = new AbortController();
    server.answer('chat.postMessage', () => {
      caller.abort();
    });
    const call = { ...CALL, signal: caller.signal };
    const failure = await failureOf(clientOf(server.apiUrl).slack.postMessage(MESSAGE, call));
    expect(failure).toMatchObject({ ...UNKNOWN, code: 'aborted' });
  });

  it('because nobody listens was surely not applied', async () => {
    const { slack } = clientOf(`http://127.0.0.1:${String(await freePort())}/api/`);
    expect(await failureOf(slack.postMessage(MESSAGE, CALL))).toMatchObject({ ...OPERATOR, code: 'econnrefused' });
  });

  it('tells Slack\'s own explanation', async () => {
    const words = { messages: ['[ERROR] no text at /blocks/0'] };
    const explained = { ok: false, error: 'invalid_blocks', response_metadata: words };
    expect((await post(json(explained))).message).toBe(
      'slack: chat.postMessage: invalid_blocks ([ERROR] no text at /blocks/0)',
    );
    const scope = json({ ok: false, error: 'missing_scope', needed: 'chat:write' });
    expect((await post(scope)).message).toContain('needed: chat:write');
  });

  it('is not sent again', async () => {
    server.received.length = 0;
    await post(page('', 500));
    expect(server.received).toHaveLength(1);
  });
});

describe('a 429', () => {
  it('blocks the method\'s scope', async () => {
    server.answer('chat.update', page('', 429, { 'retry-after': '7' }));
    const { slack, blocks } = clientOf(server.apiUrl);
    await failureOf(slack.update({ channel: 'C1', ts: '1.1', text: 'x', blocks: [] }, CALL));
    expect(blocks.map(({ scope }) => scope)).toEqual(['slack:chat.update']);
  });
});
