import { waitFor } from '@deptracker/testkit';
import { describe, expect, it } from 'vitest';
import { effectOf, effectsOf } from '../../../packages/application/test/support/effects.js';
import { useBench } from './bench.js';

describe('a ticket', () => {
  const bench = useBench({ JIRA_ISSUE_TYPE: 'Change', JIRA_EXTRA_FIELDS: '{"customfield_10010":"Operations"}' });

  it('has its label, a summary, a description in ADF, the extra fields and the issue type', async () => {
    const { deployer, sandbox } = bench();
    const id = await deployer.create({ version: '2.1.0', description: 'Fixes the login.', links: [{ title: 'run', url: 'https://ci.example.com/7' }] });
    await bench().settled();
    const { fields, key } = await bench().issue(id);
    expect(fields).toMatchObject({
      project: { key: 'OPS' },
      labels: [`dep-${id}`],
      summary: 'user-service 2.1.0 → production',
      issuetype: { name: 'Change' },
      customfield_10010: 'Operations',
      status: { name: 'To Do' },
      description: { type: 'doc', version: 1 },
    });
    const text = JSON.stringify(fields.description);
    for (const shown of ['Fixes the login.', 'carol@example.com', 'https://ci.example.com/7', id]) expect(text).toContain(shown);
    const [ticket] = await bench().database.query('SELECT key, url FROM jira_tickets WHERE deployment_id = $1', [id]);
    expect(ticket).toEqual({ key, url: `${sandbox.url}/jira/browse/${key}` });
  });

  it('stands in the Jira project of its project, as that is when it is created', async () => {
    const { deployer, database } = bench();
    await bench().stopWorker();
    const id = await deployer.create({ project: 'elsewhere' });
    await database.query(`UPDATE projects SET jira_project_key = 'IDN' WHERE key = 'elsewhere'`);
    await bench().startWorker();
    await bench().settled();
    const { fields, key } = await bench().issue(id);
    expect(fields.project).toMatchObject({ key: 'IDN' });
    expect(key).toMatch(/^IDN-/);
    await deployer.decide(id, 'approve');
    await bench().settled();
    expect((await bench().issue(id)).fields.status.name).toBe('In Progress');
  });

  it('moves through the workflow as its deployment moves', async () => {
    const { deployer } = bench();
    const id = await deployer.create();
    await bench().settled();
    await deployer.decide(id, 'approve', 'alice@example.com', 'looks good');
    await bench().settled();
    expect((await bench().issue(id)).fields.status.name).toBe('In Progress');
    expect(JSON.stringify((await bench().issue(id)).fields.description)).toContain('looks good');
    await deployer.update(id, 'in_progress');
    await bench().settled();
    await deployer.update(id, 'succeeded');
    await bench().settled();
    expect(await bench().moves((await bench().issue(id)).id)).toEqual(['In Progress', 'Done']);
  });

  it('of a deployment that is rejected goes straight to Done', async () => {
    const { deployer } = bench();
    const id = await deployer.create();
    await bench().settled();
    await deployer.decide(id, 'reject');
    await bench().settled();
    expect(await bench().moves((await bench().issue(id)).id)).toEqual(['Done']);
  });

  it('of a deployment that finished before it could be created ends Done', async () => {
    const { deployer, sandbox } = bench();
    await bench().stopWorker();
    const id = await deployer.create();
    await deployer.finish(id);
    await bench().startWorker();
    await bench().settled();
    const issue = await bench().issue(id);
    expect(issue.fields.status.name).toBe('Done');
    expect((await sandbox.applied('issue.updated')).filter(({ ids }) => ids['issueId'] === issue.id)).toEqual([]);
  });

  it('shows an edited description', async () => {
    const { deployer } = bench();
    const id = await deployer.create({ description: 'first words' });
    await bench().settled();
    await deployer.update(id, null, { description: 'second words' });
    await bench().settled();
    const text = JSON.stringify((await bench().issue(id)).fields.description);
    expect(text).toContain('second words');
    expect(text).not.toContain('first words');
  });

  it('is not asked of Jira again where nothing that it shows has changed', async () => {
    const { deployer, sandbox } = bench();
    const id = await deployer.create();
    await bench().settled();
    const before = await sandbox.calls('jira.updateIssue');
    await deployer.update(id, null, { metadata: { build: 7 } });
    await bench().settled();
    expect(await sandbox.calls('jira.updateIssue')).toBe(before);
    expect((await effectOf(bench().database, id, 'jira.ticket')).applied_revision).toBe(2);
  });
});

