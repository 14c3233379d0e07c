import { type RedisServer, type TestDatabase, startRedis, waitFor } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadApiConfig } from '../dist/api-config.js';
import { startApi } from '../dist/compose.js';
import { type Answer, type TestApi, caller, startTestApi, testEnv } from './support/start-test-api.js';

let redis: RedisServer;
let own: TestDatabase;
let api: TestApi;
let first: TestApi['call'];
let second: TestApi['call'];
let stopSecond: () => Promise<void>;

beforeAll(async () => {
  redis = await startRedis();
  const overrides = { REDIS_URL: redis.url };
  api = await startTestApi(overrides, (database) => {
    own = database;
    return database.url;
  });
  const started = await startApi(loadApiConfig({ ...testEnv(own.url, api.slack.url), ...overrides }));
  first = caller(api.url);
  second = caller(`http://127.0.0.1:${started.port}`);
  stopSecond = async () => {
    for (const step of started.steps) await step.run();
  };
});
afterAll(async () => {
  await stopSecond();
  await api.stop();
  await redis.stop();
});

const list = (call: TestApi['call'], query: string, headers?: Record<string, string>): Promise<Answer> =>
  call('GET', `/api/deployments?${query}`, undefined, headers);
const versions = ({ body }: Answer): string[] => body.data.map(({ version }: { version: string }) => version);
const counted = async (call: TestApi['call'], level: string, result: string): Promise<number> => {
  const { body } = await call('GET', '/metrics');
  return Number(new RegExp(`^cache_requests_total\\{cache="deployments",level="${level}",result="${result}"\\} (\\d+)`, 'm').exec(body)?.[1] ?? 0);
};

describe('the first page of a list', () => {
  it('shows at once what was created and changed through the same process', async () => {
    for (let round = 0; round < 5; round += 1) {
      const project = `own-${round}`;
      expect(versions(await list(first, `project=${project}`))).toEqual([]);
      const { id } = await api.create({ project, version: '1' });
      await api.create({ project, version: '2' });
      expect(versions(await list(first, `project=${project}`))).toEqual(['2', '1']);
      await first('PUT', `/api/deployments/${id}`, { description: 'changed' });
      expect((await list(first, `project=${project}`)).body.data[1].description).toBe('changed');
    }
  });

  it('shows at once what was answered again through the same process, though it came through one that it does not hear', async () => {
    for (let round = 0; round < 5; round += 1) {
      const project = `again-${round}`;
      await list(second, `project=${project}`);
      await api.database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'api-changes'`);
      await list(second, `project=${project}`);
      const order = ['POST', '/api/deployments', { project, environment: 'production', version: '1' }, { 'Idempotency-Key': project }] as const;
      await first(...order);
      const repeated = await second(...order);
      expect([repeated.status, repeated.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
      expect(versions(await list(second, `project=${project}`))).toEqual(['1']);
    }
  });

  it('shows soon what came through another process', async () => {
    expect(versions(await list(second, 'project=elsewhere'))).toEqual([]);
    await api.create({ project: 'elsewhere', version: '1' });
    await waitFor(async () => versions(await list(second, 'project=elsewhere')).length === 1, { timeoutMs: 5_000 });
  });

  it('shows what nobody announces once the page is too old', async () => {
    const { id } = await api.create({ project: 'silent' });
    await list(first, 'project=silent');
    await api.database.query(`UPDATE deployments SET description = 'by hand' WHERE id = $1`, [id]);
    await waitFor(async () => (await list(first, 'project=silent')).body.data[0].description === 'by hand', { timeoutMs: 5_000 });
  });

  it('is 304 to who knows it, whatever the order of the parameters, and 200 again once something in it changed', async () => {
    await api.create({ project: 'tagged', version: '1' });
    const page = await list(first, 'project=tagged&limit=5');
    const known = { 'If-None-Match': page.headers.get('etag') ?? '' };
    expect(known['If-None-Match']).toMatch(/^"[\w-]{12}"$/);
    expect((await list(first, 'limit=5&project=tagged', known)).status).toBe(304);
    expect((await list(second, 'project=tagged&limit=5', known)).status).toBe(304);
    await api.create({ project: 'tagged', version: '2' });
    expect(versions(await list(first, 'project=tagged&limit=5', known))).toEqual(['2', '1']);
  });

  it('is another one for each question, and later pages are tagged, too', async () => {
    for (const version of ['1', '2', '3']) await api.create({ project: 'paged', version });
    const pages = await Promise.all(['1', '2', '2'].map((limit) => list(first, `project=paged&limit=${limit}`)));
    expect(pages.map(versions)).toEqual([['3'], ['3', '2'], ['3', '2']]);
    const cursor = `project=paged&limit=2&cursor=${String(pages[1]?.body.nextCursor)}`;
    const next = await list(first, cursor);
    expect(versions(next)).toEqual(['1']);
    expect((await list(first, cursor, { 'If-None-Match': next.headers.get('etag') ?? '' })).status).toBe(304);
  });

  it('is read once for the fleet while nothing changes, and counted', async () => {
    await api.create({ project: 'shared', version: '1' });
    await waitFor(
      async () => {
        await list(first, 'project=shared');
        await list(second, 'project=shared');
        return (await counted(second, 'redis', 'hit')) > 0 && (await counted(first, 'process', 'hit')) > 0;
      },
      { timeoutMs: 10_000 },
    );
    expect((await first('GET', '/metrics')).body).toMatch(/^cache_age_seconds_count\{cache="deployments"\} [1-9]/m);
  });
});

describe('a query that comes again', () => {
  it('is judged as the first time', async () => {
    for (const query of ['limit=0', 'limit=2&limit=3', 'nope=1', '__proto__=1']) {
      const answers = [await list(first, query), await list(first, query)];
      expect(answers.map(({ status }) => status)).toEqual([400, 400]);
      expect(answers[1]?.body.errors).toEqual(answers[0]?.body.errors);
    }
    const page = '/api/deployments?project=paged&from=2020-01-01&limit=1';
    const [one, other] = [await first('GET', page), await first('GET', page)];
    expect(one.body).toEqual(other.body);
    expect(one.body.data).toHaveLength(1);
  });
});
