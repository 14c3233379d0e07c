import { decisionRefused } from '@deptracker/domain';
import { type Database, type SlackMessageFilter, findDeployments, findRunning, findWaitingFor, listSlackMessages } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import fc from 'fast-check';
import pg from 'pg';
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

/** What Postgres does for a query of one of the functions: each is run through a database that explains instead. */
async function planOf(run: (db: Database) => Promise<unknown>): Promise<string> {
  let plan = '';
  const explaining: Database = {
    ...database,
    query: async (text, values) => {
      const rows = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
      plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      return [];
    },
  };
  await run(explaining);
  return plan;
}

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
            expires: fc.constantFrom(null, '-1 hour', '1 hour'),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        async (cases) => {
          await database.query('TRUNCATE deployments, decisions, events, effects');
          const ids = await stored(database, ...cases.map(() => ({})));
          for (const [n, one] of cases.entries()) {
            await database.query(
              `UPDATE deployments SET eligible = $2, requested_by = $3, requester_may_approve = $4, approval_status = $5,
                 approval_expires_at = now() + $6::interval WHERE id = $1`,
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

describe('on a large table', () => {
  beforeAll(async () => {
    // Not through the pool, whose statements end after three seconds.
    const client = new pg.Client({ connectionString: test.url });
    await client.connect();
    await client.query('TRUNCATE deployments, decisions, events, effects');
    await client.query(`
      INSERT INTO deployments (id, revision, project, environment, version, links, metadata, status, approval_status,
        approvals_required, requester_may_approve, channel_id, timeout_s, created_at, finished_at, approval_expires_at)
      SELECT gen_random_uuid(), 1, 'project-' || n % 40, CASE n % 3 WHEN 0 THEN 'production' WHEN 1 THEN 'staging' ELSE 'qa' END,
        'v' || n, '[]', '{}', CASE WHEN n % 500 = 0 THEN 'pending' WHEN n % 7 = 0 THEN 'failed' ELSE 'succeeded' END,
        CASE WHEN n % 500 = 0 THEN 'pending' ELSE 'approved' END, 1, false, 'C' || n % 5, 60,
        now() - n * interval '1 minute', now() - n * interval '1 minute', now() + interval '1 day'
      FROM generate_series(1, 60000) AS n`);
    await client.query(`
      INSERT INTO effects (id, kind, target, deployment_id, destination, priority, phase, desired_revision, created_at)
      SELECT gen_random_uuid(), CASE WHEN n % 50 = 0 THEN 'slack.digest' WHEN n % 2 = 0 THEN 'slack.approval' ELSE 'jira.ticket' END,
        CASE WHEN n % 2 = 0 THEN 'slack' ELSE 'jira' END, gen_random_uuid(), 'C' || n % 100, 1,
        CASE WHEN n % 400 = 0 THEN 'dead' ELSE 'sent' END, 1, now() - n * interval '1 minute'
      FROM generate_series(1, 60000) AS n`);
    await client.query('ANALYZE deployments, effects, decisions, slack_messages');
    await client.end();
  }, 60_000);

  it.each<[string, SlackMessageFilter]>([
    ['nothing', {}],
    ['a deployment', { deployment: '01890a5d-ac96-774b-bcce-b302099a8057' }],
    ['a kind', { kind: 'slack.digest' }],
    ['a kind that there is not', { kind: 'slack.notice' }],
    ['a channel', { channelId: 'C42' }],
    ['a channel that there is not', { channelId: 'CNONE' }],
    ['a phase', { phase: 'dead' }],
    ['the phase of most', { phase: 'sent' }],
    ['a time', { from: new Date(Date.now() - 86_400_000), to: new Date() }],
  ])('the list of messages by %s reads along an index', async (_what, filter) => {
    const position = { createdAt: '2026-01-01T00:00:00.000000Z', id: '01890a5d-ac96-774b-bcce-b302099a8057' };
    for (const after of [null, position]) {
      const plan = await planOf((db) => listSlackMessages(db, filter, { after, limit: 50 }));
      expect(plan).toMatch(/Index Scan using effects_|Index Scan Backward using effects_|Bitmap Index Scan on effects_/);
      expect(plan).not.toMatch(/Seq Scan on effects/);
    }
  });

  it('what waits for a person is read along an index', async () => {
    const plan = await planOf((db) => findWaitingFor(db, 'me@example.com', 100));
    expect(plan).toContain('deployments_waiting');
    expect(plan).not.toMatch(/Seq Scan on deployments/);
  });

  it('what runs where jumps along an index, and is right', async () => {
    const plan = await planOf((db) => findRunning(db, 'production', 50));
    expect(plan).not.toMatch(/Seq Scan on deployments/);
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
