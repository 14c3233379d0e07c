import { decisionRefused } from '@deptracker/domain';
import { type Database, findDeployments, findRunning, findWaitingFor, listSlackMessages } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effectOf, open, stored } from './build.js';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

describe('what may wait for a person', () => {
  it('has all that they may decide, and the rule takes nothing away', async () => {
    const me = 'me@example.com';
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            eligible: fc.constantFrom(null, [], [me], ['other@example.com'], ['other@example.com', me]),
            requestedBy: fc.constantFrom(null, me, 'other@example.com'),
            mayApprove: fc.boolean(),
            decidedBy: fc.constantFrom(null, me, 'other@example.com'),
            status: fc.constantFrom('pending', 'pending', 'approved', 'not_required'),
            expires: fc.constantFrom('-1 hour', '1 hour'),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        async (cases) => {
          await database.query('TRUNCATE deployments, decisions, events, effects');
          const ids = await stored(database, ...cases.map(() => ({})));
          for (const [n, one] of cases.entries()) {
            await database.query(
              `UPDATE deployments SET eligible = $2, requested_by = $3, requester_may_approve = $4, approval_status = $5,
                 approval_expires_at = now() + $6::interval, limit_at = now() + $6::interval WHERE id = $1`,
              [ids[n], one.eligible, one.requestedBy, one.mayApprove, one.status, one.expires],
            );
            if (one.decidedBy !== null) await database.query(`INSERT INTO decisions (deployment_id, actor, decision) VALUES ($1, $2, 'approve')`, [ids[n], one.decidedBy]);
          }
          const all = await findDeployments(database, ids);
          const mine = [...all.values()].filter(({ deployment, now }) => decisionRefused(deployment, me, now) === null);
          const found = await findWaitingFor(database, me, 100);
          expect(found.map(({ deployment }) => deployment.id).sort()).toEqual(mine.map(({ deployment }) => deployment.id).sort());
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('what runs where', () => {
  it('is of each project what succeeded last', async () => {
    await database.query('TRUNCATE deployments, decisions, events, effects');
    await database.query(`
      INSERT INTO deployments (id, revision, project, environment, version, links, metadata, status, approval_status,
        approvals_required, requester_may_approve, channel_id, timeout_s, finished_at)
      SELECT gen_random_uuid(), 1, 'project-' || n % 40, CASE n % 3 WHEN 0 THEN 'production' WHEN 1 THEN 'staging' ELSE 'qa' END,
        'v' || n, '[]', '{}', CASE WHEN n % 500 = 0 THEN 'pending' WHEN n % 7 = 0 THEN 'failed' ELSE 'succeeded' END,
        'approved', 1, false, 'C1', 60, now() - n * interval '1 minute'
      FROM generate_series(1, 3000) AS n`);
    const { running, total } = await findRunning(database, 'production', 25);
    expect([running.length, total]).toEqual([25, 40]);
    const expected = await database.query<{ project: string; version: string }>(
      `SELECT DISTINCT ON (project) project, version FROM deployments WHERE environment = 'production' AND status = 'succeeded'
       ORDER BY project, finished_at DESC, id DESC LIMIT 25`,
    );
    expect(running.map(({ project, version }) => ({ project, version }))).toEqual(expected);
    expect((await findRunning(database, 'nowhere', 50)).running).toEqual([]);
  });
});

describe('a notice', () => {
  it('stands where its digest stands', async () => {
    const [id = ''] = await stored(database, { policy: { revision: 0, approvalsRequired: 0, eligible: null, requesterMayApprove: false, approvalTtlSeconds: 60, timeoutSeconds: 60 } });
    const notice = await effectOf(database, id, 'slack.notice');
    const digest = '01890a5d-ac96-774b-bcce-b302099a8099';
    await database.query(`INSERT INTO effects (id, kind, target, destination, priority, desired_revision) VALUES ($1, 'slack.digest', 'slack', 'C0TEST', 3, 1)`, [digest]);
    await database.query('UPDATE effects SET parent_id = $2 WHERE id = $1', [notice, digest]);
    await database.query(`INSERT INTO slack_messages (effect_id, kind, channel_id, ts) VALUES ($1, 'slack.digest', 'C0TEST', '17.5')`, [digest]);
    const { messages } = await listSlackMessages(database, { deployment: id }, { after: null, limit: 10 });
    expect(messages).toMatchObject([{ id: notice, kind: 'slack.notice', ts: '17.5' }]);
  });
});
