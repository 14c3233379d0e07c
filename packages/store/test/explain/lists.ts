import type { Job, JobFilter, ProjectFilter, SettingEventFilter, SlackMessageFilter, StatsQuery, TicketFilter, UnitOfWork } from '@deptracker/store';
import {
  countRollups,
  findRunning,
  findTicket,
  findWaitingFor,
  listChannelMappings,
  listEffectActions,
  listEnvironments,
  listJobs,
  listProjects,
  listSettingEvents,
  listSlackMessages,
  listTemplates,
  listTickets,
  readFreshness,
  readSlaFigures,
  readStats,
  removeExpiredAnswers,
} from '@deptracker/store';
import { type Bound, type Case, EXACT, LIMIT, MIDDLE, WALKED, atMost, daysAgo, merged, show, single } from './case.js';
import { SKEW } from './large-tables.js';

const SOME = '11111111-1111-1111-1111-111111111111';
/** A deployment's own are a handful. */
const OWN = atMost(50);
/** What an index serves as it is; those that are shown are read twice. */
const TICKET: Bound = { rows: 5 * LIMIT, sorted: LIMIT };
/** All that there may be of them. */
const SMALL = atMost(1_000);
/** The projects of a team. */
const TEAM = atMost(6_000);
/** What is open now is looked at, but nothing that is done. */
const OPEN = atMost(60_000);

/** Those by kind and phase are merged from four kinds and six phases. */
const SLACK: readonly (readonly [SlackMessageFilter, Bound])[] = [
  [{}, merged(24)],
  [{ deployment: SOME }, OWN],
  [{ kind: 'slack.reply' }, merged(6)],
  [{ kind: 'slack.digest' }, merged(6)],
  [{ kind: 'slack.notice' }, merged(6)],
  [{ channelId: 'C07' }, EXACT],
  [{ channelId: SKEW.retiredChannel }, EXACT],
  [{ channelId: 'nothing' }, EXACT],
  [{ phase: 'dead' }, merged(4)],
  [{ phase: 'unsent' }, merged(4)],
  [{ phase: 'sent' }, merged(4)],
  [{ from: daysAgo(100), to: daysAgo(99) }, merged(24)],
  [{ channelId: 'C07', to: daysAgo(1000) }, EXACT],
  [{ kind: 'slack.reply', channelId: SKEW.retiredChannel }, WALKED],
  [{ kind: 'slack.digest', channelId: 'nothing' }, WALKED],
  [{ kind: 'slack.approval', phase: 'held' }, merged(1)],
  [{ channelId: 'C07', phase: 'sending' }, WALKED],
  [{ channelId: SKEW.retiredChannel, phase: 'sent' }, WALKED],
  [{ kind: 'slack.digest', phase: 'sent' }, merged(1)],
  [{ kind: 'slack.digest', phase: 'dead', channelId: 'C07' }, WALKED],
];

/** Those by phase, or all, are merged from two kinds and six phases. */
const TICKETS: readonly (readonly [TicketFilter, Bound])[] = [
  [{}, merged(12)],
  [{ deployment: SOME }, OWN],
  [{ project: SKEW.dominantProject }, WALKED],
  [{ project: SKEW.retiredProject }, WALKED],
  [{ project: 'nothing' }, OWN],
  [{ status: 'Done' }, TICKET],
  [{ status: 'In Review' }, TICKET],
  [{ status: SKEW.retiredStatus }, TICKET],
  [{ status: 'Nowhere' }, TICKET],
  [{ phase: 'dead' }, merged(2)],
  [{ phase: 'unsent' }, merged(2)],
  [{ phase: 'sent' }, merged(2)],
  [{ key: 'DEP-1234' }, OWN],
  [{ from: daysAgo(100), to: daysAgo(99) }, merged(12)],
  [{ project: SKEW.dominantProject, from: daysAgo(100), to: daysAgo(50) }, WALKED],
  [{ status: 'Done', to: daysAgo(1000) }, TICKET],
  [{ project: SKEW.dominantProject, status: 'Nowhere' }, WALKED],
  [{ project: SKEW.dominantProject, status: SKEW.retiredStatus }, WALKED],
  [{ project: SKEW.dominantProject, phase: 'sending' }, WALKED],
  [{ status: 'Done', phase: 'dead' }, WALKED],
  [{ status: SKEW.retiredStatus, phase: 'unsent' }, WALKED],
  [{ project: SKEW.oneOfManyProjects, status: 'Done', phase: 'held' }, WALKED],
  [{ key: 'DEP-1234', project: SKEW.dominantProject, status: 'Done' }, OWN],
];

