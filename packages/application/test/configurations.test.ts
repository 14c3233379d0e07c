import {
  createChannelMapping,
  createChannelMappings,
  createConfigurations,
  deleteChannelMapping,
  noticeDelayOf,
  resetConfiguration,
  setConfiguration,
  updateDeployment,
} from '@deptracker/application';
import { type ChangeFeed, type Database, createChangeFeed, createDatabase, listSettingEvents } from '@deptracker/store';
import { type TcpProxy, type TestDatabase, startTcpProxy, testDatabase, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Deployer, open } from './support/deployer.js';

/** So long that a change which is seen was heard of. */
const NEVER_MS = 3_600_000;
const BY = { actor: 'alice@example.com', requestId: 'request-1', expectedRevision: null };
const RESET = { ...BY, default: 1 };
const DEFAULTS = { 'approvals.required': 1, 'slack.channel': 'C0DEPLOYS' } as const;

let test: TestDatabase;
let database: Database;
let changes: ChangeFeed;
const warnings: object[] = [];
const logger = { warn: (_message: string, fields: object) => void warnings.push(fields) };

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
  changes = createChangeFeed({ url: test.url, name: 'test-changes' });
  await waitFor(() => changes.connected());
});
afterAll(async () => {
  await changes.close();
  await database.close();
  await test.drop();
});
afterEach(async () => {
  warnings.length = 0;
  await database.query('TRUNCATE configurations, channel_mappings, setting_events');
});

const count = async (): Promise<number> => (await listSettingEvents(database, {}, { after: null, limit: 100 })).events.length;

describe('configurations', () => {
  it('are heard of when another process sets them, and taken back', async () => {
    const here = createConfigurations({ database, defaults: DEFAULTS, maxAgeMs: NEVER_MS, changes, logger });
    expect(await here.get()).toEqual(DEFAULTS);
    await setConfiguration(database, 'approvals.required', 2, BY);
    await waitFor(async () => (await here.get())['approvals.required'] === 2);
    await resetConfiguration(database, 'approvals.required', RESET);
    await waitFor(async () => (await here.get())['approvals.required'] === 1);
  });

  it('are found by age where nobody tells of them, and not before', async () => {
    const polling = createConfigurations({ database, defaults: DEFAULTS, maxAgeMs: 200, logger });
    const deaf = createConfigurations({ database, defaults: DEFAULTS, maxAgeMs: NEVER_MS, logger });
    await Promise.all([polling.get(), deaf.get()]);
    await setConfiguration(database, 'slack.channel', 'C0NEW', BY);
    await waitFor(async () => (await polling.get())['slack.channel'] === 'C0NEW');
    expect((await deaf.get())['slack.channel']).toBe('C0DEPLOYS');
  });

  it('are those that this process reads, whatever else is set', async () => {
    const here = createConfigurations({ database, defaults: DEFAULTS, maxAgeMs: 0, logger });
    await setConfiguration(database, 'approvals.ttl', 60, BY);
    expect(await here.get()).toEqual(DEFAULTS);
    expect(warnings).toEqual([]);
  });

  it('that another version has stored are told of once, and do nothing', async () => {
    const here = createConfigurations({ database, defaults: DEFAULTS, maxAgeMs: 0, logger });
    await database.query(`INSERT INTO configurations (key, revision, value) VALUES ('approvals.required', 4, '"all"'), ('gone.key', 2, '1'), ('slack.channel', 1, '"C0NEW"')`);
    for (let round = 0; round < 3; round += 1) expect(await here.get()).toEqual({ 'approvals.required': 1, 'slack.channel': 'C0NEW' });
    expect(warnings).toEqual([
      { key: 'approvals.required', revision: 4, reason: 'this version takes a whole number from 0 to 20' },
      { key: 'gone.key', revision: 2, reason: 'there is no such key in this version' },
    ]);
    await database.query(`UPDATE configurations SET revision = 5 WHERE key = 'approvals.required'`);
    await here.get();
    expect(warnings).toHaveLength(3);
  });

  it('count every change once, however many come at once', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, (_, index) => setConfiguration(database, 'approvals.ttl', 60 + (index % 5), BY)));
    expect(Math.max(...all.map(({ revision }) => revision))).toBe(await count());
    const { events } = await listSettingEvents(database, { subjectId: 'approvals.ttl' }, { after: null, limit: 100 });
    expect(new Set(events.map(({ revision }) => revision)).size).toBe(events.length);
  });

  it('are asked for before the transaction of a change, which may hold the last connection', async () => {
    const id = await new Deployer(database, { policy: { approvalsRequired: 0 } }).create();
    const single = createDatabase({ url: test.url, maxConnections: 1, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
    try {
      const configurations = createConfigurations({ database: single, defaults: { 'slack.digest-window': 42 }, maxAgeMs: 0, logger });
      const change = { database: single, noticeDelayMs: noticeDelayOf(configurations), queueMs: () => ({ jira: 0, slack: 0 }) };
      await updateDeployment(change, { id, status: 'in_progress', edit: {}, actor: null }, { requestId: null, expectedRevision: null });
    } finally {
      await single.close();
    }
    const [notice] = await database.query(`SELECT extract(epoch FROM next_attempt_at - created_at)::int AS s FROM effects WHERE deployment_id = $1 AND event_revision = 2 AND kind = 'slack.notice'`, [id]);
    expect(notice).toEqual({ s: 42 });
  });

  it('are as they were, with no event, where the change is refused', async () => {
    await expect(setConfiguration(database, 'approvals.ttl', 60, { ...BY, expectedRevision: 3 })).rejects.toMatchObject({ refusal: { code: 'revision_mismatch', current: 0 } });
    await expect(setConfiguration(database, 'approvals.ttl', 0, BY)).rejects.toMatchObject({ refusal: { code: 'value_not_allowed' } });
    await resetConfiguration(database, 'approvals.ttl', RESET);
    expect(await count()).toBe(0);
    expect((await setConfiguration(database, 'approvals.ttl', 60, { ...BY, expectedRevision: 0 })).revision).toBe(1);
  });
});

