import { createJiraProbe, jiraScopes } from '@deptracker/jira';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeJira, json, raw, startFakeJira } from './fake-jira.js';
import { EMAIL, TOKEN, clientOf, failureOf } from './set-up.js';

const CALL = { maxWaitMs: 5 };
const DONE = { id: '3', name: 'Done', statusCategory: { id: 3, key: 'done' } };
const STATUS = { id: '3', name: 'Done', category: 'done' };
const issue = (id: string, label: string): object => ({
  id,
  key: `OPS-${id}`,
  fields: { labels: [label], status: DONE },
});
let fake: FakeJira;

beforeAll(async () => {
  fake = await startFakeJira();
});
afterAll(() => fake.stop());

describe('the Jira client', () => {
  it('creates an issue with everything in one request, as its account', async () => {
    fake.answer(json({ id: '10001', key: 'OPS-1', self: 'x' }, 201));
    const { jira, passed } = clientOf(`${fake.baseUrl}/`);
    const permit = { scopes: jiraScopes(60)('createIssue'), used: false };
    const fields = { summary: 'x', labels: ['dep-1'] };
    expect(await jira.createIssue({ fields }, { permit, maxWaitMs: 5 })).toEqual({ id: '10001', key: 'OPS-1' });
    const authorization = `Basic ${Buffer.from(`${EMAIL}:${TOKEN}`).toString('base64')}`;
    expect(fake.received).toMatchObject([{ line: 'POST /rest/api/3/issue', authorization, body: { fields } }]);
    expect(passed).toEqual([{ method: 'createIssue', kind: 'write', scopes: permit.scopes, permit, maxWaitMs: 5 }]);
  });

  it('knows who it is, and tries Jira out with the same read', async () => {
    fake.answer(json({ accountId: 'a1', displayName: 'Bot', emailAddress: EMAIL }));
    expect(await clientOf(fake.baseUrl).jira.myself(CALL)).toEqual({ accountId: 'a1', displayName: 'Bot' });
    const probe = createJiraProbe({ baseUrl: fake.baseUrl, email: EMAIL, token: TOKEN });
    await probe(new AbortController().signal);
    expect(fake.received.map(({ line }) => line)).toEqual(['GET /rest/api/3/myself', 'GET /rest/api/3/myself']);
    fake.answer(raw('', 401));
    expect(await failureOf(probe(new AbortController().signal))).toMatchObject({ code: 'http_401', fault: 'vendor' });
  });

  it('finds issues by up to fifty labels in one search, quoted', async () => {
    fake.answer(json({ issues: [issue('1', 'a')], isLast: true }));
    const { jira } = clientOf(fake.baseUrl);
    const found = [{ id: '1', key: 'OPS-1', labels: ['a'], status: STATUS }];
    expect(await jira.searchByLabels(['a', 'q"\\'], CALL)).toEqual(found);
    const body = { jql: 'labels IN ("a", "q\\"\\\\")', fields: ['labels', 'status'], maxResults: 100 };
    expect(fake.received).toMatchObject([{ line: 'POST /rest/api/3/search/jql', body }]);
    await expect(jira.searchByLabels(Array.from({ length: 51 }, String), CALL)).rejects.toThrow(RangeError);
    expect(await jira.searchByLabels([], CALL)).toEqual([]);
    expect(fake.received).toHaveLength(1);
  });

  it('follows the pages of a search, each with a place of its own in the gate', async () => {
    fake.answer(
      json({ issues: [issue('1', 'a')], nextPageToken: 't1', isLast: false }),
      json({ issues: [issue('2', 'a')], nextPageToken: 't2' }),
      json({ issues: [], isLast: true, nextPageToken: 'ignored' }),
    );
    const { jira, passed } = clientOf(fake.baseUrl);
    const permit = { scopes: [], used: false };
    const found = await jira.searchByLabels(['a'], { ...CALL, permit });
    expect(found.map(({ id }) => id)).toEqual(['1', '2']);
    const tokens = fake.received.map(({ body }) => (body as { nextPageToken?: string }).nextPageToken);
    expect(tokens).toEqual([undefined, 't1', 't2']);
    expect(passed.map((request) => request.permit)).toEqual([permit, undefined, undefined]);
  });

  it('never takes part of a search for the whole', async () => {
    const { jira } = clientOf(fake.baseUrl);
    fake.answer(json({ issues: [], nextPageToken: 'again' }));
    expect(await failureOf(jira.searchByLabels(['a'], CALL))).toMatchObject({ fault: 'vendor', code: 'unparsable' });
    fake.answer(json({ issues: [{ id: '1', key: 'OPS-1' }], isLast: true }));
    expect(await failureOf(jira.searchByLabels(['a'], CALL))).toMatchObject({ fault: 'vendor', code: 'unparsable' });
    fake.answer(json({ errorMessages: [] }));
    expect(await failureOf(jira.searchByLabels(['a'], CALL))).toMatchObject({ fault: 'vendor', code: 'unparsable' });
  });

  it('reads an issue with the fields that were asked for', async () => {
    fake.answer(json({ id: '1', key: 'OPS-1', fields: { status: DONE, summary: 'x' } }));
    const { jira } = clientOf(fake.baseUrl);
    const fields = { status: DONE, summary: 'x' };
    const read = await jira.getIssue('OPS/1', ['status', 'summary'], CALL);
    expect(read).toEqual({ id: '1', key: 'OPS-1', fields, status: STATUS });
    const query = { fields: 'status,summary' };
    expect(fake.received).toMatchObject([{ line: 'GET /rest/api/3/issue/OPS%2F1', query }]);
    fake.answer(json({ id: '1', key: 'OPS-1', fields: {} }));
    expect(await jira.getIssue('1', ['labels'], CALL)).toMatchObject({ status: null, fields: {} });
  });

  it('moves an issue by a transition of its workflow', async () => {
    const { jira, passed } = clientOf(fake.baseUrl);
    fake.answer(json({ transitions: [{ id: '31', name: 'Finish', to: DONE }] }), raw('', 204));
    expect(await jira.getTransitions('10001', CALL)).toEqual([{ id: '31', name: 'Finish', to: STATUS }]);
    expect(await jira.transition('10001', '31', CALL)).toBeUndefined();
    const path = '/rest/api/3/issue/10001/transitions';
    expect(fake.received).toMatchObject([
      { line: `GET ${path}` },
      { line: `POST ${path}`, body: { transition: { id: '31' } } },
    ]);
    expect(passed.map(({ kind }) => kind)).toEqual(['read', 'write']);
    expect(passed.map(({ scopes }) => scopes.map(({ name }) => name))).toEqual([
      ['jira', 'jira:getTransitions'],
      ['jira', 'jira:transition', 'jira:issue:10001'],
    ]);
  });

  it('updates an issue and links a duplicate to its original', async () => {
    fake.answer(raw('', 204), raw('', 201));
    const { jira } = clientOf(fake.baseUrl);
    await jira.updateIssue('1', { summary: 'y' }, CALL);
    await jira.linkIssues('OPS-2', 'OPS-1', CALL);
    const link = { type: { name: 'Duplicate' }, inwardIssue: { key: 'OPS-2' }, outwardIssue: { key: 'OPS-1' } };
    expect(fake.received).toMatchObject([
      { line: 'PUT /rest/api/3/issue/1', body: { fields: { summary: 'y' } } },
      { line: 'POST /rest/api/3/issueLink', body: link },
    ]);
  });

  it('lists all comments as text, and adds one', async () => {
    const text = (words: string): object => ({ type: 'paragraph', content: [{ type: 'text', text: words }] });
    const body = { version: 1, type: 'doc', content: [text('Rollout started.'), text('marker-1')] };
    const page = (id: string, comment: unknown): object => ({ comments: [{ id, body: comment }], total: 3 });
    fake.answer(json(page('1', body)), json(page('2', 'plain')), json(page('3', null)), json({ id: '4' }, 201));
    const { jira } = clientOf(fake.baseUrl);
    expect(await jira.listComments('1', CALL)).toEqual([
      { id: '1', text: 'Rollout started.\nmarker-1' },
      { id: '2', text: 'plain' },
      { id: '3', text: '' },
    ]);
    expect(await jira.addComment('1', body, CALL)).toEqual({ id: '4' });
    expect(fake.received.map(({ query }) => query['startAt'])).toEqual(['0', '1', '2', undefined]);
    expect(fake.received.at(-1)).toMatchObject({ line: 'POST /rest/api/3/issue/1/comment', body: { body } });
  });

  it('gives each write a connection of its own and keeps that of reads', async () => {
    const { jira } = clientOf(fake.baseUrl);
    fake.answer(json({ accountId: 'a1', id: '10001', key: 'OPS-1' }));
    await jira.myself(CALL);
    await jira.myself(CALL);
    await jira.createIssue({ fields: {} }, CALL);
    await jira.createIssue({ fields: {} }, CALL);
    const ports = fake.received.map(({ port }) => port);
    expect(ports[1]).toBe(ports[0]);
    expect(new Set(ports).size).toBe(3);
  });
});

describe('the scopes of a request', () => {
  it('are all of Jira with its rate, and the endpoint and the written issue without one', () => {
    const scopes = jiraScopes(60);
    const both = [{ name: 'jira', perMinute: 60 }, { name: 'jira:updateIssue', perMinute: null }];
    expect(scopes('updateIssue', '7')).toEqual([...both, { name: 'jira:issue:7', perMinute: null }]);
    expect(scopes('updateIssue')).toEqual(both);
    expect(scopes('getIssue', '7')).toHaveLength(2);
  });
});
