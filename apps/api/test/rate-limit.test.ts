import { createRedis } from '@deptracker/resilience';
import { type RedisServer, spawnProcess, startRedis, testDatabase, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clickPayload } from './support/slack-stub.js';
import { type Answer, NO_REDIS, type TestApi, startTestApi, testEnv } from './support/start-test-api.js';

const KEY = 'deptracker:{limit}:client:127.0.0.1';
const DEPLOYMENT = { project: 'p', environment: 'e', version: 'v' };
/** A busy machine may well keep Redis' answer back for 20 ms, and then a replica rightly counts alone. */
const ON_A_BUSY_MACHINE = { retry: 5 };

let server: RedisServer;
let redis: ReturnType<typeof createRedis>;
const running: TestApi[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = createRedis(server.url, () => undefined);
  await waitFor(() => redis.status === 'ready');
});
beforeEach(async () => {
  await redis.flushall();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.stop()));
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** A replica that counts through Redis; `alone`: that has none. */
async function replica(env: Record<string, string>, alone = false): Promise<TestApi> {
  const api = await startTestApi({ REDIS_URL: alone ? NO_REDIS : server.url, ...env });
  running.push(api);
  if (!alone) await waitFor(async () => (await api.call('GET', '/health')).body.components.redis === 'up' || undefined);
  return api;
}

const statuses = (answers: readonly Answer[]): number[] => answers.map(({ status }) => status).sort();
const list = (api: TestApi, headers: Record<string, string> = {}) => api.call('GET', '/api/deployments', undefined, headers);
const times = <T>(count: number, ask: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, ask));

async function figure(api: TestApi, line: RegExp): Promise<number> {
  return Number(line.exec((await api.call('GET', '/metrics')).body as string)?.[1]);
}

describe('the limit per address', () => {
  it('is one for all replicas, lets a burst of its size through and nothing beyond', ON_A_BUSY_MACHINE, async () => {
    const [one, two] = await Promise.all([replica({ RATE_LIMIT_PER_IP: '4' }), replica({ RATE_LIMIT_PER_IP: '4' })]);
    const answers = (await Promise.all([times(4, () => list(one)), times(4, () => list(two))])).flat();
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 429, 429, 429, 429]);
    expect(await figure(two, /^rate_limit_alone (\d)/m)).toBe(0);
  });

  it('gives tokens back evenly', ON_A_BUSY_MACHINE, async () => {
    const api = await replica({ RATE_LIMIT_PER_IP: '2' });
    expect(statuses(await times(3, () => list(api)))).toEqual([200, 200, 429]);
    await redis.set(KEY, String(Number(await redis.get(KEY)) - 30_000_000), 'KEEPTTL');
    expect(statuses(await times(2, () => list(api)))).toEqual([200, 429]);
  });

  it('starts anew where Redis lost everything, its scripts included', ON_A_BUSY_MACHINE, async () => {
    const api = await replica({ RATE_LIMIT_PER_IP: '1' });
    expect(statuses(await times(2, () => list(api)))).toEqual([200, 429]);
    await redis.flushall();
    await redis.script('FLUSH');
    expect((await list(api)).status).toBe(200);
    expect((await list(api)).status).toBe(429);
  });

  it('tells with each answer how much is left, and refuses with a problem', ON_A_BUSY_MACHINE, async () => {
    const api = await replica({ RATE_LIMIT_PER_IP: '2' });
    const first = await list(api);
    expect(first.headers.get('ratelimit-policy')).toMatch(/^"client"; q=2; w=60; pk=:[A-Za-z0-9+/=]+:$/);
    expect(first.headers.get('ratelimit')).toMatch(/^"client"; r=1; t=(2\d|30)$/);
    expect((await list(api)).headers.get('ratelimit')).toMatch(/^"client"; r=0; t=(5\d|60)$/);
    const refused = await list(api, { 'x-request-id': 'too-much' });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(refused.headers.get('ratelimit')).toMatch(/^"client"; r=0; t=(2\d|30)$/);
    expect(refused.headers.get('retry-after')).toMatch(/^(2\d|30)$/);
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(refused.body).toEqual({
      type: '/problems/rate-limited',
      title: 'Too many requests came from this address',
      status: 429,
      detail: expect.stringMatching(/^One address may send 2 requests a minute; try again in (2\d|30) s\.$/) as string,
      instance: '/api/deployments',
      requestId: 'too-much',
    });
    expect(await figure(api, /^rate_limited_requests_total\{limit="client"\} (\d+)/m)).toBe(1);
  });

  it('holds for what does not exist, and neither for health, metrics nor signed webhooks', async () => {
    const api = await replica({ RATE_LIMIT_PER_IP: '1' }, true);
    const { id } = await api.create();
    expect((await api.call('GET', '/nothing')).status).toBe(429);
    for (const path of ['/health', '/health/live', '/health/ready', '/health/detailed', '/metrics']) {
      const answer = await api.call('GET', path);
      expect([path, answer.status, answer.headers.has('ratelimit')]).toEqual([path, 200, false]);
    }
    expect((await api.press(clickPayload({ deploymentId: id }))).status).toBe(200);
    expect((await api.press(clickPayload({ deploymentId: id }))).status).toBe(200);
    expect((await api.call('GET', '/api/slack/webhook')).status).toBe(429);
  });

  it('can be switched off', async () => {
    const api = await replica({ RATE_LIMIT_PER_IP: '0' }, true);
    const answer = await list(api);
    expect([answer.status, answer.headers.has('ratelimit')]).toEqual([200, false]);
  });
});

