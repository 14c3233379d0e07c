import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const all = Array.from({ length: 30 }, (_, index) => ({
    project: index % 2 === 0 ? 'billing' : 'user-service',
    environment: index % 3 === 0 ? 'staging' : 'production',
    version: `1.${index}.0`,
    ref: `refs/heads/b${index}`,
    externalId: `run_${index}`,
    ...(index % 5 === 0 ? { requestedBy: 'rita@example.com' } : {}),
  }));
  // At once, so that many share a statement and thus their time of creation.
  await Promise.all(all.map((fields) => api.create(fields)));
  await api.create({ project: 'zero', version: '100%_\\' });
});
afterAll(() => api.stop());

const list = (query: Record<string, string>) => api.call('GET', `/api/deployments?${new URLSearchParams(query).toString()}`);
const ids = (data: { id: string }[]): string[] => data.map(({ id }) => id);

async function walk(query: Record<string, string>, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const { body }: { body: { data: { id: string }[]; nextCursor: string | null } } = await list({
      ...query,
      limit: String(limit),
      ...(cursor === null ? {} : { cursor }),
    });
    expect(body.data.length).toBeLessThanOrEqual(limit);
    seen.push(...ids(body.data));
    cursor = body.nextCursor;
  } while (cursor !== null);
  return seen;
}

describe('paging', () => {
  it('shows each deployment once, newest first, whatever the size of the pages', async () => {
    const whole = (await list({ limit: '200' })).body;
    expect(whole.nextCursor).toBeNull();
    expect(whole.data).toHaveLength(31);
    const times = whole.data.map(({ createdAt }: { createdAt: string }) => createdAt);
    expect(times).toEqual([...times].sort().reverse());
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (limit) => {
        expect(await walk({}, limit)).toEqual(ids(whole.data));
      }),
      { numRuns: 8 },
    );
  });

  it('keeps to its filter and does not move when something new comes in between', async () => {
    const before = await walk({ project: 'billing' }, 50);
    const first = (await list({ project: 'billing', limit: '4' })).body;
    await api.create({ project: 'billing', version: 'new' });
    const rest = (await list({ project: 'billing', limit: '200', cursor: first.nextCursor })).body;
    expect([...ids(first.data), ...ids(rest.data)]).toEqual(before);
  });

  it('gives 50 where no limit is given', async () => {
    await Promise.all(Array.from({ length: 25 }, () => api.create({ project: 'many', version: 'm' })));
    expect((await list({})).body.data).toHaveLength(50);
  });
});

describe('filters', () => {
  it('must all hold', async () => {
    const { body } = await list({ project: 'billing', environment: 'staging', requestedBy: 'RITA@example.com', status: 'pending', approval: 'pending' });
    expect(body.data.length).toBeGreaterThan(0);
    for (const one of body.data) {
      expect(one).toMatchObject({ project: 'billing', environment: 'staging', requestedBy: 'rita@example.com', status: 'pending' });
    }
    expect((await list({ status: 'succeeded' })).body.data).toEqual([]);
  });

  it.each([
    ['user-s', 15], ['1.2', 11], ['refs/heads/b29', 1], ['run_1', 11], ['run%', 0], ['100%_\\', 1], ['User', 0],
  ])('finds by the prefix %s', async (q, count) => {
    expect((await list({ q, limit: '200' })).body.data).toHaveLength(count);
  });

  it('take from as inclusive and to as exclusive', async () => {
    const one = await api.create({ project: 'timed' });
    const { created } = (await api.database.query<{ created: Date }>('SELECT date_trunc($2, created_at) AS created FROM deployments WHERE id = $1', [one.id, 'milliseconds']))[0] ?? { created: new Date() };
    const next = new Date(created.getTime() + 1).toISOString();
    expect((await list({ project: 'timed', from: created.toISOString(), to: next })).body.data).toHaveLength(1);
    expect((await list({ project: 'timed', to: created.toISOString() })).body.data).toHaveLength(0);
    expect((await list({ project: 'timed', from: next })).body.data).toHaveLength(0);
    expect((await list({ project: 'timed', from: '2020-01-01', to: '2999-01-01T00:00:00+02:00' })).body.data).toHaveLength(1);
  });

  it('show tickets and messages with each deployment', async () => {
    const { id } = await api.create({ project: 'shown' });
    await api.database.query(
      `INSERT INTO slack_messages (effect_id, deployment_id, kind, channel_id, ts) VALUES ($1, $1, 'slack.approval', 'C1', '1.5')`,
      [id],
    );
    expect((await list({ project: 'shown' })).body.data[0].messages).toEqual([{ kind: 'slack.approval', channelId: 'C1', ts: '1.5' }]);
  });
});

describe('a wrong query', () => {
  const cursor = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString('base64url');
  it.each([
    ['limit=0', 'limit'], ['limit=201', 'limit'], ['limit=1e1', 'limit'], ['limit=', 'limit'], ['limit=5&limit=6', 'limit'],
    ['colour=red', 'colour'], ['status=done', 'status'], ['status=failed&status=failed', 'status'], ['approval=x', 'approval'],
    ['project=', 'project'], ['project=a&project=b', 'project'], ['project=%00', 'project'], ['q=%20', 'q'],
    ['from=yesterday', 'from'], ['from=2026-02-30', 'from'], ['from=2026-01-01T10:00:00', 'from'], ['from=2026-02-01&to=2026-01-01', 'to'],
    ['cursor=abc', 'cursor'], ['cursor=', 'cursor'], [`cursor=${cursor(['0000-01-01T00:00:00.000000Z', '01890000-0000-7000-8000-000000000000'])}`, 'cursor'],
    [`cursor=${cursor(['2026-02-30T00:00:00.000000Z', '01890000-0000-7000-8000-000000000000'])}`, 'cursor'],
    [`cursor=${cursor(['2026-02-03T00:00:00.000000Z', 'x'])}`, 'cursor'], [`cursor=${cursor({})}`, 'cursor'], [`cursor=${cursor([1, 2])}`, 'cursor'],
  ])('%s is refused with the name of the parameter', async (query, parameter) => {
    const { status, body } = await api.call('GET', `/api/deployments?${query}`);
    expect([status, body.type]).toEqual([400, '/problems/invalid-request']);
    expect(body.errors.map((error: { parameter: string }) => error.parameter)).toEqual([parameter]);
    expect(body.errors[0].message).toContain(parameter);
  });

  it('of the events is refused too', async () => {
    const { id } = await api.create();
    for (const query of ['limit=0', 'cursor=x', `cursor=${cursor([-1])}`, `cursor=${cursor([1e12])}`, 'page=2']) {
      expect((await api.call('GET', `/api/deployments/${id}/events?${query}`)).status).toBe(400);
    }
  });
});
