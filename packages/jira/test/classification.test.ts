import dns from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import type { VendorFailure } from '@deptracker/resilience';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, type FakeJira, cut, json, raw, reset, silence, startFakeJira } from './fake-jira.js';
import { EMAIL, TOKEN, clientOf, failureOf } from './set-up.js';

const CALL = { maxWaitMs: 0 };
const FIELDS = { fields: { summary: 'x' } };
let fake: FakeJira;

beforeAll(async () => {
  fake = await startFakeJira();
});
afterAll(() => fake.stop());

const create = (): Promise<VendorFailure & { message: string }> =>
  failureOf(clientOf(fake.baseUrl).jira.createIssue(FIELDS, CALL));

const unknown = { vendor: 'jira', certainty: 'unknown', fault: 'vendor' };
const notApplied = { vendor: 'jira', certainty: 'not_applied' };

describe('an answer', () => {
  it.each<[string, Answer, object]>([
    ['400 is about the row', json({ errors: {} }, 400), { ...notApplied, fault: 'row', code: 'http_400' }],
    ['401 is for the operator', raw('', 401), { ...notApplied, fault: 'vendor', code: 'http_401' }],
    ['403 is for the operator', raw('', 403), { ...notApplied, fault: 'vendor', code: 'http_403' }],
    ['404 is about the row', raw('', 404), { ...notApplied, fault: 'row', code: 'http_404' }],
    ['409 is about the row', json({}, 409), { ...notApplied, fault: 'row', code: 'http_409' }],
    ['500 leaves the outcome unknown', raw('<html>', 500), { ...unknown, code: 'http_500' }],
    ['502 leaves the outcome unknown', raw('', 502, { 'retry-after': '0' }), { ...unknown, code: 'http_502' }],
    ['503 alone leaves the outcome unknown', raw('', 503), { ...unknown, code: 'http_503' }],
    [
      '503 with Retry-After was not applied',
      raw('', 503, { 'retry-after': '7' }),
      { ...notApplied, fault: 'vendor', code: 'http_503', retryAfterMs: 7000 },
    ],
    ['a redirect is not followed', raw('', 302, { location: '/elsewhere' }), { ...unknown, code: 'http_302' }],
    ['201 without an id leaves the outcome unknown', json({ key: 'OPS-1' }, 201), { ...unknown, code: 'unparsable' }],
    ['201 with a page leaves the outcome unknown', raw('<html>', 201), { ...unknown, code: 'unparsable' }],
    ['201 without a body leaves the outcome unknown', raw('', 201), { ...unknown, code: 'unparsable' }],
    ['a reset leaves the outcome unknown', reset, { ...unknown, code: 'reset' }],
  ])('%s', async (_name, answer, failure) => {
    fake.answer(answer);
    expect(await create()).toMatchObject(failure);
    expect(fake.received).toHaveLength(1);
  });

  it('that is cut off leaves the outcome unknown', async () => {
    fake.answer(cut);
    expect(await create()).toMatchObject(unknown);
  });

  it('that is larger than 5 MB leaves the outcome unknown', async () => {
    fake.answer(json({ id: '1', key: 'OPS-1', more: 'x'.repeat(5 * 1024 * 1024) }, 201));
    expect(await create()).toMatchObject(unknown);
  });

  it("is told in Jira's own words, at most 500 characters of them", async () => {
    fake.answer(json({ errorMessages: ['Not so.'], errors: { summary: 'Too long.', labels: 'No spaces.' } }, 400));
    expect((await create()).message).toBe('jira: createIssue: 400 Not so.; summary: Too long.; labels: No spaces.');
    fake.answer(json({ errorMessages: ['y'.repeat(9000)] }, 400));
    expect((await create()).message).toMatch(/^jira: createIssue: 400 y+…$/);
    expect((await create()).message.length).toBeLessThanOrEqual('jira: '.length + 500);
    fake.answer(raw('', 401));
    expect((await create()).message).toContain('API token is not accepted');
  });
});

