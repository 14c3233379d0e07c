import { receiveIssue, requestTicket } from '@deptracker/application';
import { type Ticket, findTicket } from '@deptracker/store';
import { waitFor } from '@deptracker/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { effectOf, effectsOf } from '../../../packages/application/test/support/effects.js';
import { type Issue, useBench } from './bench.js';

const bench = useBench();
afterEach(() => bench().restartWorker());

const NOTHING = { description: null, type: null, priority: null, projectKey: null };

/** Asks for a ticket as the API does. */
async function ask(command: { deploymentId: string } | { summary: string; description?: string; type?: string; priority?: string }): Promise<string> {
  const asked = 'deploymentId' in command ? command : { ticket: { ...NOTHING, ...command } };
  const context = { actor: null, queueMs: { jira: 0, slack: 0 } };
  return (await bench().database.transaction((uow) => requestTicket(uow, asked, context))).ticket.id;
}

const ticket = (id: string): Promise<Ticket | null> => findTicket(bench().database, { id });

let deliveries = 0;

/** Tells of an issue as Jira's webhook does. */
function tell(issue: Issue, labelled: string, deleted = false): Promise<string> {
  const { id: issueId, key, fields } = issue;
  const { id, name, statusCategory } = fields.status;
  const seen = { issueId, key, url: `http://jira/${key}`, status: { id, name, category: statusCategory.key }, at: new Date(deleted ? Date.now() : fields.updated) };
  return receiveIssue(bench().database, { key: `d-${(deliveries += 1)}`, issue: seen, labelled: [labelled], deleted });
}

async function deleteByHand(key: string): Promise<void> {
  const response = await fetch(`${bench().sandbox.url}/_issue`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ key, delete: true }) });
  expect(response.status).toBe(200);
}

describe('a ticket of its own', () => {
  it('has its summary, description, type, priority and label', async () => {
    const id = await ask({ summary: 'Renew it', description: 'First\n\nSecond', type: 'Bug', priority: 'High' });
    await bench().settled();
    const { fields, key } = await bench().issue(id);
    expect(fields).toMatchObject({ summary: 'Renew it', issuetype: { name: 'Bug' }, priority: { name: 'High' }, labels: [`dep-${id}`], description: { type: 'doc', content: [{ type: 'paragraph' }, { type: 'paragraph' }] } });
    expect(await ticket(id)).toMatchObject({ key, url: `${bench().sandbox.url}/jira/browse/${key}`, phase: 'sent', summary: 'Renew it' });
  });

  it('has the configured type, and no description where none was given', async () => {
    const id = await ask({ summary: 'Bare' });
    await bench().settled();
    expect((await bench().issue(id)).fields).toMatchObject({ issuetype: { name: 'Task' }, description: null, project: { key: 'OPS' } });
  });

  it('is one ticket also where the answer is lost', async () => {
    await bench().sandbox.faults({ method: 'jira.createIssue', kind: 'drop_after', times: 1 });
    const id = await ask({ summary: 'Once' });
    await bench().settled();
    const { key } = await bench().issue(id);
    expect(await ticket(id)).toMatchObject({ key, phase: 'sent' });
  });

  it('is asked for a second time only after the whole schedule was quiet', async () => {
    await bench().sandbox.faults({ method: 'jira.createIssue', kind: 'error', status: 500, times: 1 });
    const id = await ask({ summary: 'Never arrived' });
    await bench().settled();
    await bench().issue(id);
    const [effect] = await bench().database.query('SELECT sends FROM effects WHERE id = $1', [id]);
    expect(effect).toEqual({ sends: 2 });
  });

  it.each([
    [{ priority: 'Gigantic' }, /400 priority: Priority name 'Gigantic' is not valid/],
    [{ type: 'Haiku' }, /400 issuetype: /],
  ])('that Jira does not take (%o) ends dead with Jira\'s own words', async (what, words) => {
    const id = await ask({ summary: 'No', ...what });
    const dead = await waitFor(async () => {
      const now = await ticket(id);
      return now?.phase === 'dead' && now;
    });
    expect(dead.lastError).toMatch(words);
    expect(await bench().issues(id)).toEqual([]);
    await bench().database.query('DELETE FROM effects WHERE id = $1', [id]);
  });
});