describe('a ticket that somebody moved by hand', () => {
  const bench = useBench();

  it('to In Progress, first of all, ends right and so do the others', async () => {
    const { deployer } = bench();
    await bench().restartWorker();
    const id = await deployer.create();
    await bench().settled();
    await bench().moveByHand((await bench().issue(id)).id, 'In Progress');
    await deployer.decide(id, 'approve');
    await bench().settled();
    // What this ticket offered must not be taken for what a new one offers.
    const other = await deployer.create();
    await deployer.decide(other, 'approve');
    await bench().settled();
    expect((await bench().issue(other)).fields.status.name).toBe('In Progress');
    for (const one of [id, other]) {
      await deployer.update(one, 'in_progress');
      await deployer.update(one, 'succeeded');
    }
    await bench().settled();
    for (const one of [id, other]) expect(await bench().moves((await bench().issue(one)).id)).toEqual(['In Progress', 'Done']);
  });

  it('to Done while others are in progress leaves the others a way to Done', async () => {
    const { deployer } = bench();
    await bench().restartWorker();
    const ids = [await deployer.create(), await deployer.create()] as const;
    for (const id of ids) await deployer.decide(id, 'approve');
    await bench().settled();
    await bench().moveByHand((await bench().issue(ids[0])).id, 'Done');
    for (const id of ids) {
      await deployer.update(id, 'in_progress');
      await deployer.update(id, 'succeeded');
      await bench().settled();
      expect((await bench().issue(id)).fields.status.name).toBe('Done');
    }
    expect(await effectsOf(bench().database, ids[1], 'jira.comment')).toEqual([]);
  });

  it('to where the remembered workflow no longer leads is looked at and ends right', async () => {
    const { deployer } = bench();
    const first = await deployer.create();
    await deployer.decide(first, 'approve');
    await bench().settled();
    const id = await deployer.create();
    await bench().settled();
    await bench().moveByHand((await bench().issue(id)).id, 'In Progress');
    await deployer.decide(id, 'approve');
    await bench().settled();
    await deployer.update(id, 'in_progress');
    await deployer.update(id, 'failed');
    await bench().settled();
    expect((await bench().issue(id)).fields.status.name).toBe('Done');
    expect((await effectOf(bench().database, id, 'jira.ticket')).attempts).toBe(0);
  });

  it('to Done before its deployment is rejected is no failure', async () => {
    const { deployer } = bench();
    const id = await deployer.create();
    await bench().settled();
    await bench().moveByHand((await bench().issue(id)).id, 'Done');
    await deployer.decide(id, 'reject');
    await bench().settled();
    expect(await effectOf(bench().database, id, 'jira.ticket')).toMatchObject({ phase: 'sent', attempts: 0, last_error: null });
    const [ticket] = await bench().database.query('SELECT status FROM jira_tickets WHERE deployment_id = $1', [id]);
    expect(ticket).toEqual({ status: 'Done' });
  });

  it('to Done before it is approved is left there, and a comment says what happened', async () => {
    const { deployer } = bench();
    const id = await deployer.create();
    await bench().settled();
    await bench().moveByHand((await bench().issue(id)).id, 'Done');
    await deployer.decide(id, 'approve');
    await bench().settled();
    const { fields } = await waitFor(async () => {
      const issue = await bench().issue(id);
      return issue.fields.comment.total > 0 && issue;
    });
    expect(fields.status.name).toBe('Done');
    expect(JSON.stringify(fields.comment.comments)).toMatch(/Approved by alice@example\.com/);
  });
});