const JOBS: readonly (readonly [JobFilter, Bound])[] = [
  [{}, OPEN],
  [{ target: 'slack' }, OPEN],
  [{ target: 'jira' }, OPEN],
  [{ kind: 'slack.reply' }, OPEN],
  [{ priority: 3 }, OPEN],
  [{ deployment: SOME }, OWN],
  ...(['due', 'waiting', 'running', 'unknown', 'held', 'dead', 'discarded'] as const).map((state) => [{ state }, OPEN] as const),
  [{ state: 'due', target: 'slack', kind: 'slack.reply', priority: 3 }, OPEN],
  [{ state: 'waiting', kind: 'slack.approval' }, OPEN],
  [{ state: 'discarded', kind: 'jira.ticket' }, OPEN],
];

const HISTORY: readonly (readonly [SettingEventFilter, Bound])[] = [
  [{}, EXACT],
  [{ subjectKind: 'project' }, EXACT],
  [{ subjectKind: 'template' }, EXACT],
  [{ subjectKind: 'project', subjectId: 'app-77' }, EXACT],
  [{ subjectId: 'configuration-7' }, EXACT],
  [{ actor: SKEW.robot }, EXACT],
  [{ actor: SKEW.leaver }, EXACT],
  [{ subjectKind: 'configuration', actor: SKEW.leaver }, WALKED],
  [{ subjectKind: 'channel_mapping', actor: SKEW.robot }, WALKED],
  [{ subjectKind: 'template', actor: SKEW.person }, WALKED],
  [{ subjectId: 'configuration-7', actor: SKEW.leaver }, WALKED],
];

const PROJECTS: readonly (readonly [ProjectFilter, Bound])[] = [
  [{}, EXACT],
  [{ archived: false }, EXACT],
  [{ archived: true }, EXACT],
  [{ team: 'team-7' }, EXACT],
  // No more than there are projects, which many a table is larger than.
  [{ team: 'platform' }, TEAM],
  [{ team: 'platform', archived: true }, TEAM],
  [{ q: 'app-19' }, EXACT],
  [{ q: 'app-', archived: true }, EXACT],
  [{ q: 'service', team: 'platform' }, TEAM],
  [{ q: 'nothing' }, EXACT],
];

function listed<F extends object>(
  name: string,
  filters: readonly (readonly [F, Bound])[],
  list: (db: UnitOfWork, filter: F, further: boolean) => Promise<unknown>,
): Case[] {
  return filters.map(([filter, bound]) => ({ what: `${name}: ${show(filter)}`, bound, run: (db, _aside, further) => list(db, filter, further), cursor: true }));
}