describe('channel mappings', () => {
  const make = (project: string, most?: number) =>
    database.transaction((uow) => createChannelMapping(uow, { project, environment: '*', channelId: 'C0A' }, BY, most));

  it('are heard of when another process makes and deletes them, the most specific first', async () => {
    const here = createChannelMappings({ database, maxAgeMs: NEVER_MS, changes });
    expect(await here.get()).toEqual([]);
    await make('*');
    const { id } = await make('a');
    await waitFor(async () => (await here.get()).map(({ project }) => project).join(' ') === 'a *');
    await deleteChannelMapping(database, id, BY);
    await waitFor(async () => (await here.get()).map(({ project }) => project).join(' ') === '*');
  });

  it('never become too many, however many are made at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => make(`p${index}`, 5)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { refusal: { code: 'too_many_channel_mappings', most: 5 } } });
    expect(await count()).toBe(5);
  });
});

describe('while the database is away', () => {
  it('configurations are as old as they may be, then unavailable, and back with it', async () => {
    const proxy: TcpProxy = await startTcpProxy({ to: test.url });
    const behind = open(proxy.url);
    try {
      const brief = createConfigurations({ database: behind, defaults: DEFAULTS, maxAgeMs: 100, logger });
      const kept = createConfigurations({ database: behind, defaults: DEFAULTS, maxAgeMs: NEVER_MS, logger });
      await Promise.all([brief.get(), kept.get()]);
      proxy.reset();
      expect(await kept.get()).toEqual(DEFAULTS);
      await waitFor(() => brief.get().then(() => false, (error: unknown) => (error as Error).name === 'UnavailableError'));
      await setConfiguration(database, 'approvals.required', 3, BY);
      proxy.pass();
      expect((await waitFor(() => brief.get()))['approvals.required']).toBe(3);
    } finally {
      await behind.close();
      await proxy.stop();
    }
  });
});
