import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Running, issueFields, startSandbox, startWebhook } from './start-sandbox.js';

type Hook = Awaited<ReturnType<typeof startWebhook>>;

let sandbox: Running;
let hook: Hook;

async function open(status: number): Promise<void> {
  hook = await startWebhook(status, 'heard');
  sandbox = await startSandbox({ webhooks: { url: hook.url, secret: 'hook-secret', base: 'http://jira.test/jira', repeatAfterMs: [10, 10] } });
}

beforeEach(() => open(200));
afterEach(async () => {
  await sandbox.stop();
  await hook.stop();
});

const told = () => hook.received.map(({ headers, body }) => ({ headers, news: JSON.parse(body), body }));
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate);
};
const deal = (body: object) => sandbox.admin.post('/_issue', body);
const create = async (): Promise<string> => (await sandbox.jira.post('/issue', issueFields())).data.key as string;

describe('a change of a ticket', () => {
  it('is told as Jira tells it: signed, named, with the issue as it is then', async () => {
    const key = await create();
    await until(() => hook.received.length === 1);
    await deal({ key, transition: 'Start progress' });
    await deal({ key, assign: 'U0BOB' });
    await deal({ key, delete: true });
    const all = told();
    expect(all.map(({ news }) => news.webhookEvent)).toEqual(['jira:issue_created', 'jira:issue_updated', 'jira:issue_updated', 'jira:issue_deleted']);
    expect(all.map(({ news }) => news.issue.fields.status.name)).toEqual(['To Do', 'In Progress', 'In Progress', 'In Progress']);
    expect(all[2]?.news.issue).toMatchObject({ key, self: 'http://jira.test/jira/rest/api/2/issue/10001', fields: { assignee: { displayName: 'Bob' }, priority: { name: 'Medium' }, resolution: null } });
    expect(Object.hasOwn(all[1]?.news.changelog.items[0], 'toString')).toBe(true);
    for (const { headers, body } of all) {
      expect(headers['x-hub-signature']).toBe(`sha256=${createHmac('sha256', 'hook-secret').update(body).digest('hex')}`);
    }
    expect(new Set(all.map(({ headers }) => headers['x-atlassian-webhook-identifier'])).size).toBe(4);
  });

  it('by hand is answered with what the receiver said', async () => {
    const key = await create();
    expect((await deal({ key, priority: 'High' })).data).toEqual({ told: { status: 200, body: 'heard' } });
  });

  it('that is lost, hidden or late by a fault is not told, told twice, or told after the next', async () => {
    const key = await create();
    await until(() => hook.received.length === 1);
    await sandbox.admin.put('/_faults', [{ method: 'jira.webhook', kind: 'reset', times: 1 }]);
    expect((await deal({ key, priority: 'Low' })).data).toEqual({ told: { error: 'lost, by a fault' } });
    expect(hook.received).toHaveLength(1);
    await sandbox.admin.put('/_faults', [{ method: 'jira.webhook', kind: 'drop_after', times: 1 }]);
    await deal({ key, priority: 'High' });
    await until(() => hook.received.length === 3);
    const [, first, again] = told();
    expect(again?.headers['x-atlassian-webhook-identifier']).toBe(first?.headers['x-atlassian-webhook-identifier']);
    expect([first?.headers['x-atlassian-webhook-retry'], again?.headers['x-atlassian-webhook-retry']]).toEqual(['0', '1']);
    await sandbox.admin.put('/_faults', [{ method: 'jira.webhook', latencyMs: 2_000, times: 1 }]);
    const tried = async (): Promise<number> => (await sandbox.admin.get('/_calls')).data['jira.webhook'] as number;
    const before = await tried();
    const late = deal({ key, priority: 'Highest' });
    while ((await tried()) === before);
    await deal({ key, priority: 'Lowest' });
    await late;
    expect(told().slice(3).map(({ news }) => news.issue.fields.priority.name)).toEqual(['Lowest', 'Highest']);
  });

  it('that is not taken is told again, so often and no more', async () => {
    await sandbox.stop();
    await hook.stop();
    await open(503);
    await create();
    await until(() => hook.received.length === 3);
    await deal({ key: 'DEP-1', priority: 'High' });
    await until(() => hook.received.length === 6);
    expect(new Set(hook.received.map(({ headers }) => headers['x-atlassian-webhook-identifier'])).size).toBe(2);
  });

  it('that the receiver refuses for good is told once', async () => {
    await sandbox.stop();
    await hook.stop();
    await open(401);
    const key = await create();
    await deal({ key, priority: 'High' });
    await deal({ key, priority: 'Low' });
    expect(hook.received).toHaveLength(3);
  });
});

describe('what a person does to a ticket', () => {
  it('is refused with a sentence where it makes no sense', async () => {
    const key = await create();
    for (const [body, status, words] of [
      [{ key: 'DEP-9', delete: true }, 404, 'There is no ticket DEP-9.'],
      [{ key, transition: 'Reopen' }, 404, `${key} has no transition "Reopen" now.`],
      [{ key, assign: 'U0ZED' }, 404, 'There is no person U0ZED.'],
      [{ key }, 400, 'must contain'],
      [{ key, delete: true, priority: 'High' }, 400, 'conflict'],
    ] as const) {
      const { status: got, data } = await deal(body);
      expect([got, data.errors[0]]).toEqual([status, expect.stringContaining(words)]);
    }
  });

  it('that is deleted leaves its number to nobody', async () => {
    const key = await create();
    await deal({ key, delete: true });
    expect((await sandbox.jira.get(`/issue/${key}`)).status).toBe(404);
    expect((await sandbox.jira.post('/search/jql', { jql: 'labels = "dep-1"' })).data.issues).toEqual([]);
    const next = (await sandbox.jira.post('/issue', issueFields())).data as { id: string; key: string };
    expect(next).toMatchObject({ id: '10002', key: 'DEP-2' });
  });

  it('can be done from the page', async () => {
    const key = await create();
    const { data } = await sandbox.admin.get('/');
    expect(data).toContain(`data-issue="${key}" data-transition="21"`);
    expect(data).toContain(`<select data-assign="${key}">`);
  });
});
