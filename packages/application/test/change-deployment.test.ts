import { type ChangeContext, decideByClick, limitDeployment, updateDeployment } from '@deptracker/application';
import { type Deployment, DomainError } from '@deptracker/domain';
import { type Database, findDeployment, listEvents, newId } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployer, open } from './support/deployer.js';
import { effectOf, effectsOf } from './support/effects.js';

let own: TestDatabase;
let database: Database;
let deployer: Deployer;
let twoOf: Deployer;

beforeAll(async () => {
  own = await testDatabase();
  database = open(own.url);
  deployer = new Deployer(database);
  twoOf = new Deployer(database, { policy: { approvalsRequired: 2 } });
});

afterAll(async () => {
  await database.close();
  await own.drop();
});

const ANY: ChangeContext = { requestId: null, expectedRevision: null };

async function read(id: string): Promise<Deployment> {
  const deployment = await findDeployment(database, id);
  if (deployment === null) throw new Error(`There is no ${id}.`);
  return deployment;
}

async function types(id: string): Promise<string[]> {
  return (await listEvents(database, id, { after: 0, limit: 200 })).map(({ type }) => type);
}

/** The domain's code of a refusal, or what came instead. */
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'allowed',
    (error: unknown) => (error instanceof DomainError ? error.refusal.code : error),
  );

describe('decisions at once', () => {
  it('close a quorum of two exactly once, by distinct people', async () => {
    const id = await twoOf.create();
    const people = Array.from({ length: 10 }, (_, index) => `person-${index}@example.com`);
    // Each presses twice.
    const outcomes = await Promise.all([...people, ...people].map((actor) => codeOf(twoOf.decide(id, 'approve', actor))));
    expect(outcomes.filter((one) => one === 'allowed')).toHaveLength(2);
    expect(outcomes.filter((one) => one !== 'allowed').every((one) => one === 'approval_closed' || one === 'already_decided')).toBe(true);
    const { status, approval, revision } = await read(id);
    expect({ status, revision, approval: approval.status }).toEqual({ status: 'approved', revision: 4, approval: 'approved' });
    expect(new Set(approval.decisions.map(({ actor }) => actor)).size).toBe(2);
    expect(await types(id)).toEqual(['deployment.created', 'approval.decided', 'approval.decided', 'deployment.approved']);
  });

  it('of one person count once', async () => {
    const id = await twoOf.create();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => codeOf(twoOf.decide(id, 'approve', 'alice@example.com'))));
    expect(outcomes.filter((one) => one === 'allowed')).toHaveLength(1);
    expect((await read(id)).status).toBe('pending');
  });

  it('for and against end in one way', async () => {
    const id = await deployer.create();
    const outcomes = await Promise.all([
      codeOf(deployer.decide(id, 'approve', 'alice@example.com')),
      codeOf(deployer.decide(id, 'reject', 'bob@example.com')),
    ]);
    expect(outcomes.sort()).toEqual(['allowed', 'approval_closed']);
    const { status, approval } = await read(id);
    expect(approval.decisions).toHaveLength(1);
    expect(status).toBe(approval.decisions[0]?.decision === 'approve' ? 'approved' : 'rejected');
  });

  it('do not count those of the requester or of strangers', async () => {
    const listed = new Deployer(database, { policy: { eligible: ['ann@example.com'] } });
    const id = await listed.create();
    expect(await codeOf(listed.decide(id, 'approve', 'carol@example.com'))).toBe('not_eligible');
    expect(await codeOf(listed.decide(id, 'approve', 'bob@example.com'))).toBe('not_eligible');
    expect((await read(id)).revision).toBe(1);
    expect(await codeOf(listed.decide(id, 'approve', 'ann@example.com'))).toBe('allowed');
  });
});

