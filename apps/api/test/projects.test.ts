import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

afterAll(() => api.stop());

const post = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> => api.call('POST', '/api/projects', body, headers);
const at = (key: string): string => `/api/projects/${encodeURIComponent(key)}`;
const put = (key: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => api.call('PUT', at(key), body, headers);

const events = (key: string) =>
  api.database.query(`SELECT type, revision, actor, data, request_id AS "requestId" FROM setting_events WHERE subject_kind = 'project' AND subject_id = $1 ORDER BY revision`, [key]);

describe('a project', () => {
  it('is created with what is said of it, and read again by its tag', async () => {
    const fields = { name: 'Web', team: 'front', repositoryUrl: 'https://git.example.com/web', jiraProjectKey: 'WEB', defaultChannelId: 'C0WEB' };
    const created = await post({ key: 'web', ...fields }, { 'x-actor': 'Ann@Example.com', 'x-request-id': 'r-1' });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({ key: 'web', revision: 1, ...fields, archivedAt: null, createdAt: expect.any(String) as string, updatedAt: created.body.createdAt });
    expect(created.headers.get('location')).toBe('/api/projects/web');
    const read = await api.call('GET', '/api/projects/web');
    expect(read.body).toEqual(created.body);
    const tag = read.headers.get('etag') ?? '';
    expect(tag).toBe(created.headers.get('etag'));
    expect((await api.call('GET', '/api/projects/web', undefined, { 'if-none-match': tag })).status).toBe(304);
    expect(await events('web')).toEqual([{ type: 'project.created', revision: 1, actor: 'ann@example.com', data: { key: 'web', ...fields }, requestId: 'r-1' }]);
  });

  it('has its key as its name, and is found by any key that a deployment can have', async () => {
    const key = 'a/b c?#%2F ü';
    const { status, body, headers } = await post({ key });
    expect([status, body.name]).toEqual([201, key]);
    expect((await api.call('GET', headers.get('location') ?? '')).body.key).toBe(key);
  });

  it('is there once', async () => {
    await post({ key: 'once' });
    const again = await post({ key: 'once', team: 'other' });
    expect([again.status, again.body.type, again.body.errors]).toEqual([409, '/problems/project-exists', [{ pointer: '/key', message: expect.any(String) as string }]]);
    const all = await Promise.all(Array.from({ length: 10 }, () => post({ key: 'race' })));
    expect(all.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
    expect(await events('race')).toHaveLength(1);
  });

  it('is answered again to the same key, and another one refused', async () => {
    const first = await post({ key: 'keyed' }, { 'idempotency-key': 'p1' });
    const again = await post({ key: 'keyed' }, { 'idempotency-key': 'p1' });
    expect([again.status, again.body, again.headers.get('idempotent-replayed')]).toEqual([201, first.body, 'true']);
    for (const name of ['etag', 'location']) expect(again.headers.get(name)).toBe(first.headers.get(name));
    expect((await post({ key: 'keyed-2' }, { 'idempotency-key': 'p1' })).body.type).toBe('/problems/key-reused');
    expect((await api.call('GET', '/api/projects/keyed-2')).status).toBe(404);
    expect(await events('keyed')).toHaveLength(1);
  });

  it('is changed in what is given, with its event, and not by the same again', async () => {
    await post({ key: 'changing', team: 'one', jiraProjectKey: 'ABC' });
    const changed = await put('changing', { team: 'two', jiraProjectKey: null, key: 'changing' }, { 'x-actor': 'bob@example.com' });
    expect(changed.body).toMatchObject({ revision: 2, name: 'changing', team: 'two', jiraProjectKey: null });
    expect((await put('changing', { team: 'two' })).body).toEqual(changed.body);
    expect(await events('changing')).toMatchObject([
      { type: 'project.created' },
      { type: 'project.updated', revision: 2, actor: 'bob@example.com', data: { changes: { team: { from: 'one', to: 'two' }, jiraProjectKey: { from: 'ABC', to: null } } } },
    ]);
    expect((await put('changing', { key: 'other' })).body).toMatchObject({ type: '/problems/immutable', errors: [{ pointer: '/key' }] });
  });

  it('is changed only as it was seen', async () => {
    const { headers } = await post({ key: 'seen' });
    const tag = headers.get('etag') ?? '';
    const both = await Promise.all(['a', 'b'].map((team) => put('seen', { team }, { 'if-match': tag })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(both.find(({ status }) => status === 412)?.body).toMatchObject({ type: '/problems/revision-mismatch', currentRevision: 2 });
    expect((await api.call('POST', '/api/projects/seen/archive', undefined, { 'if-match': tag })).status).toBe(412);
  });

  it('is archived and restored, each once however often it is asked for', async () => {
    await post({ key: 'old' });
    const archived = await api.call('POST', '/api/projects/old/archive', undefined, { 'x-actor': 'ann@example.com' });
    expect(archived.body).toMatchObject({ revision: 2, archivedAt: expect.any(String) as string });
    expect((await api.call('POST', '/api/projects/old/archive')).body).toEqual(archived.body);
    expect((await put('old', { team: 'late' })).body).toMatchObject({ revision: 3, archivedAt: archived.body.archivedAt });
    expect((await api.call('POST', '/api/projects/old/restore')).body).toMatchObject({ revision: 4, archivedAt: null });
    expect((await events('old')).map(({ type }) => type)).toEqual(['project.created', 'project.archived', 'project.updated', 'project.restored']);
  });

  it('that there is not is not found, whatever its key', async () => {
    for (const key of ['none', '%00', 'x'.repeat(201), '%20', '%F0%9F%98%80']) {
      for (const [method, what, body] of [['GET', '', undefined], ['PUT', '', { team: 'x' }], ['POST', '/archive', undefined], ['POST', '/restore', undefined]] as const) {
        const { status, body: problem } = await api.call(method, `/api/projects/${key}${what}`, body);
        expect([status, problem.type], `${method} ${key}`).toEqual([404, '/problems/project-not-found']);
      }
    }
  });

  it('is refused with the place of every mistake', async () => {
    const wrong = { key: '', name: 5, repositoryUrl: 'ftp://x', jiraProjectKey: 'abc', defaultChannelId: '#deploys', colour: 'red' };
    const { status, body } = await post(wrong);
    expect(status).toBe(400);
    expect(body.errors.map((one: { pointer: string }) => one.pointer).sort()).toEqual(Object.keys(wrong).map((name) => `/${name}`).sort());
    expect((await put('web', {})).status).toBe(400);
    expect((await put('web', { name: null })).body.errors).toMatchObject([{ pointer: '/name' }]);
    expect((await post({ key: 'x\u0000' })).status).toBe(400);
    expect((await post({ key: 'actor' }, { 'x-actor': 'nobody' })).body.errors).toMatchObject([{ header: 'X-Actor' }]);
  });
});

describe('the list of projects', () => {
  const keys = async (query: string): Promise<string[]> =>
    (await api.call('GET', `/api/projects?${query}`)).body.data.map((one: { key: string }) => one.key);

  it('is filtered, and goes on where a page ended', async () => {
    for (const n of [1, 2, 3, 4]) await post({ key: `list-${n}`, team: n < 3 ? 'l' : null });
    await api.call('POST', '/api/projects/list-2/archive');
    expect(await keys('q=list-')).toEqual(['list-1', 'list-3', 'list-4']);
    expect(await keys('q=list-&archived=true')).toEqual(['list-2']);
    expect(await keys('q=list-&archived=any&team=l')).toEqual(['list-1', 'list-2']);
    const first = await api.call('GET', '/api/projects?q=list-&limit=2');
    await post({ key: 'list-0' });
    expect(await keys(`q=list-&limit=2&cursor=${first.body.nextCursor}`)).toEqual(['list-4']);
  });

  it('refuses what it does not know', async () => {
    const cursors = [['x', 1], [1], ['\0'], [' '], ['x'.repeat(300)], {}].map((one) => Buffer.from(JSON.stringify(one)).toString('base64url'));
    expect((await api.call('GET', `/api/projects?cursor=${cursors[0]}`)).status).toBe(200);
    for (const query of ['archived=maybe', 'limit=0', 'team=a&team=b', 'colour=red', 'cursor=%21', ...cursors.slice(1).map((one) => `cursor=${one}`)]) {
      expect((await api.call('GET', `/api/projects?${query}`)).status, query).toBe(400);
    }
  });

  it('goes on after the longest key there can be', async () => {
    for (const last of ['a', 'b']) await post({ key: '\u{1F680}'.repeat(99) + last });
    const { body } = await api.call('GET', `/api/projects?limit=1&q=${encodeURIComponent('\u{1F680}')}`);
    expect(await keys(`q=${encodeURIComponent('\u{1F680}')}&cursor=${body.nextCursor}`)).toEqual(['\u{1F680}'.repeat(99) + 'b']);
  });
});