describe('limits of routes', () => {
  it('hold for their route at every spelling of its address, besides the limit per address', async () => {
    const rules = { RATE_LIMIT_PER_IP: '50', RATE_LIMIT_ROUTES: 'POST /api/deployments=2,GET /api/v1/deployments/:id=1' };
    const api = await replica(rules, true);
    const { id } = await api.create();
    const second = await api.call('POST', '/API/v1/Deployments/', DEPLOYMENT);
    expect(second.status).toBe(201);
    expect(second.headers.get('ratelimit')).toMatch(/^"client"; r=48; t=\d+, "POST \/api\/deployments"; r=0; t=(5\d|60)$/);
    expect(second.headers.get('ratelimit-policy')).toMatch(/^"client"; q=50; w=60; pk=:.+:, "POST \/api\/deployments"; q=2; w=60; pk=:.+:$/);
    const third = await api.call('POST', '/api/deployments', DEPLOYMENT);
    expect([third.status, third.body.detail]).toEqual([429, expect.stringContaining('2 requests a minute to POST /api/deployments; ') as string]);
    expect(third.headers.get('retry-after')).toMatch(/^(2\d|30)$/);
    expect((await list(api)).status).toBe(200);
    expect((await api.call('GET', `/api/deployments/${id}`)).status).toBe(200);
    expect((await api.call('HEAD', `/api/v1/deployments/${id.toUpperCase()}`)).status).toBe(429);
    expect((await api.call('OPTIONS', '/api/deployments')).headers.get('allow')).toBe('GET, POST, HEAD, OPTIONS');
    expect(await figure(api, /^http_requests_total\{method="POST",route="\/api\/deployments",status="429"\} (\d+)/m)).toBe(1);
  });

  it('can be given to a webhook', async () => {
    const api = await replica({ RATE_LIMIT_ROUTES: 'POST /api/slack/webhook=1' }, true);
    const { id } = await api.create();
    expect((await api.press(clickPayload({ deploymentId: id }))).status).toBe(200);
    expect((await api.press(clickPayload({ deploymentId: id }))).status).toBe(429);
  });

  it('for a route that there is not keep the process from starting, with what there is', async () => {
    const own = await testDatabase();
    const RATE_LIMIT_ROUTES = 'POST /api/deploymets=5,PATCH /api/deployments/:some=5,GET /api/deployments/:some=5';
    const app = await spawnProcess('api', { ...testEnv(own.url, 'http://127.0.0.1:1/api/'), RATE_LIMIT_ROUTES }, { waitReady: false });
    const { code } = await app.exited;
    await own.drop();
    expect([code, app.output().split('\n')]).toEqual([
      1,
      [
        'api: RATE_LIMIT_ROUTES names POST /api/deploymets, which is no route of the API: there is nothing at this path.',
        'api: RATE_LIMIT_ROUTES names PATCH /api/deployments/:some, which is no route of the API: this path takes GET, PUT.',
      ],
    ]);
  });
});