describe('a click', () => {
  const click = (id: string, actor: string, key: string) =>
    decideByClick(twoOf.change, { id, decision: 'approve', actor, reason: null, key }, 'request-2');

  it('that is delivered again, also at the same time, changes nothing', async () => {
    const id = await twoOf.create();
    const key = newId();
    const outcomes = await Promise.all([click(id, 'alice@example.com', key), click(id, 'alice@example.com', key)]);
    expect(outcomes.filter((one) => one === null)).toHaveLength(1);
    expect(await click(id, 'alice@example.com', key)).toBeNull();
    expect((await read(id)).approval.decisions).toHaveLength(1);
    expect((await listEvents(database, id, { after: 1, limit: 1 }))[0]).toMatchObject({ type: 'approval.decided', actor: 'alice@example.com' });
  });

  it('that is refused is not remembered, and refused with the same words again', async () => {
    const id = await twoOf.create();
    const key = newId();
    expect(await codeOf(click(id, 'carol@example.com', key))).toBe('not_eligible');
    expect(await codeOf(click(id, 'carol@example.com', key))).toBe('not_eligible');
    expect(await database.query('SELECT 1 FROM inbound_dedupe WHERE key = $1', [key])).toEqual([]);
    expect(await codeOf(click(newId(), 'alice@example.com', key))).toBe('deployment_not_found');
  });
});

describe('an update', () => {
  it('of another revision than the one that was seen is refused and changes nothing', async () => {
    const id = await deployer.create();
    await deployer.update(id, null, { description: 'a' }, 1);
    expect(await codeOf(deployer.update(id, null, { description: 'b' }, 1))).toBe('revision_mismatch');
    expect(await read(id)).toMatchObject({ revision: 2, description: 'a' });
    const at = await Promise.all(['c', 'd', 'e'].map((description) => codeOf(deployer.update(id, null, { description }, 2))));
    expect(at.sort()).toEqual(['allowed', 'revision_mismatch', 'revision_mismatch']);
  });

  it('whose claims differ from what was created is refused whole', async () => {
    const id = await deployer.create({ version: '1.0.0' });
    const update = (claims: object) => updateDeployment(deployer.change, { id, status: null, edit: { description: 'x' }, actor: null, claims }, ANY);
    await expect(update({ version: '2.0.0', project: 'user-service', requestedBy: 'mallory@example.com' })).rejects.toMatchObject({
      refusal: { code: 'immutable', fields: ['version', 'requestedBy'] },
    });
    expect((await read(id)).description).toBeNull();
    expect(await codeOf(update({ version: '1.0.0', project: undefined }))).toBe('allowed');
  });

  it('that edits and moves does both or neither', async () => {
    const id = await deployer.create();
    expect(await codeOf(deployer.update(id, 'succeeded', { description: 'x' }))).toBe('illegal_transition');
    expect(await read(id)).toMatchObject({ revision: 1, description: null });
    await deployer.update(id, 'cancelled', { description: 'x' });
    expect(await read(id)).toMatchObject({ revision: 3, status: 'cancelled', description: 'x' });
    expect(await types(id)).toEqual(['deployment.created', 'deployment.updated', 'deployment.cancelled']);
  });

  it('to what it is already is no event', async () => {
    const id = await deployer.create({ description: 'same' });
    const { deployment, effects } = await deployer.update(id, 'pending', { description: 'same' });
    expect(deployment.revision).toBe(1);
    expect(effects).toEqual([]);
    expect(await types(id)).toEqual(['deployment.created']);
  });

  it('of a deployment that is not there says so', async () => {
    expect(await codeOf(deployer.update(newId(), 'in_progress'))).toBe('deployment_not_found');
  });
});

