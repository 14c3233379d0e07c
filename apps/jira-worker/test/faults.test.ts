import { waitFor } from '@deptracker/testkit';
import { describe, expect, it } from 'vitest';
import { effectOf } from '../../../packages/application/test/support/effects.js';
import { type Bench, useBench } from './bench.js';

const bench = useBench();

describe('Jira that asks for patience or is away', () => {
  it.each([
    ['429 with Retry-After', { method: 'jira.createIssue', kind: 'rate_limit', retryAfter: 1, times: 2 }],
    ['503', { method: 'jira.createIssue', kind: 'error', status: 503, times: 1 }],
    ['500 although the ticket was created', { method: 'jira.createIssue', kind: 'error', status: 500, applied: true, times: 1 }],
    ['a page instead of an answer', { method: 'jira.createIssue', kind: 'garbage', applied: true, times: 1 }],
    ['403', { method: 'jira.createIssue', kind: 'error', status: 403, times: 2 }],
  ])('with %s costs no attempt and gets one ticket', async (_title, fault) => {
    const { deployer, sandbox, database } = bench();
    await sandbox.faults(fault);
    const id = await deployer.create();
    await bench().settled();
    await bench().issue(id);
    expect(await effectOf(database, id, 'jira.ticket')).toMatchObject({ phase: 'sent', attempts: 0 });
  });

  it('with 409 because another transition runs is asked again later', async () => {
    const { deployer, sandbox, database } = bench();
    const id = await deployer.create();
    await bench().settled();
    await sandbox.faults({ method: 'jira.transition', kind: 'error', status: 409, times: 1 });
    await deployer.decide(id, 'reject');
    await bench().settled();
    expect((await bench().issue(id)).fields.status.name).toBe('Done');
    expect((await effectOf(database, id, 'jira.ticket')).attempts).toBe(0);
  });

  it('with the answer to a transition lost moves the ticket once', async () => {
    const { deployer, sandbox } = bench();
    const id = await deployer.create();
    await bench().settled();
    await sandbox.faults({ method: 'jira.transition', kind: 'drop_after', times: 1 });
    await deployer.decide(id, 'approve');
    await bench().settled();
    expect(await bench().moves((await bench().issue(id)).id)).toEqual(['In Progress']);
  });
});

describe('an edit whose answer was lost', () => {
  it('and that Jira applies after a newer one does not stay: the ticket says the newest in the end', async () => {
    const { deployer, sandbox, database } = bench();
    const id = await deployer.create();
    await bench().settled();
    const before = (await sandbox.applied('issue.updated')).length;
    // Longer than a time-out, and than the newer edit takes.
    await sandbox.faults({ method: 'jira.updateIssue', latencyMs: 2_500, times: 1 });
    await deployer.update(id, null, { description: 'An older text' });
    await waitFor(async () => (await effectOf(database, id, 'jira.ticket')).last_error !== null, { what: 'the time-out' });
    await deployer.update(id, null, { description: 'A newer text' });
    await waitFor(async () => (await sandbox.applied('issue.updated')).length >= before + 2, { timeoutMs: 20_000, what: 'the newer edit and the late one' });
    await waitFor(async () => JSON.stringify((await bench().issue(id)).fields).includes('A newer text'), { what: 'the newest text' });
  });
});

describe('a move whose answer was lost', () => {
  it('and that Jira applies after a newer one does not stay: the ticket is asked where it is, and moved again', async () => {
    const { deployer, database } = bench();
    const id = await deployer.create();
    await deployer.decide(id, 'approve');
    await deployer.update(id, 'in_progress');
    await bench().settled();
    await bench().stopWorker();
    await deployer.update(id, 'succeeded');
    // As if it had been moved to Done, and the older move were applied only then.
    await database.query(`UPDATE jira_tickets SET status = 'Done', status_category = 'done' WHERE deployment_id = $1`, [id]);
    await database.query(`UPDATE effects SET applied_revision = desired_revision, confirm_at = now(), next_attempt_at = now() WHERE deployment_id = $1 AND kind = 'jira.ticket'`, [id]);
    await bench().startWorker();
    await bench().settled();
    expect(await bench().moves((await bench().issue(id)).id)).toEqual(['In Progress', 'Done']);
  });
});

