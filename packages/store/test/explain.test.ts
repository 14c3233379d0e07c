import { mkdirSync, writeFileSync } from 'node:fs';
import {
  type DeploymentFilter,
  type Position,
  type Queryable,
  type SettingEventFilter,
  type SlackMessageFilter,
  type TicketFilter,
  listDeployments,
  listSettingEvents,
  listSlackMessages,
  listTickets,
} from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Executed, executed } from './explain/plan.js';
import { open } from './build.js';
import { type Case, daysAgo } from './explain/case.js';
import { SKEW, fillLargeTables } from './explain/large-tables.js';
import { CASES } from './explain/queries.js';

const ROWS = Number(process.env['EXPLAIN_ROWS'] ?? 40_000);

let test: TestDatabase;
const table: string[] = [];

beforeAll(async () => {
  test = await testDatabase();
  await fillLargeTables(test.url, ROWS);
}, 1_200_000);

afterAll(async () => {
  mkdirSync('coverage', { recursive: true });
  writeFileSync('coverage/explain.txt', `${ROWS} deployments: statements, rows looked at, pages, ms\n${table.join('\n')}\n`);
  await test.drop();
});

const sum = (all: readonly Executed[], pick: (one: Executed) => number): number => all.reduce((total, one) => total + pick(one), 0);

async function look({ what, bound, run }: Case, further = false): Promise<void> {
  const where = further ? ' (cursor)' : '';
  const all = await executed(test.url, (db, aside) => run(db, aside, further));
  const ways = [...new Set(all.flatMap((one) => one.ways))].join(', ');
  const figures = [all.length, sum(all, (one) => one.rowsRead), sum(all, (one) => one.pages), sum(all, (one) => one.ms).toFixed(1)];
  table.push(`${`${what}${where}`.padEnd(84)} ${figures.map((figure) => String(figure).padStart(7)).join(' ')}  ${ways}`);
  expect.soft(all.flatMap(({ scanned }) => scanned), `${what}${where} reads whole tables`).toEqual([]);
  expect.soft(sum(all, (one) => one.rowsRead), `rows that ${what}${where} looks at`).toBeLessThanOrEqual(bound.rows);
  expect.soft(Math.max(...all.map(({ sorted }) => sorted)), `rows that ${what}${where} sorts`).toBeLessThanOrEqual(bound.sorted);
}

describe(`with ${ROWS} deployments`, () => {
  it.each(CASES)('$what is read by an index, and no more of it than is promised', async (one) => {
    await look(one);
    if (one.cursor) await look(one, true);
  });
});

/** The ids of all pages of a list, and how many of them were short. */
async function allPages(list: (after: Position | null) => Promise<{ readonly ids: readonly string[]; readonly next: Position | null }>, limit: number) {
  const ids: string[] = [];
  let short = 0;
  for (let after: Position | null = null, more = true; more; ) {
    const page = await list(after);
    ids.push(...page.ids);
    [after, more] = [page.next, page.next !== null];
    if (more && page.ids.length < limit) short += 1;
  }
  return { ids, short };
}

const PAGE = 200;
const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);

async function deployments(db: Queryable, filter: DeploymentFilter, after: Position | null) {
  const page = await listDeployments(db, filter, { after, limit: PAGE });
  return { ids: idsOf(page.deployments), next: page.next };
}

async function messages(db: Queryable, filter: SlackMessageFilter, after: Position | null) {
  const page = await listSlackMessages(db, filter, { after, limit: PAGE });
  return { ids: idsOf(page.messages), next: page.next };
}

async function tickets(db: Queryable, filter: TicketFilter, after: Position | null) {
  const page = await listTickets(db, filter, { after, limit: PAGE });
  return { ids: idsOf(page.tickets), next: page.next };
}

async function history(db: Queryable, filter: SettingEventFilter, after: Position | null) {
  const page = await listSettingEvents(db, filter, { after, limit: PAGE });
  return { ids: idsOf(page.events), next: page.next };
}

