import type { Deployment } from '@deptracker/domain';
import {
  type DeploymentFilter,
  type Effect,
  type UnitOfWork,
  claimUnknown,
  countBacklog,
  findDeployments,
  findEffect,
  findLapsed,
  findLastEvent,
  findOutside,
  findRollbackTarget,
  findSuccessor,
  gatherDigest,
  hasEarlierReply,
  hasOverdue,
  listDeployments,
  listDigestMembers,
  listDue,
  listEvents,
  measureSlaWindow,
  removeDeployments,
  removeExpiredKeys,
  removeInbound,
  removeSpentNotices,
  settleDigestMembers,
  takeUnqueued,
} from '@deptracker/store';
import { type Bound, type Case, EXACT, LIMIT, MIDDLE, WALKED, daysAgo, merged, show, single } from './case.js';
import { SKEW } from './large-tables.js';
import { FIGURES, OTHER_LISTS } from './lists.js';

/** Prefixes: at most 5,000 rows for each of four columns, found in indexes. */
const SEARCHED: Bound = { rows: 25_000, sorted: 20_000 };

/** Deployments by every filter alone, the pairs that are asked most, and combinations that nothing fits. */
const FILTERS: readonly (readonly [DeploymentFilter, Bound])[] = [
  [{}, EXACT],
  [{ project: SKEW.dominantProject }, EXACT],
  [{ project: SKEW.retiredProject }, EXACT],
  [{ project: SKEW.oneOfManyProjects }, EXACT],
  [{ project: 'nothing' }, EXACT],
  [{ environment: 'production' }, EXACT],
  [{ environment: SKEW.rareEnvironment }, EXACT],
  [{ status: 'succeeded' }, merged(4)],
  [{ status: 'rejected' }, merged(4)],
  [{ status: 'pending' }, merged(4)],
  [{ approval: 'not_required' }, merged(14)],
  [{ approval: 'pending' }, merged(4)],
  [{ requestedBy: SKEW.robot }, EXACT],
  [{ requestedBy: SKEW.person }, EXACT],
  [{ requestedBy: SKEW.leaver }, EXACT],
  [{ from: daysAgo(100), to: daysAgo(99) }, EXACT],
  [{ to: daysAgo(1000) }, EXACT],
  [{ project: SKEW.dominantProject, environment: 'production' }, EXACT],
  [{ project: SKEW.retiredProject, environment: SKEW.rareEnvironment }, EXACT],
  [{ project: SKEW.dominantProject, status: 'failed' }, EXACT],
  [{ project: SKEW.dominantProject, status: 'rejected' }, EXACT],
  [{ project: SKEW.dominantProject, status: 'failed', from: daysAgo(90), to: daysAgo(60) }, EXACT],
  [{ project: SKEW.dominantProject, environment: SKEW.rareEnvironment, status: 'rejected' }, WALKED],
  [{ project: SKEW.dominantProject, environment: 'production', status: 'failed' }, WALKED],
  [{ environment: 'production', status: 'pending' }, merged(1)],
  [{ environment: 'production', status: 'failed' }, merged(1)],
  [{ environment: SKEW.rareEnvironment, status: 'expired' }, merged(1)],
  [{ environment: 'staging', approval: 'pending' }, merged(1)],
  [{ environment: 'production', approval: 'approved' }, merged(6)],
  [{ environment: 'staging', status: 'succeeded', approval: 'not_required' }, merged(1)],
  [{ environment: 'production', status: 'succeeded', from: daysAgo(100), to: daysAgo(99) }, merged(1)],
  [{ environment: 'nowhere', status: 'succeeded' }, merged(1)],
  [{ environment: SKEW.rareEnvironment, requestedBy: SKEW.robot }, WALKED],
  [{ project: SKEW.dominantProject, approval: 'pending' }, WALKED],
  [{ project: SKEW.dominantProject, approval: 'rejected' }, WALKED],
  [{ approval: 'approved', requestedBy: SKEW.leaver }, WALKED],
  [{ project: SKEW.retiredProject, requestedBy: SKEW.person }, WALKED],
  [{ status: 'timed_out', requestedBy: SKEW.robot }, WALKED],
  [{ status: 'succeeded', approval: 'rejected' }, merged(1)],
  [{ environment: 'production', approval: 'not_required' }, merged(6)],
  [{ q: '1.' }, WALKED],
  [{ q: '2.39' }, SEARCHED],
  [{ q: '0.9' }, SEARCHED],
  [{ q: '7.7.7' }, SEARCHED],
  [{ q: 'nothing' }, SEARCHED],
  [{ q: 'legacy' }, SEARCHED],
  [{ q: 'service-0' }, WALKED],
  [{ q: 'main' }, SEARCHED],
  [{ q: 'run-123' }, WALKED],
  [{ q: 'feature/' }, WALKED],
  [{ q: '7.7', project: SKEW.dominantProject }, WALKED],
  [{ q: '0.9', project: SKEW.dominantProject }, WALKED],
  [{ q: '0.9', environment: SKEW.rareEnvironment, status: 'failed' }, WALKED],
  [{ q: '1.', requestedBy: SKEW.leaver }, WALKED],
  [{ q: '1.', status: 'pending' }, WALKED],
  [{ q: '1.', approval: 'approved' }, WALKED],
  [{ q: '1.', project: SKEW.dominantProject, environment: 'production', status: 'failed', requestedBy: SKEW.robot }, WALKED],
];

