import { countRollups, markRollups, readFreshness } from '@deptracker/store';
import { waitFor } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const put = (id: string, body: object, what = '') => api.call('PUT', `/api/deployments/${id}${what}`, body);

/** One that people approved and that then went so. */
async function ended(project: string, status: string): Promise<void> {
  const { id } = await api.create({ project });
  await put(id, { decision: 'approve', approver: 'bob@example.com' }, '/approval');
  await put(id, { status: 'in_progress' });
  // Long enough ago to be told from the others.
  await api.database.query(`UPDATE deployments SET started_at = started_at - interval '100 seconds', created_at = created_at - interval '10 seconds' WHERE id = $1`, [id]);
  await put(id, { status });
}

/** As metrics-cron does, without its margin. */
async function counted(): Promise<void> {
  const [clock] = await api.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  await waitFor(async () => {
    await markRollups(api.database, 0);
    await markRollups(api.database, 0);
    await api.database.transaction((uow) => countRollups(uow, 86_400));
    const { freshAsOf } = await readFreshness(api.database);
    return freshAsOf !== null && freshAsOf > (clock?.now ?? new Date());
  });
}

const stats = async (query = ''): Promise<Body> => (await api.call('GET', `/api/stats${query}`)).body;

describe('stats', () => {
  it('are zeros and nulls where nothing happened or is counted', async () => {
    const { totals, series, freshAsOf } = await stats();
    expect(freshAsOf).toBeNull();
    expect(series).toHaveLength(30);
    expect(totals).toMatchObject({ created: 0, succeeded: 0, successRate: null, changeFailureRate: null, deploymentsPerDay: null, approvalWait: { samples: 0, average: null, p50: null, p95: null } });
  });

  it('tell counts, rates and latencies, of all and of one project', async () => {
    for (const status of ['succeeded', 'succeeded', 'succeeded', 'failed']) await ended('figures', status);
    await api.create({ project: 'others' });
    await counted();
    const { totals, series, freshAsOf, from, to } = await stats('?project=figures&interval=hour');
    expect(totals).toMatchObject({ created: 4, approved: 4, started: 4, succeeded: 3, failed: 1, successRate: 0.75, changeFailureRate: 0.25 });
    expect(totals.rolloutDuration.samples).toBe(4);
    expect(totals.rolloutDuration.p50 / 100).toBeCloseTo(1, 0);
    expect(totals.rolloutDuration.average).toBeGreaterThan(100);
    expect(totals.deploymentsPerDay).toBeGreaterThan(2.9);
    expect(series).toHaveLength(24);
    expect([series[0].at, new Date(to).getTime() - new Date(from).getTime()]).toEqual([from, 86_400_000]);
    expect(series.reduce((sum: number, point: Body) => sum + point.succeeded, 0)).toBe(3);
    expect(new Date(freshAsOf).getTime()).toBeGreaterThan(new Date(from).getTime());
    expect((await stats()).totals).toMatchObject({ created: 5, succeeded: 3 });
    expect((await stats('?environment=production')).totals.created).toBe(5);
    expect((await stats('?environment=elsewhere&project=figures')).totals.created).toBe(0);
  });

  it('answer for whole hours and days, and only for so many', async () => {
    expect(await stats('?from=2026-01-01T10:20:00Z&to=2026-01-02T00:00:01Z')).toMatchObject({ from: '2026-01-01T00:00:00.000Z', to: '2026-01-03T00:00:00.000Z' });
    expect((await stats('?from=2026-01-01&to=2026-02-01&interval=hour')).series).toHaveLength(744);
    expect((await stats('?from=2025-01-01&to=2026-02-05')).series).toHaveLength(400);
    for (const wrong of ['from=2026-01-01&to=2026-02-02&interval=hour', 'from=2025-01-01&to=2026-02-06', 'from=2026-01-02&to=2026-01-02', 'from=2999-01-01', 'interval=week', 'from=x', 'to=0000-01-01', 'to=0001-01-01', 'from=9999-12-31&to=9999-12-31T23:30:00Z', 'to=9999-12-31T23:59:59-23:59']) {
      const { status, body } = await api.call('GET', `/api/stats?${wrong}`);
      expect([wrong, status, body.errors.length > 0]).toEqual([wrong, 400, true]);
    }
    expect((await api.call('GET', '/api/stats?from=2026-01-01&to=2026-02-02&interval=hour')).body.errors).toEqual([
      { parameter: 'from', message: 'by the hour at most 31 days can be asked for; ask for days, or for less' },
    ]);
  });
});

describe('what runs where', () => {
  it('is the version of each project that succeeded last in an environment', async () => {
    await ended('running-a', 'succeeded');
    await ended('running-b', 'failed');
    const { body } = await api.call('GET', '/api/stats/environments?environment=production');
    const mine = body.projects.filter(({ project }: Body) => project.startsWith('running-'));
    expect(mine).toMatchObject([{ project: 'running-a', version: '1.2.3' }]);
    expect(body.total).toBe(body.projects.length);
    expect((await api.call('GET', '/api/stats/environments')).status).toBe(400);
  });
});

describe('what is owed now', () => {
  it('is told per target', async () => {
    const { targets } = (await api.call('GET', '/api/stats/queue')).body;
    expect(targets.map(({ target }: Body) => target)).toEqual(['jira', 'slack']);
    const { due } = targets[0];
    const { id } = await api.create();
    await api.database.query(`UPDATE effects SET phase = 'held', next_attempt_at = NULL WHERE deployment_id = $1 AND kind = 'slack.approval'`, [id]);
    const after = (await api.call('GET', '/api/stats/queue')).body.targets;
    expect(after[0].due).toBe(due + 1);
    expect(after[1].held).toBe(1);
  });
});