// Each as a list filters and as anybody would ask who has all the time in the world.
type Same = readonly (readonly [filter: object, where: string])[];
// Of lists that most rows fit, some days will do.
const SINCE = daysAgo(10);
const OF_DEPLOYMENTS: Same = [
  [{ environment: SKEW.rareEnvironment, status: 'expired' }, `environment = 'dr' AND status = 'expired'`],
  [{ status: 'failed' }, `status = 'failed'`],
  [{ status: 'pending' }, `status = 'pending'`],
  [{ approval: 'rejected' }, `approval_status = 'rejected'`],
  [{ approval: 'approved', from: SINCE }, `approval_status = 'approved' AND created_at >= '${SINCE.toISOString()}'`],
  [{ status: 'succeeded', approval: 'rejected' }, 'false'],
  [{ status: 'failed', approval: 'not_required' }, `status = 'failed' AND approval_status = 'not_required'`],
  [{ environment: 'staging', status: 'cancelled', approval: 'not_required' }, `environment = 'staging' AND status = 'cancelled' AND approval_status = 'not_required'`],
  [{ environment: 'production', status: 'failed' }, `environment = 'production' AND status = 'failed'`],
  [{ project: SKEW.dominantProject, approval: 'cancelled' }, `project = 'monolith' AND approval_status = 'cancelled'`],
  [{ project: SKEW.dominantProject, approval: 'approved' }, `project = 'monolith' AND approval_status = 'approved'`],
  [{ status: 'timed_out', requestedBy: SKEW.robot }, `status = 'timed_out' AND requested_by = 'ci@example.com'`],
  [{ q: '0.9', approval: 'approved' }, `version LIKE '0.9%' AND approval_status = 'approved'`],
  [{ q: '1.3', status: 'failed' }, `version LIKE '1.3%' AND status = 'failed'`],
  [{ environment: SKEW.rareEnvironment, requestedBy: SKEW.robot }, `environment = 'dr' AND requested_by = 'ci@example.com'`],
  [{ project: SKEW.dominantProject, environment: 'production', status: 'cancelled' }, `project = 'monolith' AND environment = 'production' AND status = 'cancelled'`],
  [{ environment: 'production', approval: 'not_required' }, `environment = 'production' AND approval_status = 'not_required'`],
  [{ q: '0.9.1' }, `version LIKE '0.9.1%'`],
  [{ q: '1.3', requestedBy: SKEW.person }, `version LIKE '1.3%' AND requested_by = 'person-017@example.com'`],
  [{ q: 'run-12' }, `external_id LIKE 'run-12%'`],
  [{ q: 'feature/TICKET-1', environment: SKEW.rareEnvironment }, `ref LIKE 'feature/TICKET-1%' AND environment = 'dr'`],
];
const OF_MESSAGES: Same = [
  [{ kind: 'slack.notice', phase: 'sent', channelId: 'C07' }, `kind = 'slack.notice' AND phase = 'sent' AND destination = 'C07'`],
  [{ from: SINCE }, `created_at >= '${SINCE.toISOString()}'`],
  [{ kind: 'slack.notice', from: SINCE }, `kind = 'slack.notice' AND created_at >= '${SINCE.toISOString()}'`],
  [{ phase: 'dead' }, `phase = 'dead'`],
  [{ kind: 'slack.approval', phase: 'sent', from: SINCE }, `kind = 'slack.approval' AND phase = 'sent' AND created_at >= '${SINCE.toISOString()}'`],
  [{ kind: 'slack.digest', channelId: 'C07' }, `kind = 'slack.digest' AND destination = 'C07'`],
  [{ kind: 'slack.approval', channelId: SKEW.retiredChannel, phase: 'held' }, `kind = 'slack.approval' AND destination = 'C0OLD' AND phase = 'held'`],
  [{ phase: 'sent', channelId: 'C07', from: daysAgo(60) }, `phase = 'sent' AND destination = 'C07' AND created_at >= now() - interval '60 days'`],
];
const OF_TICKETS: Same = [
  [{ project: SKEW.dominantProject, status: 'In Review' }, `d.project = 'monolith' AND t.status = 'In Review'`],
  [{ project: SKEW.dominantProject, phase: 'unsent' }, `d.project = 'monolith' AND e.phase = 'unsent'`],
  [{ project: SKEW.dominantProject, status: SKEW.retiredStatus }, `d.project = 'monolith' AND t.status = 'Waiting for QA'`],
  [{ phase: 'unsent' }, `e.phase = 'unsent'`],
  [{ from: SINCE }, `e.created_at >= '${SINCE.toISOString()}'`],
  [{ status: 'In Review', phase: 'sent' }, `t.status = 'In Review' AND e.phase = 'sent'`],
  [{ status: 'Done', phase: 'dead' }, `t.status = 'Done' AND e.phase = 'dead'`],
  [{ status: SKEW.retiredStatus }, `t.status = 'Waiting for QA'`],
  [{ key: 'DEP-1234', project: 'nothing' }, 'false'],
];
const OF_SETTINGS: Same = [
  [{ subjectKind: 'project', actor: SKEW.person }, `subject_kind = 'project' AND actor = 'person-017@example.com'`],
  [{ subjectKind: 'configuration', actor: SKEW.leaver }, `subject_kind = 'configuration' AND actor = 'gone@example.com'`],
  [{ subjectId: 'environment-7', subjectKind: 'environment', actor: SKEW.robot }, `subject_id = 'environment-7' AND actor = 'ci@example.com'`],
];

const SLACK = `SELECT id FROM effects WHERE target = 'slack' AND `;
const JIRA = `SELECT e.id FROM effects e LEFT JOIN jira_tickets t ON t.effect_id = e.id LEFT JOIN deployments d ON d.id = e.deployment_id
  WHERE e.kind IN ('jira.ticket', 'jira.issue') AND `;

describe('pages that may be short', () => {
  it.each([
    ['deployments', OF_DEPLOYMENTS, deployments, 'SELECT id FROM deployments WHERE ', 'created_at DESC, id DESC', 1],
    ['messages', OF_MESSAGES, messages, SLACK, 'created_at DESC, id DESC', 0],
    ['tickets', OF_TICKETS, tickets, JIRA, 'e.created_at DESC, e.id DESC', 1],
    ['settings’ history', OF_SETTINGS, history, 'SELECT id FROM setting_events WHERE ', 'at DESC, id DESC', 0],
  ] as const)('of %s give in the end what looking at every row gives, in the same order', async (_what, same, list, all, order, fewestShort) => {
    const database = open(test.url, 2);
    let short = 0;
    try {
      for (const [filter, where] of same) {
        const pages = await allPages((after) => list(database, filter, after), PAGE);
        const rows = await database.query<{ id: string }>(`${all}${where} ORDER BY ${order}`);
        expect(pages.ids, JSON.stringify(filter)).toEqual(idsOf(rows));
        short += pages.short;
      }
      // Of the others there are only so many that fit with very many rows.
      expect(short).toBeGreaterThanOrEqual(fewestShort);
    } finally {
      await database.close();
    }
  }, 600_000);
});