/** By every filter alone, and pairs that hardly anything fits. */
export const OTHER_LISTS: readonly Case[] = [
  ...listed('messages', SLACK, (db, filter, further) => listSlackMessages(db, filter, { after: further ? MIDDLE : null, limit: LIMIT })),
  ...listed('tickets', TICKETS, (db, filter, further) => listTickets(db, filter, { after: further ? MIDDLE : null, limit: LIMIT })),
  single('a ticket by its key', 10, (db) => findTicket(db, { key: 'DEP-1234' })),
  single('a ticket by its id', 10, async (db, aside) => {
    const [row] = await aside.query<{ id: string }>(`SELECT effect_id AS id FROM jira_tickets WHERE key = 'DEP-1234'`);
    return findTicket(db, { id: row?.id ?? '' });
  }),
  ...listed('jobs', JOBS, (db, filter, further): Promise<Job[]> => listJobs(db, filter, { after: further ? SOME : null, limit: LIMIT })),
  single('what was done to a job', 50, async (db, aside) => {
    const [row] = await aside.query<{ id: string }>('SELECT effect_id AS id FROM effect_actions LIMIT 1');
    return listEffectActions(db, row?.id ?? '');
  }),
  ...listed('settings’ history', HISTORY, (db, filter, further) =>
    listSettingEvents(db, filter, { after: further ? MIDDLE : null, limit: LIMIT }),
  ),
  ...listed('projects', PROJECTS, (db, filter, further) => listProjects(db, filter, { after: further ? 'app-195' : null, limit: LIMIT })),
  // Environments are as few as people tell apart, and of channel mappings and templates no more than 1,000 and 500 are
  // taken: these tables are never large, however they are read.
  ...listed('environments', [[{}, SMALL], [{ production: true, archived: false, q: 'p' }, SMALL]], (db, filter, further) =>
    listEnvironments(db, filter, { after: further ? { rank: 5, name: 'preview-5' } : null, limit: LIMIT }),
  ),
  ...listed('channel mappings', [[{}, SMALL], [{ environment: 'production' }, SMALL], [{ channelId: 'C07' }, SMALL]], (db, filter, further) =>
    listChannelMappings(db, filter, { after: further ? { project: 'service-2', environment: '*' } : null, limit: LIMIT }),
  ),
  ...listed('templates', [[{}, SMALL], [{ purpose: 'jira.summary' as never }, SMALL], [{ project: 'service-7' }, SMALL]], (db, filter, further) =>
    listTemplates(db, filter, { after: further ? SOME : null, limit: LIMIT }),
  ),
];

const YEAR = { from: daysAgo(365), to: new Date(), grain: 'day', project: null, environment: null } as const;
const MONTH = { ...YEAR, from: daysAgo(30), grain: 'hour' } as const;
/** A row for each day or hour, and for each duration in it that differs by a tenth. */
const SPANS: readonly (readonly [what: string, StatsQuery, rows: number])[] = [
  ['a year of all', YEAR, 366 * 81],
  ['a year of a project', { ...YEAR, project: SKEW.oneOfManyProjects }, 366 * 5],
  ['a year of an environment', { ...YEAR, environment: 'production' }, 366 * 5],
  ['a year of a project in an environment', { ...YEAR, project: SKEW.oneOfManyProjects, environment: 'production' }, 366 * 5],
  ['a year of a project that there is not', { ...YEAR, project: 'nothing' }, 0],
  ['a month of all, by the hour', MONTH, 721 * 81],
  ['a month of a project, by the hour', { ...MONTH, project: SKEW.oneOfManyProjects }, 721 * 5],
];

/** As if everything before `sql` were counted and nothing after it. */
async function countedUntil(aside: UnitOfWork, sql: string): Promise<void> {
  await aside.query(`UPDATE rollup_state SET counted_until = ${sql}, settled_until = now()`);
}

/** Figures, and what waits or runs where. */
export const FIGURES: readonly Case[] = [
  ...SPANS.map(([what, query, rows]) => single(`figures: ${what}`, rows, (db) => readStats(db, query))),
  single('how fresh figures are', 0, (db) => readFreshness(db)),
  // What happened in the slice, and the deployment of each event.
  single('counting an hour', 5_000, async (db, aside) => {
    await countedUntil(aside, `now() - interval '30 days'`);
    return countRollups(db, 3_600);
  }),
  single('counting a day', 60_000, async (db, aside) => {
    await countedUntil(aside, `now() - interval '30 days'`);
    return countRollups(db, 86_400);
  }),
  single('counting the first hour ever', 5_000, async (db, aside) => {
    await countedUntil(aside, `'-infinity'`);
    return countRollups(db, 3_600);
  }),
  single('SLA figures of an hour', 1_000, (db) => readSlaFigures(db, 3_600_000)),
  single('what runs in production', 5_000, (db) => findRunning(db, 'production', LIMIT)),
  single('what runs where little does', 5_000, (db) => findRunning(db, SKEW.rareEnvironment, LIMIT)),
  single('what runs where nothing does', 5_000, (db) => findRunning(db, 'nowhere', LIMIT)),
  single('what waits for a person', 500, (db) => findWaitingFor(db, SKEW.person, 101)),
  single('expired answers', 2_000, (db) => removeExpiredAnswers(db, 500)),
];