describe('a limit of time', () => {
  const lapse = (id: string): Promise<unknown> =>
    database.query(`UPDATE deployments SET approval_expires_at = now() - interval '1 s', limit_at = now() - interval '1 s' WHERE id = $1`, [id]);

  it('is applied once, however often it is asked for', async () => {
    const id = await deployer.create();
    expect((await limitDeployment(deployer.change, id)).deployment.status).toBe('pending');
    await lapse(id);
    await Promise.all([1, 2, 3].map(() => limitDeployment(deployer.change, id)));
    expect(await read(id)).toMatchObject({ revision: 2, status: 'expired', approval: { status: 'expired' } });
    expect(await types(id)).toEqual(['deployment.created', 'deployment.expired']);
    expect((await effectsOf(database, id, 'slack.reply')).map(({ desired_revision }) => desired_revision)).toEqual([2]);
  });

  it('refuses a decision even before it is applied', async () => {
    const id = await deployer.create();
    await lapse(id);
    expect(await codeOf(deployer.decide(id, 'approve'))).toBe('approval_lapsed');
  });
});

describe('what is owed', () => {
  it('for five edits is one ticket and one message, due once, at the newest revision', async () => {
    const id = await deployer.create();
    for (const description of ['1', '2', '3', '4', '5']) await deployer.update(id, null, { description });
    expect(await effectsOf(database, id)).toMatchObject([
      { kind: 'jira.ticket', desired_revision: 6, due: true, phase: 'unsent' },
      { kind: 'slack.approval', desired_revision: 6, due: true, phase: 'unsent' },
    ]);
  });

  it('by what stands already becomes due again, and a failure is waited out', async () => {
    const id = await deployer.create();
    await database.query(
      `UPDATE effects SET phase = 'sent', applied_revision = 1, external_id = 'x', next_attempt_at = NULL WHERE deployment_id = $1`,
      [id],
    );
    await database.query(
      `UPDATE effects SET failing_since = now(), next_attempt_at = now() + interval '1 hour' WHERE deployment_id = $1 AND kind = 'jira.ticket'`,
      [id],
    );
    await deployer.update(id, null, { description: 'x' });
    expect(await effectsOf(database, id)).toMatchObject([
      { kind: 'jira.ticket', desired_revision: 2, due: false },
      { kind: 'slack.approval', desired_revision: 2, due: true },
    ]);
  });

  it('in replies is one for each thing that happened, under the message', async () => {
    const id = await deployer.create();
    await deployer.finish(id);
    const message = await effectOf(database, id, 'slack.approval');
    const replies = await database.query(`SELECT event_revision, parent_id FROM effects WHERE deployment_id = $1 AND kind = 'slack.reply' ORDER BY 1`, [id]);
    expect(replies).toEqual([3, 4, 5].map((event_revision) => ({ event_revision, parent_id: message.id })));
  });

  it('in notices waits for others, and is nobody’s to queue', async () => {
    const quiet = new Deployer(database, { policy: { approvalsRequired: 0 }, noticeDelayMs: 60_000, queueMs: () => ({ jira: 5_000, slack: 5_000 }) });
    const id = await quiet.create();
    const { effects } = await quiet.update(id, 'in_progress');
    expect(effects.map(({ kind }) => kind)).toEqual(['jira.ticket']);
    expect((await effectsOf(database, id, 'slack.notice')).map(({ due }) => due)).toEqual([false, false]);
  });
});

describe('round trips while a deployment is locked', () => {
  /** The same database, which counts the statements in its transactions. */
  function counted(): { readonly database: Database; readonly count: () => number } {
    let statements = 0;
    return {
      count: () => statements,
      database: {
        ...database,
        transaction: (work) =>
          database.transaction((uow) =>
            work({ ...uow, query: (text, values) => { statements += 1; return uow.query(text, values); } }),
          ),
      },
    };
  }

  it('are four for an update, and five for a click that decides', async () => {
    const id = await deployer.create();
    const ours = counted();
    const options = { ...deployer.change, database: ours.database };
    await updateDeployment(options, { id, status: null, edit: { description: 'x' }, actor: null }, ANY);
    expect(ours.count()).toBe(4);
    await decideByClick(options, { id, decision: 'approve', actor: 'alice@example.com', reason: null, key: newId() }, null);
    expect(ours.count()).toBe(4 + 5);
    expect((await read(id)).approval).toMatchObject({ status: 'approved', decisions: [{ actor: 'alice@example.com' }] });
  });
});
