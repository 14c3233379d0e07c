import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const ask = (body: object, headers: Record<string, string> = {}): Promise<Answer> => api.call('POST', '/api/jira-tickets', body, headers);
const list = async (query: string): Promise<Body[]> => (await api.call('GET', `/api/jira-tickets?${query}`)).body.data;
const ids = (tickets: Body[]): string[] => tickets.map(({ id }) => id as string);
const set = (deploymentId: string, how: string): Promise<unknown> =>
  api.database.query(`UPDATE effects SET ${how} WHERE deployment_id = $1 AND kind = 'jira.ticket'`, [deploymentId]);
const owed = async (deploymentId: string): Promise<Body> =>
  (await api.database.query(`SELECT *, next_attempt_at <= now() AS due FROM effects WHERE deployment_id = $1 AND kind = 'jira.ticket'`, [deploymentId]))[0];

async function stands(deploymentId: string, key: string, status = 'To Do'): Promise<void> {
  await set(deploymentId, `phase = 'sent', external_id = '${key}', sends = 1, next_attempt_at = NULL`);
  await api.database.query(
    `INSERT INTO jira_tickets (deployment_id, effect_id, issue_id, key, url, status, owed_at)
     SELECT deployment_id, id, $2, $2, 'u', $3, created_at FROM effects WHERE deployment_id = $1 AND kind = 'jira.ticket'`,
    [deploymentId, key, status],
  );
}

describe('a ticket of its own', () => {
  it('is answered as the ticket to be, and owed to Jira', async () => {
    const answer = await ask({ summary: '  Renew it ', description: 'Soon.', type: 'Bug', priority: 'High', projectKey: 'NET' }, { 'x-actor': 'Alice@Example.com' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      deploymentId: null, key: null, url: null, status: null, assignee: null, resolution: null, phase: 'unsent', lastError: null,
      summary: 'Renew it', description: 'Soon.', type: 'Bug', priority: 'High', projectKey: 'NET', requestedBy: 'alice@example.com',
    });
    expect(answer.headers.get('location')).toBe(`/api/jira-tickets/${answer.body.id as string}`);
    const [effect] = await api.database.query(`SELECT kind, target, phase, next_attempt_at <= now() AS due FROM effects WHERE id = $1`, [answer.body.id]);
    expect(effect).toEqual({ kind: 'jira.issue', target: 'jira', phase: 'unsent', due: true });
    expect((await api.call('GET', answer.headers.get('location') ?? '')).body).toEqual(answer.body);
  });

  it('is one for one key, however often and at once it is asked for', async () => {
    const before = (await api.database.query(`SELECT 1 FROM effects WHERE kind = 'jira.issue'`)).length;
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => ask({ summary: 'Once' }, { 'idempotency-key': 'once' })));
    expect(new Set(answers.map(({ body }) => body.id as string)).size).toBe(1);
    expect(answers.map(({ status, headers }) => [status, headers.get('idempotent-replayed')]).filter(([, replayed]) => replayed === 'true')).toHaveLength(4);
    expect((await api.database.query(`SELECT 1 FROM effects WHERE kind = 'jira.issue'`)).length).toBe(before + 1);
    expect((await ask({ summary: 'Another' }, { 'idempotency-key': 'once' })).body.type).toBe('/problems/key-reused');
  });

  it('that Jira refused shows why', async () => {
    const { body } = await ask({ summary: 'No', priority: 'Gigantic' });
    await api.database.query(`UPDATE effects SET phase = 'dead', last_error = 'jira: createIssue: 400 priority' WHERE id = $1`, [body.id]);
    expect((await api.call('GET', `/api/jira-tickets/${body.id as string}`)).body).toMatchObject({ phase: 'dead', lastError: 'jira: createIssue: 400 priority' });
    expect(ids(await list('phase=dead'))).toContain(body.id);
  });

  it.each<[string, object, string]>([
    ['nothing', {}, '/summary'],
    ['a deployment and a summary', { deploymentId: '01a1f9c1-1f18-73d2-9c31-723516cb0a45', summary: 'x' }, '/summary'],
    ['a deployment that is no id', { deploymentId: 'x' }, '/deploymentId'],
    ['a summary of several lines', { summary: 'a\nb' }, '/summary'],
    ['a summary that is too long', { summary: 'x'.repeat(256) }, '/summary'],
    ['a project key in small letters', { summary: 'x', projectKey: 'ops' }, '/projectKey'],
    ['a field that there is not', { summary: 'x', assignee: 'me' }, '/assignee'],
  ])('is refused with its place for %s', async (_what, body, pointer) => {
    const answer = await ask(body);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
  });
});

