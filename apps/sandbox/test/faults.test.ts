import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Running, issueFields, slackError, startSandbox } from './start-sandbox.js';

const CHANNEL = 'C0DEPLOYS';
let sandbox: Running;
let clock = 1_800_000_000_000;

beforeEach(async () => {
  sandbox = await startSandbox({ now: () => clock });
});
afterEach(() => sandbox.stop());

async function faults(...rules: object[]): Promise<void> {
  expect((await sandbox.admin.put('/_faults', rules)).status).toBe(200);
}

const create = () => sandbox.jira.post('/issue', issueFields());
const post = () => sandbox.slack.chat.postMessage({ channel: CHANNEL, text: 'x' });
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'answered',
    (error: { code?: string }) => error.code ?? 'no code',
  );

async function ledger(): Promise<{ answered: boolean }[]> {
  return (await sandbox.admin.get('/_ledger')).data.entries as { answered: boolean }[];
}

describe('kinds of faults', () => {
  it('drop_after applies the call and ends the connection without an answer', async () => {
    await faults({ method: 'jira.createIssue', kind: 'drop_after' });
    expect(await codeOf(create())).toBe('ECONNRESET');
    expect(await ledger()).toMatchObject([{ answered: false, summary: { key: 'DEP-1' } }]);
  });

  it('drop_after reaches the real Slack client as a request error', async () => {
    await faults({ method: 'slack.chat.postMessage', kind: 'drop_after' });
    expect(await codeOf(post())).toBe('slack_webapi_request_error');
    expect(await ledger()).toHaveLength(1);
  });

  it('reset ends the connection before anything is applied', async () => {
    await faults({ method: '*', kind: 'reset' });
    expect(await codeOf(create())).toBe('ECONNRESET');
    expect(await codeOf(post())).toBe('slack_webapi_request_error');
    expect(await ledger()).toEqual([]);
  });

  it('rate_limit answers 429 with Retry-After, or without it', async () => {
    await faults({ method: '*', kind: 'rate_limit', retryAfter: 7 });
    const limited = await create();
    expect([limited.status, limited.headers['retry-after'], limited.headers['ratelimit-reason']]).toEqual([
      429,
      '7',
      'jira-burst-based',
    ]);
    await expect(post()).rejects.toMatchObject({ code: 'slack_webapi_rate_limited_error', retryAfter: 7 });
    await faults({ method: '*', kind: 'rate_limit' });
    expect((await create()).headers).not.toHaveProperty('retry-after');
    expect(await ledger()).toEqual([]);
  });

  it('error answers a status, or a platform error of Slack, in one channel if told so', async () => {
    await faults(
      { method: 'jira.*', kind: 'error', status: 503 },
      { method: 'slack.chat.postMessage', kind: 'error', error: 'not_in_channel', channel: CHANNEL },
    );
    expect((await create()).status).toBe(503);
    expect(await slackError(post())).toBe('not_in_channel');
    expect(await slackError(sandbox.slack.chat.postMessage({ channel: 'C0OTHER', text: 'x' }))).toBe('none');
  });

  it('error and garbage can hide that the call was applied', async () => {
    await faults({ method: 'jira.createIssue', kind: 'error', status: 500, applied: true });
    expect((await create()).status).toBe(500);
    await faults({ method: 'jira.createIssue', kind: 'garbage', applied: true });
    expect((await create()).data).toContain('<html>');
    await faults({ method: 'jira.createIssue', kind: 'garbage' });
    expect((await create()).status).toBe(200);
    expect((await ledger()).map(({ answered }) => answered)).toEqual([false, false]);
  });

  it('latency delays the call, which is applied even when the caller has gone', async () => {
    await faults({ method: 'jira.createIssue', latencyMs: 150 });
    await expect(sandbox.jira.post('/issue', issueFields(), { timeout: 30 })).rejects.toThrow('timeout');
    await expect.poll(ledger, { interval: 10 }).toMatchObject([{ answered: false }]);
  });
});

describe('which calls are hit', () => {
  it('every second call, at most so many times, with counters', async () => {
    await faults({ method: 'jira.createIssue', kind: 'error', every: 2, times: 2 });
    const statuses: number[] = [];
    for (let call = 0; call < 7; call += 1) statuses.push((await create()).status);
    expect(statuses).toEqual([201, 500, 201, 500, 201, 201, 201]);
    expect((await sandbox.admin.get('/_faults')).data.rules).toMatchObject([{ matched: 7, fired: 2 }]);
  });

  it('no calls any more after DELETE', async () => {
    await faults({ method: '*', kind: 'error' });
    await sandbox.admin.delete('/_faults');
    expect((await create()).status).toBe(201);
  });

  it.each([
    [[{ method: 'jira.nothing', kind: 'error' }], 'must be one of'],
    [[{ method: '*' }], 'does nothing'],
    [[{ method: '*', kind: 'explode' }], '"rules[0].kind" must be one of'],
    [[{ method: '*', kind: 'reset', retryAfter: 1 }], '"rules[0].retryAfter" goes only with kind rate_limit'],
    [[{ method: '*', kind: 'error', status: 200 }], 'greater than or equal to 400'],
    [[{ method: '*', kind: 'error', sometimes: 1 }], '"rules[0].sometimes" is no option of a rule'],
    [[{ method: 'slack.users.info', searchLagMs: 1 }], 'goes only with method jira.search'],
    [{ rules: 'all' }, 'must be an array'],
  ])('refuses the rules %j and leaves the old ones', async (rules, message) => {
    await faults({ method: 'jira.myself', kind: 'error' });
    const { status, data } = await sandbox.admin.put('/_faults', rules);
    expect(status).toBe(400);
    expect(data.errors.join(' ')).toContain(message);
    expect((await sandbox.admin.get('/_faults')).data.rules).toHaveLength(1);
  });
});

describe('limits', () => {
  it('answer 429 with the seconds after which the next call passes', async () => {
    await sandbox.admin.put('/_limits', { 'jira.*': 2 });
    expect([(await create()).status, (await create()).status]).toEqual([201, 201]);
    const refused = await create();
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '60']);
    clock += 60_000;
    expect((await create()).status).toBe(201);
    expect((await sandbox.admin.get('/_limits')).data['jira.*']).toMatchObject({ limit: 2, refused: 1 });
  });

  it('hold per channel where told so', async () => {
    await sandbox.admin.put('/_limits', { 'slack.chat.postMessage': { limit: 1, windowMs: 1000, perChannel: true } });
    await post();
    await sandbox.slack.chat.postMessage({ channel: 'C0OTHER', text: 'x' });
    await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
    clock += 1000;
    await post();
    await sandbox.admin.delete('/_limits');
    await post();
  });

  it('refuse what they do not understand', async () => {
    expect((await sandbox.admin.put('/_limits', { 'jira.x': 1 })).status).toBe(400);
    expect((await sandbox.admin.put('/_limits', { 'jira.*': 0 })).status).toBe(400);
  });
});
