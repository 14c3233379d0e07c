import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Running, issueFields, startSandbox } from './start-sandbox.js';

let sandbox: Running;
let clock = 1_800_000_000_000;

beforeEach(async () => {
  sandbox = await startSandbox({
    now: () => clock,
    jira: { email: 'dep@example.com', token: 'token', projects: ['DEP'] },
  });
});
afterEach(() => sandbox.stop());

async function create(fields: Record<string, unknown> = {}) {
  return (await sandbox.jira.post('/issue', issueFields(fields))).data as { id: string; key: string; self: string };
}

async function found(jql: string, more: object = {}): Promise<string[]> {
  const { data } = await sandbox.jira.post('/search/jql', { jql, fields: ['labels'], ...more });
  return (data as { issues: { key: string }[] }).issues.map(({ key }) => key);
}

describe('creating', () => {
  it('answers 201 with id, key and self, and the issue can be read again', async () => {
    const { status, data } = await sandbox.jira.post('/issue', issueFields());
    expect(status).toBe(201);
    expect(data).toEqual({ id: '10001', key: 'DEP-1', self: `${sandbox.url}/jira/rest/api/3/issue/10001` });
    const read = await sandbox.jira.get('/issue/DEP-1?fields=summary,labels,status');
    expect(read.data.fields).toMatchObject({ summary: 'Deploy it', labels: ['dep-1'], status: { name: 'To Do' } });
    expect(Object.keys(read.data.fields)).toHaveLength(3);
  });

  it.each([
    ['project', { project: { key: 'NOPE' } }, 'valid project is required'],
    ['project', { project: undefined }, 'Specify a valid project ID or key'],
    ['issuetype', { issuetype: { name: 'Wish' } }, 'Specify a valid issue type'],
    ['summary', { summary: '' }, 'You must specify a summary of the issue.'],
    ['summary', { summary: 'a\nb' }, 'The summary is invalid because it contains newline characters.'],
    ['summary', { summary: 'x'.repeat(256) }, "Summary can't exceed 255 characters."],
    ['labels', { labels: ['a b'] }, "The label 'a b' contains spaces which is invalid."],
    ['colour', { colour: 1 }, "Field 'colour' cannot be set. It is not on the appropriate screen, or unknown."],
    [
      'description',
      { description: 'text' },
      'Operation value must be an Atlassian Document (see the Atlassian Document Format)',
    ],
  ])('names the field %s that is wrong', async (field, fields, message) => {
    const { status, data } = await sandbox.jira.post('/issue', issueFields(fields));
    expect({ status, data }).toEqual({ status: 400, data: { errorMessages: [], errors: { [field]: message } } });
  });

  it('takes custom fields', async () => {
    expect((await sandbox.jira.post('/issue', issueFields({ customfield_10010: 'x' }))).status).toBe(201);
  });

  it.each([
    ['no version', { type: 'doc', content: [] }, 'version must be 1'],
    ['a strange node', doc({ type: 'video' }), '/content/0: a video must not stand in a doc'],
    ['text outside a paragraph', doc({ type: 'text', text: 'x' }), 'a text must not stand in a doc'],
    ['empty text', doc(paragraph({ type: 'text', text: '' })), 'a text node needs text'],
    ['a strange mark', doc(paragraph({ type: 'text', text: 'x', marks: [{ type: 'blink' }] })), 'no known mark'],
    [
      'a link to nowhere',
      doc(paragraph({ type: 'text', text: 'x', marks: [{ type: 'link' }] })),
      'lacks its attributes',
    ],
    [
      'bold code',
      doc(paragraph({ type: 'text', text: 'x', marks: [{ type: 'code' }, { type: 'strong' }] })),
      'code goes together',
    ],
    ['a heading without level', doc({ type: 'heading', content: [] }), 'attributes of heading'],
    ['an empty list', doc({ type: 'bulletList', content: [] }), 'must not be empty'],
    ['an invented property', doc({ type: 'rule', colour: 'red' }), 'unknown property colour'],
  ])('refuses a document with %s', async (_what, description, message) => {
    const { status, data } = await sandbox.jira.post('/issue', issueFields({ description }));
    expect(status).toBe(400);
    expect(data.errors.description).toContain(message);
  });
});

