import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { APPROVAL, type Running, issueFields, startSandbox } from './start-sandbox.js';

let folder: string;
let dataFile: string;
let sandbox: Running;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  dataFile = join(folder, 'deep', 'ledger.jsonl');
  sandbox = await startSandbox({ dataFile });
});
afterEach(async () => {
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

async function fill(): Promise<void> {
  const { jira, slack } = sandbox;
  await jira.post('/issue', issueFields());
  await jira.post('/issue', issueFields({ labels: ['dep-2'] }));
  await jira.post('/issue', issueFields({ summary: '' }));
  await jira.post('/issue/DEP-1/transitions', { transition: { id: '21' } });
  const body = {
    type: 'doc',
    version: 1,
    content: [{ type: 'paragraph', content: [{ type: 'text', text: 'hello' }] }],
  };
  await jira.post('/issue/DEP-1/comment', { body });
  await jira.put('/issue/DEP-2', { fields: { summary: 'Other' } });
  const ends = { inwardIssue: { key: 'DEP-2' }, outwardIssue: { key: 'DEP-1' } };
  await jira.post('/issueLink', { type: { name: 'Duplicate' }, ...ends });
  const { ts = '' } = await slack.chat.postMessage(APPROVAL);
  await slack.chat.postMessage({ channel: APPROVAL.channel, thread_ts: ts, text: 'reply' });
  await slack.chat.update({ channel: APPROVAL.channel, ts, text: 'Approved' });
  await slack.chat.postEphemeral({ channel: APPROVAL.channel, user: 'U0BOB', text: 'Too late' });
  const extra = await slack.chat.postMessage({ channel: APPROVAL.channel, text: 'extra' });
  await slack.chat.delete({ channel: APPROVAL.channel, ts: extra.ts ?? '' });
}

const state = async (): Promise<{ version: number }> =>
  (await sandbox.admin.get('/_state')).data as { version: number };
const entries = async (query = ''): Promise<Record<string, unknown>[]> =>
  (await sandbox.admin.get(`/_ledger${query}`)).data.entries as Record<string, unknown>[];

async function restart(): Promise<void> {
  await sandbox.stop();
  sandbox = await startSandbox({ dataFile });
}

it('rebuilds tickets, messages and the ledger after a restart', async () => {
  await fill();
  const [before, written] = [await state(), await entries()];
  await restart();
  expect(await state()).toEqual(before);
  expect(await entries()).toEqual(written);
  expect((await sandbox.jira.post('/issue', issueFields())).data).toMatchObject({ id: '10003', key: 'DEP-3' });
});

it('lists only what was applied, one line of the file each, and filters it', async () => {
  await fill();
  const all = await entries();
  const lines = (await readFile(dataFile, 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(all.length);
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
  expect(all.every(({ outcome, answered }) => outcome === 'applied' && answered === true)).toBe(true);
  expect((await entries('?system=jira&type=issue.created')).map(({ ids }) => ids)).toEqual([
    { issueId: '10001', issueKey: 'DEP-1' },
    { issueId: '10002', issueKey: 'DEP-2' },
  ]);
  expect(await entries('?method=slack.chat.postMessage')).toMatchObject([
    { summary: { channel: APPROVAL.channel, metadata: APPROVAL.metadata } },
    { summary: { text: 'reply' } },
    { summary: { text: 'extra' } },
  ]);
  expect((await sandbox.admin.get('/_ledger?colour=red')).status).toBe(400);
});

it('counts every call, also those that were refused', async () => {
  await fill();
  expect((await sandbox.admin.get('/_calls')).data).toMatchObject({
    'jira.createIssue': 3,
    'slack.chat.postMessage': 3,
  });
  const { calls } = (await sandbox.admin.get('/_calls/recent')).data as { calls: { outcome: string }[] };
  expect(calls[2]).toMatchObject({ method: 'jira.createIssue', outcome: 'rejected', status: 400 });
});

it('cuts off a last line that a kill has torn, and goes on', async () => {
  await sandbox.jira.post('/issue', issueFields());
  await sandbox.stop();
  await appendFile(dataFile, '{"seq":2,"at":"20');
  sandbox = await startSandbox({ dataFile });
  await sandbox.jira.post('/issue', issueFields());
  await restart();
  expect((await entries()).map(({ seq }) => seq)).toEqual([1, 2]);
});

it('names the line of a file that is not its own', async () => {
  const other = join(folder, 'other');
  await writeFile(other, 'hello\n');
  await expect(startSandbox({ dataFile: other })).rejects.toThrow(/other, line 1: not JSON/);
  await writeFile(other, '{}\n');
  await expect(startSandbox({ dataFile: other })).rejects.toThrow(/not one of this ledger's/);
});

it('forgets everything on DELETE, and the page notices', async () => {
  await fill();
  const { version } = await state();
  await sandbox.admin.delete('/_ledger');
  expect(await entries()).toEqual([]);
  expect(await readFile(dataFile, 'utf8')).toBe('');
  expect((await sandbox.admin.get('/_calls')).data).toEqual({});
  const emptied = await state();
  expect(emptied).toMatchObject({ tickets: [], channels: [] });
  expect(emptied.version).toBeGreaterThan(version);
  expect((await sandbox.jira.post('/issue', issueFields())).data).toMatchObject({ key: 'DEP-1' });
});
