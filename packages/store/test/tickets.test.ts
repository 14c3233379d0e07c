import { type Database, type Queryable, type TicketFilter, findTicket, listTickets } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open } from './build.js';

let test: TestDatabase;
let database: Database;

const ROWS = 10_000;

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
  await database.query(
    `INSERT INTO deployments (id, revision, project, environment, version, links, metadata, status, approval_status, approvals_required,
       requester_may_approve, channel_id, timeout_s, created_at)
     SELECT gen_random_uuid(), 1, 'p' || n % 500, 'production', '1', '[]', '{}', 'pending', 'pending', 1, false, 'C1', 60, now() - n * interval '1 minute'
     FROM generate_series(1, ${ROWS}) n`,
  );
  // Most effects are no tickets, and most tickets stand.
  for (const [kind, target] of [['jira.ticket', 'jira'], ['slack.approval', 'slack'], ['slack.reply', 'slack']]) {
    await database.query(
      `INSERT INTO effects (id, kind, target, deployment_id, priority, desired_revision, phase, created_at)
       SELECT gen_random_uuid(), $1, $2, id, 2, 1, CASE WHEN random() < 0.01 THEN 'dead' ELSE 'sent' END, created_at FROM deployments`,
      [kind, target],
    );
  }
  await database.query(
    `INSERT INTO jira_tickets (effect_id, deployment_id, issue_id, key, url, status, owed_at)
     SELECT id, deployment_id, n, 'OPS-' || n, 'u', CASE WHEN n % 300 = 0 THEN 'In Review' ELSE 'Done' END, created_at
     FROM (SELECT *, row_number() OVER () AS n FROM effects WHERE kind = 'jira.ticket') e`,
  );
  await database.query('VACUUM ANALYZE deployments, effects, jira_tickets');
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

/** Tells how each statement would be run, and runs it. */
function explaining(plans: string[]): Queryable {
  return {
    announce: () => undefined,
    query: async (sql, values) => {
      const plan = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, values);
      plans.push(plan.map((row) => row['QUERY PLAN']).join('\n'));
      return database.query(sql, values);
    },
  };
}

const some = async (): Promise<{ deploymentId: string; at: string; id: string }> => {
  const [row] = await database.query<{ deploymentId: string; at: string; id: string }>(
    `SELECT deployment_id AS "deploymentId", to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, id
     FROM effects WHERE kind = 'jira.ticket' ORDER BY created_at DESC OFFSET 7000 LIMIT 1`,
  );
  if (row === undefined) throw new Error('There is no ticket.');
  return row;
};

describe('tickets', () => {
  it.each<[string, TicketFilter]>([
    ['nothing', {}],
    ['a deployment', { deployment: '01a1f9c1-1f18-73d2-9c31-723516cb0a45' }],
    ['a project', { project: 'p7' }],
    ['a rare status', { status: 'In Review' }],
    ['a common status', { status: 'Done' }],
    ['a status that there is not', { status: 'Nowhere' }],
    ['a rare phase', { phase: 'dead' }],
    ['a common phase', { phase: 'sent' }],
    ['a key', { key: 'OPS-9' }],
    ['a span of time', { from: new Date(Date.now() - 90_000_000), to: new Date(Date.now() - 80_000_000) }],
    ['a project and a span of time', { project: 'p7', from: new Date(Date.now() - 900_000_000), to: new Date(Date.now() - 80_000_000) }],
    ['a status and a span of time', { status: 'Done', to: new Date(Date.now() - 800_000_000) }],
  ])('filtered by %s are never looked for in all of a table', async (_what, filter) => {
    const { at, id } = await some();
    const plans: string[] = [];
    await listTickets(explaining(plans), filter, { after: null, limit: 50 });
    // With a span the place would be outside of it, and next to nothing is joined any way.
    if (filter.to === undefined) await listTickets(explaining(plans), filter, { after: { createdAt: at, id }, limit: 50 });
    for (const plan of plans) expect(plan).not.toContain('Seq Scan');
  });

  it('are found by key and by id without looking through a table', async () => {
    const plans: string[] = [];
    const byKey = await findTicket(explaining(plans), { key: 'OPS-77' });
    expect(await findTicket(explaining(plans), { id: byKey?.id ?? '' })).toEqual(byKey);
    for (const plan of plans) expect(plan).not.toContain('Seq Scan');
  });
});
