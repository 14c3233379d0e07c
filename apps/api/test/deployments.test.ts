import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const FIELDS = [
  'id', 'revision', 'project', 'environment', 'version', 'commitSha', 'ref', 'description', 'requestedBy', 'source',
  'externalId', 'links', 'metadata', 'retryOf', 'rollbackOf', 'promotedFrom', 'status', 'approval', 'ticket', 'messages', 'createdAt', 'updatedAt',
  'startedAt', 'finishedAt',
];

const FULL = {
  project: ' user-service ',
  environment: 'production',
  version: '1.2.3',
  commitSha: 'ABCDEF0123',
  ref: 'refs/heads/main',
  description: 'Fixes *all*\nthe things',
  requestedBy: 'Rita@Example.com',
  source: 'ci',
  externalId: 'run-1',
  links: [{ title: 'Run', url: 'https://ci.example.com/1' }],
  metadata: { deep: { er: [1, null, 'ü🚀'] } },
};

describe('creating', () => {
  it('answers 201 with the whole deployment, its address and its tag', async () => {
    const { status, headers, body } = await api.call('POST', '/api/deployments', FULL);
    expect(status).toBe(201);
    expect(Object.keys(body)).toEqual(FIELDS);
    expect(headers.get('location')).toBe(`/api/deployments/${body.id}`);
    expect(headers.get('etag')).toMatch(/^"1-[\w-]{12}"$/);
    expect(body).toMatchObject({
      ...FULL,
      project: 'user-service',
      commitSha: 'abcdef0123',
      requestedBy: 'rita@example.com',
      revision: 1,
      retryOf: null,
      status: 'pending',
      approval: { status: 'pending', required: 1, decisions: [] },
      ticket: null,
      messages: [],
      startedAt: null,
      finishedAt: null,
    });
    const lives = Date.parse(body.approval.expiresAt) - Date.parse(body.createdAt);
    expect(lives).toBe(24 * 3600 * 1000);
  });

  it('needs no more than project, environment and version, and takes null for whatever is not known', async () => {
    const least = await api.create();
    const nulls = await api.create({ commitSha: null, ref: null, description: null, requestedBy: null, source: null, externalId: null, retryOf: null });
    for (const body of [least, nulls]) {
      expect(body).toMatchObject({ commitSha: null, ref: null, description: null, requestedBy: null, links: [], metadata: {} });
    }
  });

  it('stands under /api/v1 too, and says so in the address', async () => {
    const { status, headers, body } = await api.call('POST', '/api/v1/deployments', { project: 'p', environment: 'e', version: 'v' });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v1/deployments/${body.id}`);
    expect((await api.call('GET', headers.get('location') ?? '')).body).toEqual(body);
  });

  it('writes what is owed with the deployment, although Redis is away', async () => {
    const { id } = await api.create();
    const rows = await api.database.query('SELECT kind, queued_until FROM effects WHERE deployment_id = $1 ORDER BY kind', [id]);
    expect(rows).toEqual([{ kind: 'jira.ticket', queued_until: null }, { kind: 'slack.approval', queued_until: null }]);
  });

  it('is a retry of another deployment only where there is one', async () => {
    const first = await api.create();
    expect((await api.create({ retryOf: first.id })).retryOf).toBe(first.id);
    const { status, body } = await api.call('POST', '/api/deployments', {
      project: 'p', environment: 'e', version: 'v', retryOf: '01890000-0000-7000-8000-000000000000',
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({ type: '/problems/retry-of-not-found', errors: [{ pointer: '/retryOf' }] });
  });
});

describe('reading one', () => {
  it('gives what was answered at its creation', async () => {
    const created = await api.create({ description: 'x' });
    const { status, body } = await api.call('GET', `/api/deployments/${created.id}`);
    expect(status).toBe(200);
    expect(body).toEqual(created);
  });

  it('answers 304 to who has it, also by a weak tag, until a ticket changes what is shown', async () => {
    const { id } = await api.create();
    const path = `/api/deployments/${id}`;
    const etag = (await api.call('GET', path)).headers.get('etag') ?? '';
    expect((await api.call('GET', path, undefined, { 'if-none-match': etag })).status).toBe(304);
    expect((await api.call('GET', path, undefined, { 'if-none-match': `"x", W/${etag}` })).status).toBe(304);
    await api.database.query(
      `INSERT INTO jira_tickets (deployment_id, effect_id, issue_id, key, url, status) VALUES ($1, $1, '1', 'OPS-1', 'http://j/1', 'To Do')`,
      [id],
    );
    const { status, headers, body } = await api.call('GET', path, undefined, { 'if-none-match': etag });
    expect(status).toBe(200);
    expect(headers.get('etag')).toMatch(/^"1-/);
    expect(body.ticket).toEqual({ key: 'OPS-1', url: 'http://j/1', status: 'To Do' });
  });

  it('answers HEAD without a body', async () => {
    const { id } = await api.create();
    const { status, headers, body } = await api.call('HEAD', `/api/deployments/${id}`);
    expect([status, body]).toEqual([200, '']);
    expect(headers.get('etag')).not.toBeNull();
  });

  it('takes an id in capitals', async () => {
    const { id } = await api.create();
    expect((await api.call('GET', `/api/deployments/${id.toUpperCase()}`)).body.id).toBe(id);
  });
});

describe('the events of one', () => {
  it('are listed in order, page by page', async () => {
    const { id } = await api.create({ requestedBy: 'rita@example.com' });
    const approval = `/api/deployments/${id}/approval`;
    await api.call('PUT', approval, { decision: 'approve', approver: 'Bob@example.com', reason: ' fine ' });
    await api.call('PUT', `/api/deployments/${id}`, { status: 'in_progress', description: 'now', actor: 'ci@example.com' });
    const seen: { type: string; actor: string | null; data: Record<string, unknown>; revision: number }[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await api.call('GET', `/api/deployments/${id}/events?limit=2${query}`);
      seen.push(...body.data);
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(seen.map(({ type }) => type)).toEqual([
      'deployment.created', 'approval.decided', 'deployment.approved', 'deployment.updated', 'deployment.started',
    ]);
    expect(seen.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5]);
    expect(seen[1]).toMatchObject({ actor: 'bob@example.com', data: { decision: 'approve', reason: 'fine', remaining: 0 } });
    expect(seen[3]).toMatchObject({ actor: 'ci@example.com', data: { edit: { description: 'now' } } });
    expect(seen[4]).toMatchObject({ data: { from: 'approved', to: 'in_progress' } });
  });

  it('say that nobody is excluded where no requester was given', async () => {
    const { id } = await api.create();
    const { body } = await api.call('GET', `/api/deployments/${id}/events`);
    expect(body.nextCursor).toBeNull();
    expect(body.data[0].data.note).toMatch(/nobody is excluded/);
  });

  it('are not found where there is no deployment', async () => {
    const { status, body } = await api.call('GET', '/api/deployments/01890000-0000-7000-8000-000000000000/events');
    expect([status, body.type]).toEqual([404, '/problems/deployment-not-found']);
  });
});
