import { STATUS_RULES } from '@deptracker/domain';
import { ConfigError } from '@deptracker/runtime';
import {
  type Database,
  countBacklog,
  countRollups,
  createDatabase,
  findDeployments,
  findEnvironment,
  findLapsed,
  listDeployments,
  listEvents,
  listProjects,
  listSettingEvents,
  listTickets,
  markRollups,
  readStats,
} from '@deptracker/store';
import { ticketFields } from '@deptracker/views';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type TestDatabase, eachLine, emptyTestDatabase, exitOf, testDatabase } from '@deptracker/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rollupsTask } from '../../apps/metrics-cron/dist/tasks/rollups.js';
import { makeHistory } from '../dist/seed/history.js';
import { makeProjects } from '../dist/seed/landscape.js';
import { Random } from '../dist/seed/random.js';
import { type SeedSettings, seedSettings } from '../dist/seed/settings.js';
import type { Story } from '../dist/seed/story.js';
import { writeHistory } from '../dist/seed/write.js';

const UNTIL = new Date('2026-11-20T12:00:00Z');
const SETTINGS: SeedSettings = { projects: 8, deployments: 1_500, relationships: true, seed: 7, until: UNTIL };

function history(settings: SeedSettings): Story[] {
  return [...makeHistory(settings, makeProjects(new Random(settings.seed, 'landscape'), settings.projects))].flat();
}

const seconds = (story: Story): number => story.deployment.createdAt.getTime() / 1_000;

describe('the variables of make seed', () => {
  it('have defaults', () => {
    expect(seedSettings({}, UNTIL)).toEqual({ projects: 20, deployments: 2_000, relationships: true, seed: 1, until: UNTIL });
    expect(seedSettings({ SEED_RELATIONSHIPS: 'false', SEED: '0', SEED_UNTIL: '2026-11-01' }, UNTIL)).toMatchObject({ relationships: false, seed: 0, until: new Date('2026-11-01') });
  });

  it('are refused all at once, each with what it should be', () => {
    const wrong = { SEED_PROJECT_COUNT: '0', SEED_DEPLOYMENT_COUNT: '1.5', SEED_RELATIONSHIPS: 'yes', SEED: '-1', SEED_UNTIL: '2026-02-30' };
    const read = (): unknown => seedSettings(wrong, UNTIL);
    expect(read).toThrow(ConfigError);
    for (const [name, value] of Object.entries(wrong)) expect(read).toThrow(new RegExp(`^${name} must be .*; it is "${value}"`, 'm'));
  });
});

