import { createHmac } from 'node:crypto';
import { startTcpProxy, type TcpProxy } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JIRA_SITE, type News, STATUSES, type Signing, newsOf, signedNews } from './support/jira-news.js';
import { type Answer, type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

let issues = 20_000;
let issueId: string;
beforeEach(() => {
  issueId = String((issues += 1));
});

const tell = (news: News, how: Signing = {}, target = api): Promise<Answer> => {
  const body = JSON.stringify(newsOf({ issueId, key: `OPS-${issueId}`, ...news }));
  return target.call('POST', '/api/jira/webhook', body, signedNews(body, how));
};
const outcome = async (news: News, how: Signing = {}): Promise<unknown> => {
  const { status, body } = await tell(news, how);
  return status === 200 ? body.outcome : body;
};

/** A deployment whose ticket stands as this issue. */
async function ticketOf(deploymentId: string, standing = issueId): Promise<void> {
  await api.database.query(
    `UPDATE effects SET phase = 'sent', external_id = $2, sends = 1, applied_revision = 1, next_attempt_at = NULL WHERE deployment_id = $1 AND kind = 'jira.ticket'`,
    [deploymentId, standing],
  );
  await api.database.query(
    `INSERT INTO jira_tickets (deployment_id, effect_id, issue_id, key, url, status)
     SELECT deployment_id, id, $2, 'OPS-' || $2, 'u', 'To Do' FROM effects WHERE deployment_id = $1 AND kind = 'jira.ticket'`,
    [deploymentId, standing],
  );
}

async function withTicket(): Promise<string> {
  const { id } = await api.create();
  await ticketOf(id);
  return id;
}

/** A deployment whose create was never answered. */
async function unanswered(): Promise<string> {
  const { id } = await api.create();
  await api.database.query(
    `UPDATE effects SET phase = 'unknown', sends = 1, sent_at = now(), next_attempt_at = now() + interval '5 minutes' WHERE deployment_id = $1 AND kind = 'jira.ticket'`,
    [id],
  );
  return id;
}

const ticket = async (deploymentId: string): Promise<Body> => (await api.call('GET', `/api/jira-tickets?deployment=${deploymentId}`)).body.data[0];
const effect = async (deploymentId: string): Promise<Body> =>
  (await api.database.query(`SELECT id, phase, external_id, extra_ids, next_attempt_at <= now() AS due FROM effects WHERE deployment_id = $1 AND kind = 'jira.ticket'`, [deploymentId]))[0];

const TABLES = ['jira_tickets', 'effects', 'inbound_dedupe', 'deployments', 'events', 'slack_messages'];

/** Everything that a webhook could change. */
async function contents(): Promise<unknown> {
  return Promise.all(TABLES.map((table) => api.database.query(`SELECT coalesce(json_agg(t ORDER BY t::text)::text, '') AS all FROM ${table} t`)));
}

describe('what Jira tells of a ticket', () => {
  it('is shown: status, assignee, priority, resolution, and the key of an issue that was moved', async () => {
    const id = await withTicket();
    const fields = { status: STATUSES.done, assignee: { accountId: '5b10', displayName: 'Mia Krystof' }, priority: { name: 'High' }, resolution: { name: 'Done' } };
    expect(await outcome({ key: `NEW-${issueId}`, at: 1, fields })).toBe('mirrored');
    expect(await ticket(id)).toMatchObject({
      key: `NEW-${issueId}`,
      url: `${JIRA_SITE}/browse/NEW-${issueId}`,
      status: 'Done',
      statusCategory: 'done',
      assignee: { accountId: '5b10', displayName: 'Mia Krystof' },
      priority: 'High',
      resolution: 'Done',
      phase: 'sent',
    });
    expect((await api.call('GET', `/api/deployments/${id}`)).body.ticket).toEqual({ key: `NEW-${issueId}`, url: `${JIRA_SITE}/browse/NEW-${issueId}`, status: 'Done' });
  });

  it('takes back what is not so any more, and leaves what it does not tell', async () => {
    const id = await withTicket();
    await tell({ at: 1, fields: { assignee: { accountId: '1', displayName: 'Ann' }, resolution: { name: 'Done' } } });
    await tell({ at: 2, fields: { assignee: null, resolution: undefined } });
    expect(await ticket(id)).toMatchObject({ assignee: null, resolution: 'Done' });
  });

  it('makes nothing due: nobody is fought who moves a ticket by hand', async () => {
    const id = await withTicket();
    await tell({ at: 1, fields: { status: STATUSES.done } });
    expect(await effect(id)).toMatchObject({ phase: 'sent', due: null });
  });

  it('does not go back in time, in whatever order it comes', async () => {
    const id = await withTicket();
    expect(await outcome({ at: 3, fields: { status: STATUSES.done } })).toBe('mirrored');
    expect(await outcome({ at: 2, fields: { status: STATUSES.doing } })).toBe('outdated');
    expect(await outcome({ event: 'created', at: 0 })).toBe('outdated');
    expect(await ticket(id)).toMatchObject({ status: 'Done' });
    expect(await outcome({ at: 3, fields: { status: STATUSES.done } })).toBe('mirrored');
  });

  it('counts once, however often it is delivered and to whom', async () => {
    await withTicket();
    const delivered = await Promise.all([1, 2, 3, 4].map(() => outcome({ at: 1 }, { identifier: `again-${issueId}` })));
    expect(delivered.sort()).toEqual(['mirrored', 'repeated', 'repeated', 'repeated']);
  });

  it('is judged by the issue, never by its key', async () => {
    const id = await withTicket();
    expect(await outcome({ issueId: '99999999', key: `OPS-${issueId}`, at: 5, fields: { status: STATUSES.done } })).toBe('ignored');
    expect(await ticket(id)).toMatchObject({ status: 'To Do' });
  });

  it('of a ticket that was deleted says so, and creates none in its place', async () => {
    const id = await withTicket();
    await api.database.query(
      `INSERT INTO effects (id, kind, target, deployment_id, event_revision, priority, desired_revision, next_attempt_at, parent_id)
       SELECT gen_random_uuid(), 'jira.comment', 'jira', $1, 2, 3, 2, now(), id FROM effects WHERE deployment_id = $1 AND kind = 'jira.ticket'`,
      [id],
    );
    expect(await outcome({ event: 'deleted', at: 1 })).toBe('mirrored');
    expect(await ticket(id)).toMatchObject({ key: `OPS-${issueId}`, status: 'deleted', deletedAt: expect.any(String), phase: 'sent' });
    expect((await api.call('GET', `/api/deployments/${id}`)).body.ticket.status).toBe('deleted');
    expect(await api.database.query(`SELECT 1 FROM effects WHERE deployment_id = $1 AND kind = 'jira.comment'`, [id])).toEqual([]);
    // What was told before and comes later does not bring it back.
    expect(await outcome({ at: 9, fields: { status: STATUSES.doing } })).toBe('outdated');
    expect(await outcome({ event: 'deleted', at: 1 })).toBe('outdated');
  });

  it('of anything else is acknowledged and changes nothing', async () => {
    await withTicket();
    const before = await contents();
    for (const news of [
      { webhookEvent: 'sprint_created', sprint: { id: 1 } },
      { ...newsOf({ issueId }), webhookEvent: 'comment_created' },
      {},
    ]) {
      const body = JSON.stringify(news);
      expect((await api.call('POST', '/api/jira/webhook', body, signedNews(body))).body).toEqual({ outcome: 'ignored' });
    }
    expect(await contents()).toEqual(before);
  });
});

describe('a create whose answer was lost', () => {
  const label = (id: string): readonly string[] => ['other', `dep-${id}`];

  it('is settled by the news of its issue', async () => {
    const id = await unanswered();
    expect(await outcome({ event: 'created', labels: label(id) })).toBe('adopted');
    expect(await effect(id)).toMatchObject({ phase: 'sent', external_id: issueId, extra_ids: [], due: true });
    expect(await ticket(id)).toMatchObject({ key: `OPS-${issueId}`, status: 'To Do', priority: 'Medium' });
    // The message in Slack gets its link.
    expect(await api.database.query(`SELECT 1 FROM effects WHERE deployment_id = $1 AND kind = 'slack.approval' AND next_attempt_at <= now()`, [id])).toHaveLength(1);
  });

  it.each(['held', 'dead', 'sending'])('is settled also while it is %s', async (phase) => {
    const id = await unanswered();
    await api.database.query(`UPDATE effects SET phase = $2 WHERE deployment_id = $1 AND kind = 'jira.ticket'`, [id, phase]);
    expect(await outcome({ labels: label(id) })).toBe('adopted');
    expect(await effect(id)).toMatchObject({ phase: 'sent', external_id: issueId });
  });

  it('of a ticket of its own is settled by its own label', async () => {
    const { body } = await api.call('POST', '/api/jira-tickets', { summary: 'Renew it' });
    await api.database.query(`UPDATE effects SET phase = 'unknown', sends = 1 WHERE id = $1`, [body.id]);
    expect(await outcome({ labels: label(body.id as string), fields: { priority: { name: 'Low' } } })).toBe('adopted');
    expect((await api.call('GET', `/api/jira-tickets/OPS-${issueId}`)).body).toMatchObject({ id: body.id, phase: 'sent', status: 'To Do', priority: 'Low', summary: 'Renew it' });
  });

  it('that was applied twice keeps the one that was told first; the other is to be closed, once', async () => {
    const id = await unanswered();
    const [first, second] = [issueId, String((issues += 1))];
    await tell({ issueId: first, labels: label(id) });
    expect(await outcome({ issueId: second, key: 'OPS-2', labels: label(id) })).toBe('duplicate');
    expect(await effect(id)).toMatchObject({ external_id: first, extra_ids: [second], due: true });
    expect(await ticket(id)).toMatchObject({ key: `OPS-${first}` });
    // The worker has closed it; whoever opens it again may.
    await api.database.query(`UPDATE effects SET extra_ids = '{}' WHERE deployment_id = $1`, [id]);
    expect(await outcome({ issueId: second, key: 'OPS-2', labels: label(id), at: 9, fields: { status: STATUSES.doing } })).toBe('ignored');
    expect(await effect(id)).toMatchObject({ extra_ids: [] });
  });

  it('whose issue was deleted before anybody knew of it is not created anew', async () => {
    const id = await unanswered();
    expect(await outcome({ event: 'deleted', at: 2, labels: label(id) })).toBe('adopted');
    expect(await ticket(id)).toMatchObject({ key: `OPS-${issueId}`, status: 'deleted', phase: 'sent' });
    expect(await outcome({ event: 'created', at: 0, labels: label(id) })).toBe('outdated');
  });

  it('is nobody else\'s: the label of a deployment that there is not is ignored', async () => {
    expect(await outcome({ labels: ['dep-01a1f9c1-1f18-73d2-9c31-723516cb0a45', 'dep-', 'dep-x'] })).toBe('ignored');
  });

  it('was not ours where nothing was sent and an issue with the label is deleted', async () => {
    const { id } = await api.create();
    expect(await outcome({ event: 'deleted', labels: label(id as string) })).toBe('ignored');
    expect(await effect(id as string)).toMatchObject({ phase: 'unsent', external_id: null });
  });
});

describe('a request that is not Jira\'s', () => {
  const body = (news: News = {}): string => JSON.stringify(newsOf({ issueId, at: 7, fields: { status: STATUSES.done }, ...news }));
  const hmac = (algorithm: string, text: string): string => createHmac(algorithm, 'a-secret-of-the-webhook').update(text).digest('hex');

  it.each<[string, number, string, () => readonly [string, Record<string, string>]]>([
    ['signed with another secret', 401, 'unauthentic', () => [body(), signedNews(body(), { secret: 'wrong' })]],
    ['not signed', 401, 'unauthentic', () => [body(), { ...signedNews(body()), 'x-hub-signature': '' }]],
    ['signed by another algorithm', 401, 'unauthentic', () => [body(), { ...signedNews(body()), 'x-hub-signature': `sha1=${hmac('sha1', body())}` }]],
    ['signed by SHA-512 under the right name', 401, 'unauthentic', () => [body(), { ...signedNews(body()), 'x-hub-signature': `sha256=${hmac('sha512', body())}` }]],
    ['signed with a shorter signature', 401, 'unauthentic', () => [body(), { ...signedNews(body()), 'x-hub-signature': `sha256=${hmac('sha256', body()).slice(0, 62)}` }]],
    ['changed on its way', 401, 'unauthentic', () => [body({ key: 'OPS-7' }), signedNews(body())]],
    ['of another site', 403, 'wrong-site', () => [body({ site: 'https://other.atlassian.net' }), signedNews(body({ site: 'https://other.atlassian.net' }))]],
    ['of a site that begins like ours', 403, 'wrong-site', () => [body({ site: `${JIRA_SITE}.evil.example` }), signedNews(body({ site: `${JIRA_SITE}.evil.example` }))]],
    ['without a name of its delivery', 400, 'invalid-request', () => [body(), { ...signedNews(body()), 'x-atlassian-webhook-identifier': '' }]],
    ['no JSON', 400, 'malformed-json', () => ['{"issue"', signedNews('{"issue"')]],
    ['a form', 415, 'unsupported-media-type', () => [body(), { ...signedNews(body()), 'content-type': 'text/plain' }]],
    ['without an id of the issue', 400, 'invalid-request', () => [body({ issueId: '' }), signedNews(body({ issueId: '' }))]],
    ['larger than 1 MB', 413, 'body-too-large', () => ['x'.repeat(1024 * 1024 + 1), signedNews('')]],
  ])('but %s is refused, and nothing is changed', async (_what, status, problem, made) => {
    await withTicket();
    const before = await contents();
    const [sent, headers] = made();
    const answer = await api.call('POST', '/api/jira/webhook', sent, headers);
    expect([answer.status, answer.body.type]).toEqual([status, `/problems/${problem}`]);
    expect(await contents()).toEqual(before);
  });

  it('but one of Jira\'s again, under the same name with another body, changes nothing', async () => {
    const id = await withTicket();
    await tell({ at: 1 }, { identifier: `replayed-${issueId}` });
    const before = await contents();
    expect(await outcome({ at: 9, fields: { status: STATUSES.done } }, { identifier: `replayed-${issueId}` })).toBe('repeated');
    expect(await contents()).toEqual(before);
    expect(await ticket(id)).toMatchObject({ status: 'To Do' });
  });

  it('may hold anything: never a fault of ours', async () => {
    await withTicket();
    const odd: unknown[] = [null, 7, '', 'x'.repeat(400), '\u0000', '\ud800', [], {}, [[]], { toString: 1 }, { name: '\u0000a', accountId: 5 }, true];
    for (const field of ['updated', 'labels', 'status', 'assignee', 'priority', 'resolution', 'summary']) {
      for (const value of odd) expect((await tell({ at: 1, fields: { [field]: value } })).status).toBeLessThan(500);
    }
    for (const whole of [null, [], 'x', 3, { webhookEvent: 'jira:issue_updated' }, { webhookEvent: {}, issue: [] }, { ...newsOf({ issueId }), timestamp: 'soon' }]) {
      const sent = JSON.stringify(whole);
      expect((await api.call('POST', '/api/jira/webhook', sent, signedNews(sent))).status).toBeLessThan(500);
    }
  });
});

describe('the webhook', () => {
  it('takes nothing while there is no secret, and says why', async () => {
    const closed = await startTestApi({ JIRA_WEBHOOK_SECRET: '' });
    try {
      const answer = await tell({}, {}, closed);
      expect([answer.status, answer.body.type]).toEqual([404, '/problems/not-found']);
      expect(answer.body.detail).toContain('JIRA_WEBHOOK_SECRET');
    } finally {
      await closed.stop();
    }
  });

  it('does not start with a secret and no site to compare with', async () => {
    await expect(startTestApi({ JIRA_BASE_URL: '' })).rejects.toThrow(/JIRA_WEBHOOK_SECRET is set but JIRA_BASE_URL is not/);
  });

  it('knows the site by its own address where Jira is called by another', async () => {
    const scoped = await startTestApi({ JIRA_BASE_URL: 'https://api.atlassian.com/ex/jira/1', JIRA_SITE_URL: JIRA_SITE });
    try {
      expect((await tell({}, {}, scoped)).body).toEqual({ outcome: 'ignored' });
    } finally {
      await scoped.stop();
    }
  });

  it('answers 503 while Postgres is away, and handles the repetition', async () => {
    let proxy: TcpProxy | undefined;
    const away = await startTestApi({}, async ({ url }) => (proxy = await startTcpProxy({ to: url })).url);
    try {
      const { id } = await away.create();
      await away.database.query(`UPDATE effects SET phase = 'unknown', sends = 1 WHERE deployment_id = $1 AND kind = 'jira.ticket'`, [id]);
      const news = { labels: [`dep-${id as string}`] };
      proxy?.reset();
      const answer = await tell(news, { identifier: 'same' }, away);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
      proxy?.pass();
      expect((await tell(news, { identifier: 'same' }, away)).body).toEqual({ outcome: 'adopted' });
    } finally {
      await away.stop();
      await proxy?.stop();
    }
  });
});