const lists: readonly Case[] = FILTERS.map(([filter, bound]) => ({
  what: `deployments: ${show(filter)}`,
  bound,
  run: (db, _aside, further) => listDeployments(db, filter, { after: further ? MIDDLE : null, limit: LIMIT }),
  cursor: true,
}));

async function someDeployments(aside: UnitOfWork, where: string, count: number): Promise<Deployment[]> {
  const ids = await aside.query<{ id: string }>(`SELECT id FROM deployments WHERE ${where} ORDER BY created_at DESC LIMIT ${count}`);
  return [...(await findDeployments(aside, ids.map(({ id }) => id))).values()].map(({ deployment }) => deployment);
}

async function someUnknown(aside: UnitOfWork): Promise<Effect> {
  const [row] = await aside.query<{ id: string }>(`SELECT id FROM effects WHERE phase = 'unknown' AND target = 'slack' LIMIT 1`);
  const effect = row === undefined ? null : await findEffect(aside, row.id);
  if (effect === null) throw new Error('There is no effect whose outcome is unknown.');
  return effect;
}

/** With more successes of the same project and environment before it than of any other. */
async function succeeded(aside: UnitOfWork): Promise<Deployment> {
  const [one] = await someDeployments(aside, `project = 'monolith' AND environment = 'production' AND status = 'succeeded'`, 1);
  if (one === undefined) throw new Error('There is no such deployment.');
  return one;
}

type Other = readonly [what: string, rows: number, run: (db: UnitOfWork, aside: UnitOfWork) => Promise<unknown>];

/** What runs often or over everything, besides lists. */
const OTHERS: readonly Other[] = [
  ['what is due, to be queued', 1_000, (db) => takeUnqueued(db, 'slack', 100, 30_000)],
  ['what is due, to be queued, in an outage', 1_000, (db) => takeUnqueued(db, 'jira', 1_000, 30_000)],
  ['what is due, to be run', 1_000, (db) => listDue(db, 'slack', 100)],
  ['whether something is overdue', 500, (db) => hasOverdue(db, 'jira', 60_000)],
  // What is owed at this moment is counted, and nothing that is done.
  ['the backlog', 60_000, (db) => countBacklog(db)],
  ['outcomes that are unknown', 1_000, async (db, aside) => claimUnknown(db, await someUnknown(aside), 50, 60_000)],
  ['notices of a digest', 1_000, (db) => gatherDigest(db, 'C07', 50)],
  ['members of a digest', 200, async (db, aside) => listDigestMembers(db, (await someUnknown(aside)).id)],
  ['the end of a digest', 200, async (db, aside) => settleDigestMembers(db, (await someUnknown(aside)).id)],
  ['an earlier reply', 200, async (db, aside) => hasEarlierReply(db, { ...(await someUnknown(aside)), parentId: '00000000-0000-0000-0000-000000000000' })],
  ['tickets and messages of a page', 1_000, async (db, aside) => findOutside(db, (await someDeployments(aside, 'true', LIMIT)).map(({ id }) => id))],
  ['the events of a deployment', 300, async (db, aside) => listEvents(db, (await succeeded(aside)).id, { after: 0, limit: 100 })],
  ['the last event of a kind', 300, async (db, aside) => findLastEvent(db, (await succeeded(aside)).id, 'deployment.started')],
  ['limits of time', 500, (db) => findLapsed(db, 100)],
  ['an hour of SLA', 20_000, (db) => measureSlaWindow(db, { slot: new Date(), maxSeconds: 3_600, lookbackSeconds: 3_600, targets: { ticket: 60, message: 60, decision: 60, completion: 60 } })],
  ['expired keys', 2_000, (db) => removeExpiredKeys(db, 500)],
  ['handled clicks', 2_000, (db) => removeInbound(db, 500, 86_400_000)],
  ['spent notices', 2_000, (db) => removeSpentNotices(db, 100, 86_400_000)],
  ['old deployments', 5_000, (db) => removeDeployments(db, 50, 86_400_000)],
  ['who came after', 300, async (db, aside) => findSuccessor(db, await succeeded(aside))],
  ['where a rollback leads', 300, async (db, aside) => findRollbackTarget(db, await succeeded(aside), null)],
  ['where a rollback to a version leads', 3_000, async (db, aside) => findRollbackTarget(db, await succeeded(aside), '1.2.3')],
  ['where a rollback to a version that never was leads', 3_000, async (db, aside) => findRollbackTarget(db, await succeeded(aside), 'never')],
];

/** Every query that must stay quick however much there is. Another list: further rows here. */
export const CASES: readonly Case[] = [
  ...lists,
  ...OTHER_LISTS,
  ...OTHERS.map((other) => single(...other)),
  ...FIGURES,
];