describe('a create whose answer was lost', () => {
  const LATE = { JIRA_LOOKUP_DELAYS_S: '300,600' };

  it('is settled by the webhook long before it would be looked up', async () => {
    await bench().restartWorker(LATE);
    const { deployer, sandbox, database } = bench();
    await sandbox.faults({ method: 'jira.createIssue', kind: 'drop_after', times: 2 });
    const deploymentId = await deployer.create();
    const own = await ask({ summary: 'Its own' });
    const searches = await sandbox.calls('jira.search');
    await waitFor(async () => (await effectOf(database, deploymentId, 'jira.ticket')).phase === 'unknown');
    await waitFor(async () => (await ticket(own))?.phase === 'unknown');
    for (const label of [deploymentId, own]) expect(await tell(await bench().issue(label), label)).toBe('adopted');
    await bench().settled();
    expect(await sandbox.calls('jira.search')).toBe(searches);
    for (const label of [deploymentId, own]) await bench().issue(label);
    expect((await ticket(own))?.key).toBe((await bench().issue(own)).key);
    // From here on it is a ticket like any other.
    await deployer.decide(deploymentId, 'reject');
    await bench().settled();
    expect((await bench().issue(deploymentId)).fields.status.name).toBe('Done');
  });

  it('and that was applied twice leaves one: the webhook tells of the other, which is linked and closed', async () => {
    const { sandbox } = bench();
    const id = await ask({ summary: 'Twice' });
    await bench().settled();
    const { key } = await bench().issue(id);
    const other = await sandbox.jira('POST', '/issue', { fields: { project: { key: 'OPS' }, issuetype: { name: 'Task' }, summary: 'again', labels: [`dep-${id}`] } });
    expect(await tell((await sandbox.jira('GET', `/issue/${other.id}`)) as Issue, id)).toBe('duplicate');
    await waitFor(async () => (await sandbox.jira('GET', `/issue/${other.id}`)).fields.status.name === 'Done');
    await bench().settled();
    expect((await sandbox.applied('issue.linked')).at(-1)?.summary).toMatchObject({ type: 'Duplicate', inward: other.key, outward: key });
    expect((await ticket(id))?.key).toBe(key);
    // The news of its own closing starts nothing.
    expect(await tell((await sandbox.jira('GET', `/issue/${other.id}`)) as Issue, id)).toBe('ignored');
  });
});

describe('a ticket that people deal with', () => {
  it('is moved on only when its deployment changes', async () => {
    const { deployer, sandbox, database } = bench();
    const id = await deployer.create();
    await bench().settled();
    const issue = await bench().issue(id);
    await bench().moveByHand(issue.id, 'In Progress');
    await tell(await bench().issue(id), id);
    expect((await effectOf(database, id, 'jira.ticket')).due).toBe(false);
    await deployer.decide(id, 'approve');
    await bench().settled();
    // It is where it should be, and nobody had to ask Jira for that.
    expect(await bench().moves(issue.id)).toEqual(['In Progress']);
    const asked = await sandbox.calls('jira.getIssue');
    await deployer.update(id, 'in_progress');
    await deployer.update(id, 'succeeded');
    await bench().settled();
    expect(await bench().moves(issue.id)).toEqual(['In Progress', 'Done']);
    expect(await sandbox.calls('jira.getIssue')).toBe(asked + 1);
  });

  it('and deleted is not made anew by itself, whatever its deployment does', async () => {
    const { deployer, database } = bench();
    const id = await deployer.create();
    await bench().settled();
    const issue = await bench().issue(id);
    await deleteByHand(issue.key);
    expect(await tell(issue, id, true)).toBe('mirrored');
    await deployer.finish(id);
    await bench().settled();
    expect(await effectOf(database, id, 'jira.ticket')).toMatchObject({ phase: 'sent', attempts: 0, last_error: null });
    expect(await effectsOf(database, id, 'jira.comment')).toEqual([]);
    const created = (await bench().sandbox.applied('issue.created')).filter(({ summary }) => summary.labels.includes(`dep-${id}`));
    expect(created).toHaveLength(1);
  });

  it('and deleted is made anew where somebody asks for it', async () => {
    const { deployer } = bench();
    const id = await deployer.create();
    await bench().settled();
    const gone = await bench().issue(id);
    await deleteByHand(gone.key);
    await tell(gone, id, true);
    const effectId = await ask({ deploymentId: id });
    await bench().settled();
    const anew = await ticket(effectId);
    expect(anew).toMatchObject({ deploymentId: id, phase: 'sent', deletedAt: null });
    expect(anew?.key).not.toBe(gone.key);
    // Late news of the one that is gone is no news of this one.
    expect(await tell(gone, id)).toBe('ignored');
    expect((await ticket(effectId))?.key).toBe(anew?.key);
  });
});