describe('the client address', () => {
  const from = (api: TestApi, forwarded: string) => list(api, { 'x-forwarded-for': forwarded });

  it('is that of the connection, whatever is forwarded, while no proxy is configured', async () => {
    const api = await replica({ RATE_LIMIT_PER_IP: '1' }, true);
    expect(statuses(await Promise.all([from(api, '192.0.2.1'), from(api, '192.0.2.2')]))).toEqual([200, 429]);
  });

  it.each([
    ['1', '192.0.2.1', '192.0.2.2', 'another address'],
    ['1', '192.0.2.1', '198.51.100.9, 192.0.2.2', 'another last address'],
    ['2', '192.0.2.1, 10.0.0.1', '192.0.2.2, 10.0.0.1', 'another address before the last'],
    ['1', '2001:db8:0:1::1', '2001:db8:0:2::1', 'another /64'],
  ])('with %s proxies in front: %s and %s are two clients (%s)', async (hops, first, second) => {
    const api = await replica({ RATE_LIMIT_PER_IP: '1', TRUST_PROXY_HOPS: hops }, true);
    expect((await from(api, first)).status).toBe(200);
    expect((await from(api, second)).status).toBe(200);
  });

  it.each([
    ['1', '192.0.2.1', '198.51.100.9, 192.0.2.1', 'what the client claims does not count'],
    ['2', '192.0.2.1, 10.0.0.1', '203.0.113.5, 192.0.2.1, 10.0.0.2', 'what the client claims does not count'],
    ['1', '192.0.2.1:1234', '192.0.2.1:5678', 'the port does not count'],
    ['1', '[2001:db8::1]:1234', '2001:db8::2', 'neither does it in IPv6'],
    ['1', '2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff', 'one /64'],
    ['1', '192.0.2.1', '::ffff:192.0.2.1', 'IPv4 in IPv6'],
    ['1', 'unknown', '_hidden', 'what is no address is the proxy'],
  ])('with %s proxies in front: %s and %s are one client (%s)', async (hops, first, second) => {
    const api = await replica({ RATE_LIMIT_PER_IP: '1', TRUST_PROXY_HOPS: hops }, true);
    expect((await from(api, first)).status).toBe(200);
    expect((await from(api, second)).status).toBe(429);
  });
});

describe('while Redis is away', () => {
  afterEach(() => server.resume());

  it('a stopped Redis makes nobody wait, and each replica keeps to the limit on its own', ON_A_BUSY_MACHINE, async () => {
    const api = await replica({ RATE_LIMIT_PER_IP: '5' });
    expect((await list(api)).status).toBe(200);
    await server.pause();
    const began = performance.now();
    const first = await api.call('POST', '/api/deployments', DEPLOYMENT);
    // 20 ms for Redis, and a create on a busy machine; every time-out of the connection itself is longer.
    expect([first.status, performance.now() - began < 400]).toEqual([201, true]);
    const rest = await times(6, () => api.call('POST', '/api/deployments', DEPLOYMENT));
    expect(statuses(rest)).toEqual([201, 201, 201, 429, 429, 429]);
    expect(await figure(api, /^rate_limit_alone (\d)/m)).toBe(1);
  });

  it('a replica that never had one limits as well', async () => {
    const api = await replica({ RATE_LIMIT_PER_IP: '3' }, true);
    expect(statuses(await times(5, () => list(api)))).toEqual([200, 200, 200, 429, 429]);
  });
});