describe('two tickets with the label of one deployment', () => {
  const label = (id: string): object => ({ project: { key: 'OPS' }, issuetype: { name: 'Task' }, summary: 'by another', labels: [`dep-${id}`] });

  it('become one: the older is adopted, the other linked as its duplicate and closed', async () => {
    const { deployer, sandbox, database } = bench();
    await bench().stopWorker();
    const id = await deployer.create();
    const older = await sandbox.jira('POST', '/issue', { fields: label(id) });
    await sandbox.faults({ method: 'jira.createIssue', kind: 'drop_after', times: 1 });
    await bench().startWorker();
    await bench().settled();
    const [first, second, ...others] = await bench().issues(id);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ id: older.id, fields: { summary: 'user-service 1.0.0 → production', status: { name: 'To Do' } } });
    expect(second?.fields.status.name).toBe('Done');
    expect((await sandbox.applied('issue.linked')).at(-1)?.summary).toMatchObject({ type: 'Duplicate', inward: second?.key, outward: first?.key });
    const [ticket] = await database.query('SELECT key FROM jira_tickets WHERE deployment_id = $1', [id]);
    expect(ticket).toEqual({ key: older.key });
  });

  it('are found although the search was too far behind to see the first in time', async () => {
    await bench().restartWorker({ JIRA_RECHECK_DELAYS_S: '3,6,9,12' });
    const { deployer, sandbox } = bench();
    await sandbox.faults({ method: 'jira.createIssue', kind: 'drop_after', times: 1 }, { method: 'jira.search', searchLagMs: 60_000 });
    const id = await deployer.create();
    const both = await waitFor(
      async () => {
        const issues = await bench().issues(id);
        return issues.length === 2 && issues;
      },
      { timeoutMs: 20_000, what: 'the second ticket' },
    );
    await sandbox.faults();
    await waitFor(async () => (await bench().issues(id)).some(({ fields }) => fields.status.name === 'Done'), {
      timeoutMs: 20_000,
      what: 'the duplicate to be closed',
    });
    await bench().settled();
    await deployer.decide(id, 'approve');
    await bench().settled();
    const now = await Promise.all(both.map(({ id: issueId }) => sandbox.jira('GET', `/issue/${issueId}`)));
    expect(now.map(({ fields }) => fields.status.name as string).sort()).toEqual(['Done', 'In Progress']);
  });

  it('of which the newer was deleted by hand leave the older, without a failure', async () => {
    const { deployer, sandbox, database } = bench();
    await bench().stopWorker();
    const id = await deployer.create();
    await sandbox.jira('POST', '/issue', { fields: label(id) });
    await sandbox.faults(
      { method: 'jira.createIssue', kind: 'drop_after', times: 1 },
      { method: 'jira.getIssue', kind: 'error', status: 404 },
    );
    await bench().startWorker();
    await bench().settled();
    expect(await effectOf(database, id, 'jira.ticket')).toMatchObject({ phase: 'sent', attempts: 0 });
  });
});

describe('an operator who is wrong', () => {
  const dead = (target: Bench, id: string) =>
    waitFor(async () => {
      const row = await effectOf(target.database, id, 'jira.ticket');
      return row.phase === 'dead' && row;
    });

  it('about the project sees Jira’s own words on the dead effect, and only there', async () => {
    await bench().restartWorker({ JIRA_PROJECT_KEY: 'NOPE', JIRA_RETRY_ATTEMPTS: '2', JIRA_EXTRA_FIELDS: '{"assignee":"x"}' });
    const { deployer } = bench();
    const id = await deployer.create();
    const row = await dead(bench(), id);
    expect(row).toMatchObject({ attempts: 2, sends: 0 });
    expect(row.last_error).toMatch(/^jira: createIssue: 400 .*project/);
    expect(row.last_error).not.toContain('right-token');
    expect(await bench().issues(id)).toEqual([]);
    await bench().database.query(`DELETE FROM effects WHERE deployment_id = $1`, [id]);
  });

  it('about the credentials loses no attempt, and everything is delivered with the right ones', async () => {
    await bench().restartWorker({ JIRA_API_TOKEN: 'wrong-token' });
    const { deployer, database } = bench();
    const id = await deployer.create();
    const waiting = await waitFor(async () => {
      const row = await effectOf(database, id, 'jira.ticket');
      return row.last_error !== null && row;
    });
    expect(waiting).toMatchObject({ phase: 'unsent', attempts: 0, sends: 0 });
    expect(waiting.last_error).toMatch(/401/);
    expect(waiting.last_error).not.toContain('wrong-token');
    await bench().restartWorker();
    await bench().settled();
    await bench().issue(id);
  });
});