describe('a 429', () => {
  const limited = (headers: Record<string, string>): Promise<VendorFailure> => {
    fake.answer(raw('', 429, headers));
    return failureOf(clientOf(fake.baseUrl).jira.transition('10001', '31', CALL));
  };

  it.each([
    ['jira-burst-based', 'jira:transition'],
    ['jira-per-issue-on-write', 'jira:issue:10001'],
    ['jira-quota-tenant-based', 'jira'],
    ['', 'jira'],
  ])('for the reason "%s" blocks %s', async (reason, scope) => {
    expect(await limited({ 'retry-after': '12', 'ratelimit-reason': reason })).toMatchObject({
      ...notApplied,
      fault: 'rate',
      code: 'http_429',
      retryAfterMs: 12_000,
      scope,
    });
  });

  it('takes a date against the clock of the answer, and 30 seconds where there is nothing', async () => {
    const date = 'Wed, 04 Mar 2026 05:06:07 GMT';
    const later = 'Wed, 04 Mar 2026 05:07:07 GMT';
    expect(await limited({ date, 'retry-after': later })).toMatchObject({ retryAfterMs: 60_000 });
    expect(await limited({ 'retry-after': 'soon' })).toMatchObject({ retryAfterMs: 30_000 });
    expect(await limited({})).toMatchObject({ retryAfterMs: 30_000 });
  });

  it('is waited for at least a second and at most a day', async () => {
    expect(await limited({ 'retry-after': '0' })).toMatchObject({ retryAfterMs: 1000 });
    expect(await limited({ 'retry-after': '9'.repeat(400) })).toMatchObject({ retryAfterMs: 86_400_000 });
  });
});

describe('no answer', () => {
  it('because nobody listens means that nothing was applied', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    for (const host of ['127.0.0.1', 'localhost']) {
      const { jira } = clientOf(`http://${host}:${String(port)}`);
      const failure = await failureOf(jira.createIssue(FIELDS, CALL));
      expect(failure).toMatchObject({ ...notApplied, fault: 'vendor', code: 'econnrefused' });
    }
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('because the name is unknown (%s) means nothing was applied', async (code) => {
    const failed = Object.assign(new Error(`getaddrinfo ${code} localhost`), { code, syscall: 'getaddrinfo' });
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((...args: unknown[]) => {
      const done = args.at(-1) as (error: Error) => void;
      process.nextTick(done, failed);
    }));
    const failure = await failureOf(clientOf('http://localhost:1').jira.createIssue(FIELDS, CALL));
    lookup.mockRestore();
    expect(failure).toMatchObject({ ...notApplied, fault: 'vendor', code: code.toLowerCase() });
  });

  it('within the time-out leaves the outcome unknown', async () => {
    fake.answer(silence());
    const failure = await failureOf(clientOf(fake.baseUrl, 50).jira.createIssue(FIELDS, CALL));
    expect(failure).toMatchObject({ ...unknown, code: 'timeout' });
  });

  it.each([undefined, new Error('a reason of its own')])(
    'before the signal ends leaves the outcome unknown (%#)',
    async (reason) => {
      const end = new AbortController();
      fake.answer(
        silence(() => {
          end.abort(reason);
        }),
      );
      const call = { maxWaitMs: 0, signal: end.signal };
      const failure = await failureOf(clientOf(fake.baseUrl).jira.createIssue(FIELDS, call));
      expect(failure).toMatchObject({ ...unknown, code: 'timeout' });
    },
  );
});

describe('an error', () => {
  it.each<[string, Answer]>([
    ['of the answer', raw('', 500)],
    ['of the connection', reset],
  ])('%s holds neither the credentials nor the request', async (_name, answer) => {
    fake.answer(answer);
    const { jira } = clientOf(fake.baseUrl);
    const caught: unknown = await jira.createIssue(FIELDS, CALL).catch((error: unknown) => error);
    const everything = inspect(caught, { depth: Infinity, showHidden: true });
    const basic = Buffer.from(`${EMAIL}:${TOKEN}`).toString('base64');
    for (const secret of [TOKEN, EMAIL, basic, fake.baseUrl]) expect(everything).not.toContain(secret);
  });
});
