import { resetConfiguration, setConfiguration } from '@deptracker/application';
import { waitFor } from '@deptracker/testkit';
import { describe, expect, it } from 'vitest';
import { effectsOf } from '../../../packages/application/test/support/effects.js';
import { useBench } from './bench.js';

const bench = useBench({ JIRA_COMMENT_ON: 'deployment.created,approval.decided,deployment.updated,deployment.failed' });

/** The comments of a deployment's ticket as text, oldest first. */
async function comments(id: string): Promise<string[]> {
  const { fields } = await bench().issue(id);
  return (fields.comment.comments as object[]).map((one) => JSON.stringify(one));
}

/** The marker's effect in each comment: one each, or a comment was written twice. */
async function expectOneEach(id: string, count: number): Promise<void> {
  const markers = (await comments(id)).map((text) => /deptracker:([0-9a-f-]{36})/.exec(text)?.[1]);
  expect(markers).toHaveLength(count);
  expect(new Set(markers)).toEqual(new Set((await effectsOf(bench().database, id, 'jira.comment')).map((row) => row.id)));
}

describe('a ticket', () => {
  it('gets one comment for each event that is configured, and none for the others', async () => {
    const { deployer } = bench();
    const id = await deployer.create();
    await bench().settled();
    await deployer.decide(id, 'approve', 'alice@example.com', 'fine');
    await bench().settled();
    await deployer.update(id, 'in_progress');
    await bench().settled();
    await deployer.update(id, 'failed');
    await bench().settled();
    const texts = await comments(id);
    expect(texts.map((text) => /Created|Approved by alice@example.com: fine|Failed/.exec(text)?.[0])).toEqual([
      'Created',
      'Approved by alice@example.com: fine',
      'Failed',
    ]);
    await expectOneEach(id, 3);
  });

  it('gets the comments of what happened before there was a ticket', async () => {
    const { deployer } = bench();
    await bench().stopWorker();
    const id = await deployer.create();
    await deployer.update(id, null, { description: 'changed' });
    await bench().startWorker();
    await bench().settled();
    await expectOneEach(id, 2);
  });

  it('gets a comment once although the answer to it was lost', async () => {
    const { deployer, sandbox } = bench();
    await sandbox.faults({ method: 'jira.addComment', kind: 'drop_after', times: 1 });
    const id = await deployer.create();
    await bench().settled();
    await expectOneEach(id, 1);
  });

  it('gets a comment although the request for it was lost', async () => {
    const { deployer, sandbox } = bench();
    await sandbox.faults({ method: 'jira.addComment', kind: 'reset', times: 1 });
    const id = await deployer.create();
    await bench().settled();
    await expectOneEach(id, 1);
  });
});

describe('jira.comment-on', () => {
  const BY = { actor: null, requestId: null, expectedRevision: null };

  /** What the ticket of a new deployment that was started tells of. */
  async function told(): Promise<string> {
    const { deployer } = bench();
    const id = await deployer.create();
    await deployer.decide(id, 'approve');
    await deployer.update(id, 'in_progress');
    await bench().settled();
    const texts = (await comments(id)).map((text) => /Created|Approved|Rollout started/.exec(text)?.[0] ?? text);
    return texts.sort().join(', ');
  }

  it('holds in a worker that runs soon after it is set, and the variable again when it is taken back', async () => {
    const { database } = bench();
    const usual = await told();
    expect(usual).toBe('Approved, Created');
    await setConfiguration(database, 'jira.comment-on', ['deployment.started'], BY);
    await waitFor(async () => (await told()) === 'Rollout started');
    await setConfiguration(database, 'jira.comment-on', [], BY);
    await waitFor(async () => (await told()) === '');
    await resetConfiguration(database, 'jira.comment-on', { ...BY, default: [] });
    await waitFor(async () => (await told()) === usual);
  });

  it('that this version does not accept leaves the variable in force', async () => {
    const { database } = bench();
    await setConfiguration(database, 'jira.comment-on', [], BY);
    await waitFor(async () => (await told()) === '');
    await database.query(`UPDATE configurations SET value = '["deployment.teleported"]' WHERE key = 'jira.comment-on'`);
    await waitFor(async () => (await told()) === 'Approved, Created');
  });
});