describe('the ticket of a deployment', () => {
  it('that there is or that is under way is a conflict', async () => {
    const { id } = await api.create();
    expect((await ask({ deploymentId: id as string })).body).toMatchObject({ type: '/problems/ticket-exists', status: 409, ticket: null, phase: 'unsent' });
    await stands(id as string, 'OPS-900');
    expect((await ask({ deploymentId: id as string })).body).toMatchObject({ type: '/problems/ticket-exists', ticket: 'OPS-900', phase: 'sent' });
    await set(id as string, `phase = 'held', external_id = NULL`);
    expect((await ask({ deploymentId: id as string })).status).toBe(409);
  });

  it('that was given up is opened anew, as if nothing had been sent', async () => {
    const { id } = await api.create();
    await set(id as string, `phase = 'dead', attempts = 3, next_attempt_at = NULL, last_error = 'no', failing_since = now()`);
    const answer = await ask({ deploymentId: id as string }, { 'x-actor': 'bob@example.com' });
    expect([answer.status, answer.body]).toEqual([201, expect.objectContaining({ deploymentId: id, phase: 'unsent', lastError: null, requestedBy: 'bob@example.com' })]);
    expect(await owed(id as string)).toMatchObject({ phase: 'unsent', attempts: 0, sends: 0, failing_since: null, due: true });
    // Nothing stands yet, so the deployment shows none.
    expect((await api.call('GET', `/api/deployments/${id as string}`)).body.ticket).toBeNull();
  });

  it('that is owed to nobody is owed since the deployment is there, once for many who ask', async () => {
    const { id, createdAt } = await api.create();
    await api.database.query(`DELETE FROM effects WHERE deployment_id = $1`, [id]);
    const answers = await Promise.all([1, 2, 3].map(() => ask({ deploymentId: id as string })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(await owed(id as string)).toMatchObject({ phase: 'unsent', desired_revision: 1, due: true });
    expect(answers.find(({ status }) => status === 201)?.body.createdAt).toBe(createdAt);
  });

  it('that was deleted in Jira is opened anew when somebody asks, and the deleted one stays gone', async () => {
    const { id } = await api.create();
    await stands(id as string, '70001');
    await api.database.query(`UPDATE jira_tickets SET deleted_at = now(), seen_at = now(), status = 'deleted' WHERE issue_id = '70001'`);
    expect((await ask({ deploymentId: id as string })).body).toMatchObject({ phase: 'unsent', key: null, status: null, deletedAt: null });
    expect(await owed(id as string)).toMatchObject({ external_id: null, sends: 0, applied_revision: 0 });
    const [row] = await api.database.query('SELECT issue_id, other_ids FROM jira_tickets WHERE deployment_id = $1', [id]);
    expect(row).toEqual({ issue_id: null, other_ids: ['70001'] });
  });

  it('of a deployment that there is not is 404, and nothing is remembered of the key', async () => {
    const missing = { deploymentId: '01a1f9c1-1f18-73d2-9c31-723516cb0a45' };
    expect((await ask(missing, { 'idempotency-key': 'missing' })).body.type).toBe('/problems/deployment-not-found');
    expect((await ask({ summary: 'x' }, { 'idempotency-key': 'missing' })).status).toBe(201);
  });
});

describe('one ticket', () => {
  it('is found by its key, in any case, and by its id', async () => {
    const { id } = await api.create();
    await stands(id as string, 'OPS-31');
    for (const name of ['OPS-31', 'ops-31', (await owed(id as string)).id as string]) {
      expect((await api.call('GET', `/api/jira-tickets/${name}`)).body).toMatchObject({ deploymentId: id, key: 'OPS-31' });
    }
  });

  it.each(['OPS-404404', 'x', '01a1f9c1-1f18-73d2-9c31-723516cb0a45', '%00'])('that there is not (%s) is 404', async (name) => {
    expect((await api.call('GET', `/api/jira-tickets/${name}`)).body.type).toBe('/problems/ticket-not-found');
  });
});

describe('the list', () => {
  it('has the filters deployment, project, status, phase, key, from and to', async () => {
    const one = await api.create({ project: 'alpha' });
    const two = await api.create({ project: 'beta' });
    await stands(one.id as string, 'OPS-51', 'In Progress');
    const [a, b] = [(await owed(one.id as string)).id as string, (await owed(two.id as string)).id as string];
    expect(ids(await list(`deployment=${one.id as string}`))).toEqual([a]);
    expect(ids(await list('project=beta'))).toEqual([b]);
    expect(ids(await list('status=In%20Progress'))).toEqual([a]);
    expect(ids(await list('project=alpha&status=Done'))).toEqual([]);
    expect(ids(await list('key=ops-51'))).toEqual([a]);
    expect(ids(await list('phase=unsent&limit=200'))).toContain(b);
    expect(ids(await list('phase=unsent&limit=200'))).not.toContain(a);
    expect(ids(await list('from=2020-01-01&to=2020-01-02'))).toEqual([]);
    expect(ids(await list(`project=alpha&from=2020-01-01`))).toEqual([a]);
  });

  it.each(['', 'status=Paged', 'phase=sent', 'project=paged'])('of "%s" is walked page by page, newest first, without a gap', async (filter) => {
    for (let index = 0; index < 5; index += 1) {
      const { id } = await api.create({ project: 'paged' });
      await stands(id as string, `P-${filter.length}${index}`, 'Paged');
    }
    const all = await list(`${filter}&limit=200`);
    const walked: Body[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Body = (await api.call('GET', `/api/jira-tickets?${filter}&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)).body;
      walked.push(...page.data);
      cursor = page.nextCursor;
    }
    expect(ids(walked)).toEqual(ids(all));
    const moments = all.map(({ createdAt }) => Date.parse(createdAt as string));
    expect(moments).toEqual(moments.toSorted((x, y) => y - x));
  });

  it.each(['phase=nowhere', 'limit=0', 'cursor=x', 'to=2020-01-01&from=2020-01-02', 'assignee=x', 'deployment=x'])('refuses %s', async (query) => {
    expect((await api.call('GET', `/api/jira-tickets?${query}`)).body.type).toBe('/problems/invalid-request');
  });
});