describe('a made-up history', () => {
  const stories = history(SETTINGS);
  const byId = new Map(stories.map((story) => [story.deployment.id, story]));
  const origin = (id: string | null): Story | undefined => byId.get(id ?? '');

  it('has as many deployments as were asked for, over weeks, week after week in the order of time, and none after its end', () => {
    expect(byId.size).toBe(1_500);
    expect(Math.max(...stories.map((story) => story.at))).toBeLessThanOrEqual(UNTIL.getTime());
    expect((UNTIL.getTime() / 1_000 - Math.min(...stories.map(seconds))) / 86_400).toBeGreaterThan(27);
    for (const week of makeHistory(SETTINGS, makeProjects(new Random(7, 'landscape'), 8))) {
      expect(week.map(seconds)).toEqual(week.map(seconds).sort((a, b) => a - b));
    }
    for (const deployments of [1, 2, 3, 10]) expect(history({ ...SETTINGS, deployments })).toHaveLength(deployments);
  });

  it('keeps to the table of statuses, with a revision for each event and times that never run back', () => {
    for (const { deployment, told } of stories) {
      expect(told.map(({ event }) => event.revision)).toEqual(told.map((_, index) => index + 1));
      expect(deployment.revision).toBe(told.length);
      expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).sort((a, b) => a - b));
      let status = told[0]?.event.data.to ?? 'pending';
      for (const { event } of told.slice(1)) {
        if (event.data.to === undefined) continue;
        expect(event.data.from).toBe(status);
        expect(STATUS_RULES[status].next).toContain(event.data.to);
        status = event.data.to;
      }
      expect(status).toBe(deployment.status);
    }
  });

  it('ends every deployment: nothing waits for a person, a pipeline or a limit of time', () => {
    for (const { deployment } of stories) {
      expect([deployment.status === 'succeeded' || STATUS_RULES[deployment.status].next.length === 0, deployment.finishedAt === null]).toEqual([true, false]);
    }
  });

  it('tries again what failed, promotes what succeeded, and marks what was rolled back', () => {
    const [retries, promotions, rollbacks] = (['retryOf', 'promotedFrom', 'rollbackOf'] as const).map((link) => stories.filter(({ deployment }) => deployment[link] !== null));
    expect([retries, promotions, rollbacks].map((all = []) => all.length > 10)).toEqual([true, true, true]);
    for (const { deployment } of retries ?? []) {
      const first = origin(deployment.retryOf);
      expect(first?.deployment).toMatchObject({ status: 'failed', project: deployment.project, environment: deployment.environment, version: deployment.version });
      expect(first?.at).toBeLessThan(deployment.createdAt.getTime());
    }
    for (const { deployment } of promotions ?? []) {
      expect(origin(deployment.promotedFrom)?.deployment).toMatchObject({ status: 'succeeded', environment: 'staging', version: deployment.version });
      expect(deployment.environment).toBe('production');
    }
    for (const { deployment } of rollbacks ?? []) {
      const replaced = origin(deployment.rollbackOf)?.deployment;
      expect(replaced?.status).toBe(deployment.status === 'succeeded' ? 'rolled_back' : 'succeeded');
      expect(replaced?.version).not.toBe(deployment.version);
    }
    expect(stories.filter(({ deployment }) => deployment.status === 'rolled_back')).toHaveLength((rollbacks ?? []).filter(({ deployment }) => deployment.status === 'succeeded').length);
  });

  it('is believable: mostly working days, approvals by others after a while, some refusals with their reasons', () => {
    const weekend = stories.filter(({ deployment }) => [0, 6].includes(deployment.createdAt.getUTCDay()));
    expect(weekend.length).toBeLessThan(stories.length * 0.08);
    const decisions = stories.flatMap(({ deployment }) => deployment.approval.decisions.map((decision) => ({ deployment, decision })));
    expect(decisions.every(({ deployment, decision }) => decision.actor !== deployment.requestedBy && decision.at > deployment.createdAt)).toBe(true);
    const rejects = decisions.filter(({ decision }) => decision.decision === 'reject');
    expect(rejects.length).toBeGreaterThan(5);
    expect(rejects.every(({ decision }) => (decision.reason ?? '').length > 10)).toBe(true);
    const statuses = new Set(stories.map(({ deployment }) => deployment.status));
    for (const status of ['succeeded', 'failed', 'rejected', 'expired', 'timed_out', 'cancelled', 'rolled_back'] as const) expect(statuses).toContain(status);
  });

  it('is the same for the same seed, and another one for another', () => {
    const text = (settings: SeedSettings): string => JSON.stringify(history(settings).map(({ deployment, told }) => [deployment, told]));
    expect(text(SETTINGS)).toBe(text(SETTINGS));
    expect(text({ ...SETTINGS, seed: 8 })).not.toBe(text(SETTINGS));
  });
});

