import { type TcpProxy, type TestDatabase, startTcpProxy, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadApiConfig } from '../dist/api-config.js';
import { startApi } from '../dist/compose.js';
import { type Answer, type TestApi, caller, startTestApi, testEnv } from './support/start-test-api.js';

/** What is promised. */
const IN_FORCE_MS = 5_000;

let own: TestDatabase;
let api: TestApi;
let first: TestApi['call'];
let second: TestApi['call'];
let stopSecond: () => Promise<void>;

beforeAll(async () => {
  api = await startTestApi({}, (database) => {
    own = database;
    return database.url;
  });
  const started = await startApi(loadApiConfig(testEnv(own.url, api.slack.url)));
  first = caller(api.url);
  second = caller(`http://127.0.0.1:${started.port}`);
  // Only then do notices arrive.
  for (const call of [first, second]) await waitFor(async () => /^changes_connected(\{.*\})? 1$/m.test((await call('GET', '/metrics')).body));
  stopSecond = async () => {
    for (const step of started.steps) await step.run();
  };
});
afterAll(async () => {
  await stopSecond();
  await api.stop();
});
afterEach(async () => {
  await first('DELETE', '/api/configurations/approvals.required');
});

const post = (call: TestApi['call']): Promise<Answer> => call('POST', '/api/deployments', { project: 'p', environment: 'e', version: '1' });
const requiredAt = async (call: TestApi['call']): Promise<number> => (await post(call)).body.approval.required;
const channelAt = async (call: TestApi['call']): Promise<string> => (await call('GET', '/api/channel-mappings/resolve?project=p&environment=e')).body.channelId;

/** Resolves when it holds at the second replica; fails when that takes longer than is promised. */
const holds = (probe: () => Promise<boolean>): Promise<true> => waitFor(probe, { timeoutMs: IN_FORCE_MS, intervalMs: 50, what: 'the change in the other replica' });

describe('a change at one replica', () => {
  it('holds at once where it was made, and soon at the other', async () => {
    expect([await requiredAt(second), await channelAt(second)]).toEqual([1, 'C0DEPLOYS']);
    await first('PUT', '/api/configurations/approvals.required', { value: 2 });
    expect(await requiredAt(first)).toBe(2);
    await holds(async () => (await requiredAt(second)) === 2);
    const { body } = await first('POST', '/api/channel-mappings', { project: 'p', environment: '*', channelId: 'C0MAPPED' });
    expect(await channelAt(first)).toBe('C0MAPPED');
    await holds(async () => (await channelAt(second)) === 'C0MAPPED');
    await second('DELETE', `/api/channel-mappings/${body.id}`);
    await holds(async () => (await channelAt(first)) === 'C0DEPLOYS');
  });

  it('holds everywhere in time also where no notice comes', async () => {
    await Promise.all([requiredAt(first), requiredAt(second), channelAt(second)]);
    // Nobody announces these.
    await api.database.query(
      `INSERT INTO configurations (key, revision, value) VALUES ('approvals.required', 100, '3')
       ON CONFLICT (key) DO UPDATE SET revision = 100, value = excluded.value`,
    );
    await api.database.query(`INSERT INTO channel_mappings (id, project, environment, channel_id) VALUES (gen_random_uuid(), 'p', 'e', 'C0SILENT')`);
    await Promise.all([
      holds(async () => (await requiredAt(second)) === 3),
      holds(async () => (await requiredAt(first)) === 3),
      holds(async () => (await channelAt(second)) === 'C0SILENT'),
    ]);
  });
});

describe('while the database is away', () => {
  let proxy: TcpProxy;
  let behind: TestApi;
  let call: TestApi['call'];
  beforeAll(async () => {
    behind = await startTestApi({}, async ({ url }) => {
      proxy = await startTcpProxy({ to: url });
      return proxy.url;
    });
    call = caller(behind.url);
  });
  afterAll(async () => {
    await behind.stop();
    await proxy.stop();
  });

  it('everything that needs the settings is unavailable, and none of it a fault, until it is back', async () => {
    expect((await post(call)).status).toBe(201);
    proxy.reset();
    const asked: readonly [string, string, object?][] = [
      ['POST', '/api/deployments', { project: 'p', environment: 'e', version: '1' }],
      ['GET', '/api/configurations'],
      ['GET', '/api/configurations/slack.channel'],
      ['PUT', '/api/configurations/slack.channel', { value: 'C0NEW' }],
      ['DELETE', '/api/configurations/slack.channel'],
      ['GET', '/api/channel-mappings'],
      ['POST', '/api/channel-mappings', { project: 'p', environment: 'e', channelId: 'C0P' }],
      ['GET', '/api/channel-mappings/resolve?project=p&environment=e'],
      ['GET', '/api/events'],
    ];
    for (const [method, path, body] of asked) {
      const answer = await call(method, path, body);
      expect([method, path, answer.status, answer.headers.get('retry-after')]).toEqual([method, path, 503, '2']);
    }
    proxy.pass();
    await waitFor(async () => (await post(call)).status === 201);
    expect((await call('GET', '/api/configurations/slack.channel')).body).toMatchObject({ value: 'C0DEPLOYS', revision: 0 });
    expect((await call('GET', '/api/channel-mappings')).body.data).toEqual([]);
  });
});