describe('searching', () => {
  it('finds by labels within a project, newest first unless ordered', async () => {
    await create();
    await create({ labels: ['dep-2'] });
    await create({ labels: ['other'] });
    expect(await found('labels in ("dep-1", "dep-2")')).toEqual(['DEP-2', 'DEP-1']);
    expect(await found('project = DEP AND labels in (dep-1,dep-2) ORDER BY created ASC')).toEqual(['DEP-1', 'DEP-2']);
    expect(await found('labels = dep-2')).toEqual(['DEP-2']);
  });

  it('gives ids only unless fields are asked for, and pages with a token', async () => {
    await create();
    await create();
    const first = (await sandbox.jira.post('/search/jql', { jql: 'labels = dep-1', maxResults: 1 })).data;
    expect(first).toMatchObject({ issues: [{ id: '10002' }], isLast: false });
    const { nextPageToken } = first as { nextPageToken: string };
    const second = await sandbox.jira.post('/search/jql', { jql: 'labels = dep-1', maxResults: 1, nextPageToken });
    expect(second.data).toEqual({ issues: [{ id: '10001' }], isLast: true });
  });

  it('lags behind writes by the time that is set', async () => {
    await sandbox.admin.put('/_faults', [{ method: 'jira.search', searchLagMs: 5000 }]);
    await create();
    expect(await found('labels = dep-1')).toEqual([]);
    clock += 5000;
    expect(await found('labels = dep-1')).toEqual(['DEP-1']);
    await sandbox.jira.put('/issue/DEP-1', { fields: { labels: ['moved'] } });
    expect(await found('labels = moved')).toEqual([]);
    expect(await found('labels = dep-1')).toEqual(['DEP-1']);
    clock += 5000;
    expect(await found('labels = moved')).toEqual(['DEP-1']);
  });

  it.each([
    ['ORDER BY created', 'Unbounded JQL queries are not allowed here.'],
    ['', 'Unbounded JQL queries are not allowed here.'],
    ['colour = red', "Field 'colour' does not exist"],
    ['project = NOPE', "The value 'NOPE' does not exist for the field 'project'."],
    ['labels in ("a"', "Expecting ')'"],
    ['labels ~ a', "Expecting '=' or 'in ('"],
    ['labels = a OR labels = b', "'OR' is not expected here"],
    ['labels = ;', "The character ';' is not expected here."],
  ])('refuses the query %j', async (jql, message) => {
    const { status, data } = await sandbox.jira.post('/search/jql', { jql });
    expect(status).toBe(400);
    expect(data.errorMessages[0]).toContain(message);
  });
});

describe('the workflow', () => {
  const names = async (): Promise<string[]> =>
    (await sandbox.jira.get('/issue/DEP-1/transitions')).data.transitions.map(
      (one: { to: { name: string } }) => one.to.name,
    );
  const go = async (id: string): Promise<number> =>
    (await sandbox.jira.post('/issue/DEP-1/transitions', { transition: { id } })).status;

  it('leads from To Do over In Progress to Done and not back', async () => {
    await create();
    expect(await names()).toEqual(['In Progress', 'Done']);
    expect(await go('21')).toBe(204);
    expect(await names()).toEqual(['Done']);
    expect(await go('21')).toBe(400);
    expect(await go('31')).toBe(204);
    expect(await names()).toEqual([]);
    expect((await sandbox.jira.get('/issue/10001')).data.fields.status.statusCategory.key).toBe('done');
  });
});

describe('comments, links and the rest', () => {
  const body = doc(paragraph({ type: 'text', text: 'done' }));

  it('adds and lists comments', async () => {
    await create();
    expect((await sandbox.jira.post('/issue/DEP-1/comment', { body })).status).toBe(201);
    expect((await sandbox.jira.post('/issue/DEP-1/comment', { body: 'text' })).status).toBe(400);
    const { data } = await sandbox.jira.get('/issue/DEP-1/comment');
    expect(data).toMatchObject({ total: 1, comments: [{ id: '10001', body }] });
  });

  it('links a duplicate to its original, once however often it is asked', async () => {
    await create();
    await create();
    const link = { type: { name: 'Duplicate' }, inwardIssue: { key: 'DEP-2' }, outwardIssue: { key: 'DEP-1' } };
    expect((await sandbox.jira.post('/issueLink', link)).status).toBe(201);
    expect((await sandbox.jira.post('/issueLink', link)).status).toBe(201);
    const { data } = await sandbox.jira.get('/issue/DEP-2');
    expect(data.fields.issuelinks).toMatchObject([{ type: { outward: 'duplicates' }, outwardIssue: { key: 'DEP-1' } }]);
    expect((await sandbox.jira.post('/issueLink', { ...link, outwardIssue: { key: 'DEP-9' } })).status).toBe(404);
  });

  it('edits fields and refuses those that cannot be set', async () => {
    await create();
    expect((await sandbox.jira.put('/issue/DEP-1', { fields: { summary: 'New' } })).status).toBe(204);
    expect((await sandbox.jira.put('/issue/DEP-1', { fields: { status: 'Done' } })).status).toBe(400);
    expect((await sandbox.jira.put('/issue/DEP-1', { fields: { project: { key: 'X' } } })).status).toBe(400);
  });

  it('answers 404 without a body for unknown ids, and 404 below every unknown path', async () => {
    const missing = await sandbox.jira.get('/issue/DEP-77');
    expect([missing.status, missing.data]).toEqual([404, '']);
    expect((await sandbox.jira.get('/dashboard')).status).toBe(404);
    expect((await sandbox.jira.post('/search', {})).status).toBe(404);
  });

  it('checks the credentials, the content type and the JSON', async () => {
    expect((await sandbox.jira.get('/myself')).data).toMatchObject({ emailAddress: 'dep@example.com' });
    const wrong = await sandbox.jira.get('/myself', { auth: { username: 'dep@example.com', password: 'no' } });
    expect([wrong.status, wrong.data]).toEqual([401, '']);
    const text = await sandbox.jira.post('/issue', 'x', { headers: { 'Content-Type': 'text/plain' } });
    expect(text.status).toBe(415);
    const broken = await sandbox.jira.post('/issue', '{', { headers: { 'Content-Type': 'application/json' } });
    expect(broken.status).toBe(400);
  });
});

function doc(...content: object[]): object {
  return { type: 'doc', version: 1, content };
}

function paragraph(...content: object[]): object {
  return { type: 'paragraph', content };
}