async function migrated(): Promise<{ test: TestDatabase; database: Database }> {
  const test = await testDatabase();
  const database = createDatabase({ url: test.url, maxConnections: 2, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
  onTestFinished(async () => {
    await database.close();
    await test.drop();
  });
  return { test, database };
}

const TABLES = ['deployments', 'deployment_keys', 'decisions', 'events', 'effects', 'jira_tickets', 'slack_messages', 'projects', 'environments', 'setting_events'];

/** A table's rows as they are, without when they were written where the database says so. */
async function contents(database: Database): Promise<string[]> {
  const rows = TABLES.map((table) => database.query<{ hash: string }>(`SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) AS hash FROM ${table} t`));
  return (await Promise.all(rows)).map(([row]) => row?.hash ?? '');
}

const counts = async (database: Database): Promise<Record<string, number>> => {
  const rows = await Promise.all(TABLES.map((table) => database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)));
  return Object.fromEntries(TABLES.map((table, index) => [table, rows[index]?.[0]?.n ?? 0]));
};

describe('seeding a database', () => {
  it('owes nothing outside and leaves no limit of time, so that no worker and no task does anything', async () => {
    const { test, database } = await migrated();
    await writeHistory(test.url, { ...SETTINGS, deployments: 400 });
    expect(await countBacklog(database)).toEqual([]);
    expect(await findLapsed(database, 10)).toEqual([]);
    expect(await database.query('SELECT 1 FROM deployments WHERE limit_at IS NOT NULL')).toEqual([]);
    expect(await database.query(`SELECT 1 FROM effects WHERE phase <> 'sent' OR applied_revision < desired_revision OR external_id IS NULL`)).toEqual([]);
    expect(await database.query('SELECT DISTINCT kind FROM effects ORDER BY kind')).toEqual(
      ['jira.ticket', 'slack.approval', 'slack.digest', 'slack.notice', 'slack.reply'].map((kind) => ({ kind })),
    );
    const { deployments } = await listDeployments(database, { status: 'rejected' }, { after: null, limit: 1 });
    const [rejected] = deployments;
    const trail = await listEvents(database, rejected?.id ?? '', { after: 0, limit: 10 });
    expect(trail.map(({ type }) => type)).toEqual(['deployment.created', 'approval.decided', 'deployment.rejected']);
    expect(rejected?.approval.decisions).toMatchObject([{ decision: 'reject', reason: expect.any(String) }]);
  });

  it('keeps of tickets, projects and environments what is kept of those that came by themselves', async () => {
    const { test, database } = await migrated();
    await writeHistory(test.url, { ...SETTINGS, deployments: 100 });
    expect(await database.query('SELECT 1 FROM jira_tickets t JOIN effects e ON e.id = t.effect_id WHERE t.owed_at <> e.created_at')).toEqual([]);
    const { tickets } = await listTickets(database, {}, { after: null, limit: 200 });
    const deployments = await findDeployments(database, tickets.map(({ deploymentId }) => deploymentId ?? ''));
    expect(tickets.length).toBeGreaterThan(50);
    for (const { deploymentId, summary } of tickets) {
      const deployment = deployments.get(deploymentId ?? '')?.deployment;
      expect(deployment && ticketFields(deployment).summary).toBe(summary);
    }
    const { events } = await listSettingEvents(database, { subjectKind: 'project' }, { after: null, limit: 10 });
    const { projects } = await listProjects(database, {}, { after: null, limit: 10 });
    expect(events.map(({ data }) => data)).toEqual(expect.arrayContaining(
      projects.map(({ key, name, team, repositoryUrl, jiraProjectKey, defaultChannelId }) => ({ key, name, team, repositoryUrl, jiraProjectKey, defaultChannelId })),
    ));
    const production = await findEnvironment(database, 'production');
    const [told] = (await listSettingEvents(database, { subjectId: 'production' }, { after: null, limit: 1 })).events;
    expect(told).toMatchObject({ type: 'environment.created', data: { name: 'production', rank: production?.rank, approvalPolicy: production?.approvalPolicy } });
  });

  it('lets the figures be counted anew, also where they were counted beyond that time already', async () => {
    const { test, database } = await migrated();
    // So that the whole history is over by now.
    const settings = { ...SETTINGS, deployments: 300, until: new Date(Date.now() - 3_600_000) };
    const count = async (): Promise<void> => {
      await markRollups(database, 0);
      await rollupsTask({ database, schedule: '* * * * *' }).run({ isOver: () => false } as never);
      await markRollups(database, 0);
      while ((await database.transaction((uow) => countRollups(uow, 86_400))).more);
    };
    await count();
    const created = async (): Promise<number> => {
      const span = { from: new Date(Math.floor(settings.until.getTime() / 86_400_000 - 200) * 86_400_000), to: new Date(Date.now() + 86_400_000) };
      const { tallies } = await readStats(database, { ...span, grain: 'day', project: null, environment: null });
      return tallies.reduce((sum, tally) => sum + tally.created, 0);
    };
    expect(await created()).toBe(0);
    await writeHistory(test.url, settings);
    await count();
    expect(await created()).toBe(300);
    await writeHistory(test.url, settings);
    await writeHistory(test.url, { ...settings, seed: 8 });
    await count();
    expect(await created()).toBe(600);
  });

  it('gives the same rows to two databases, and changes nothing when it is done again', async () => {
    const [a, b] = [await migrated(), await migrated()];
    const settings = { ...SETTINGS, deployments: 300 };
    expect(await writeHistory(a.test.url, settings)).toMatchObject({ deployments: 300 });
    await writeHistory(b.test.url, settings);
    const first = await contents(a.database);
    expect(first).toEqual(await contents(b.database));
    expect(await writeHistory(a.test.url, settings)).toBe('already there');
    expect(await contents(a.database)).toEqual(first);
  });

  it('refuses another history of the same seed, and adds one of another seed', async () => {
    const { test, database } = await migrated();
    await writeHistory(test.url, { ...SETTINGS, deployments: 50 });
    const before = await contents(database);
    await expect(writeHistory(test.url, { ...SETTINGS, deployments: 60 })).rejects.toThrow(/Another history of SEED=7 is in this database/);
    await expect(writeHistory(test.url, { ...SETTINGS, deployments: 50, until: new Date('2026-12-24T12:00:00Z') })).rejects.toThrow(/Choose another SEED/);
    expect(await contents(database)).toEqual(before);
    await writeHistory(test.url, { ...SETTINGS, deployments: 50, seed: 8 });
    expect(await counts(database)).toMatchObject({ deployments: 100, environments: 3 });
  });

  it('leaves out what belongs to deployments where that is not wanted', async () => {
    const { test, database } = await migrated();
    await writeHistory(test.url, { ...SETTINGS, deployments: 200, relationships: false });
    expect(await counts(database)).toEqual({ deployments: 200, deployment_keys: 200, decisions: 0, events: 0, effects: 0, jira_tickets: 0, slack_messages: 0, projects: 8, environments: 3, setting_events: 11 });
    expect(await database.query(`SELECT 1 FROM deployments WHERE coalesce(retry_of, rollback_of, promoted_from) IS NOT NULL OR status = 'rolled_back'`)).toEqual([]);
  });

  it('is undone whole where it fails in the middle', async () => {
    const { test, database } = await migrated();
    await database.query(`ALTER TABLE slack_messages ADD CONSTRAINT none_from_november CHECK (posted_at < '2026-11-10')`);
    await expect(writeHistory(test.url, SETTINGS)).rejects.toThrow(/none_from_november/);
    expect(Object.values(await counts(database)).every((count) => count === 0)).toBe(true);
  });
});

const SEED = fileURLToPath(new URL('../dist/seed.js', import.meta.url));

async function seed(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const coverage = process.env['NODE_V8_COVERAGE'];
  const child = spawn(process.execPath, [SEED], { env: { PATH, HOME, ...(coverage === undefined ? {} : { NODE_V8_COVERAGE: coverage }), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) eachLine(stream, (line) => lines.push(line));
  const { code } = await exitOf(child);
  return { code, output: lines.join('\n') };
}

describe('make seed', () => {
  it('says what it wrote, and keeps away from production and from a database without its tables', async () => {
    const { test } = await migrated();
    const env = { DATABASE_URL: test.url, SEED_DEPLOYMENT_COUNT: '30', SEED_PROJECT_COUNT: '3' };
    expect(await seed({ ...env, NODE_ENV: 'production' })).toMatchObject({ code: 1, output: expect.stringContaining('CONFIRM=1') });
    expect(await seed(env)).toMatchObject({ code: 0, output: expect.stringMatching(/^Wrote 30 deployments of 3 projects, \d+ rows in all/) });
    expect(await seed({ ...env, NODE_ENV: 'production', CONFIRM: '1', SEED: '2' })).toMatchObject({ code: 0 });
    const empty = await emptyTestDatabase();
    onTestFinished(() => empty.drop());
    expect(await seed({ ...env, DATABASE_URL: empty.url })).toMatchObject({ code: 1, output: expect.stringContaining('make migrate-up') });
    expect(await seed({ ...env, SEED: 'x' })).toMatchObject({ code: 1, output: 'SEED must be a whole number from 0 to 4294967295, such as 1; it is "x".' });
  });
});
