import { claimEffect } from '@deptracker/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Body, type TestApi, startTestApi } from './support/start-test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const ANN = { 'x-actor': 'Ann@Example.com' };

/** The job of a new deployment's ticket. */
async function aJob(how = 'updated_at = now()'): Promise<Body> {
  const { id } = await api.create();
  const { body } = await api.call('GET', `/api/jobs?deployment=${id}&kind=jira.ticket`);
  await api.database.query(`UPDATE effects SET ${how} WHERE id = $1`, [body.data[0].id]);
  return (await api.call('GET', `/api/jobs/${body.data[0].id}`)).body;
}

const HELD = `phase = 'held', sends = 2, attempts = 1, next_attempt_at = NULL, sent_at = now(), failing_since = now(), last_error = 'nothing found'`;
const DEAD = `phase = 'dead', attempts = 3, next_attempt_at = NULL, failing_since = now(), last_error = 'jira: createIssue: 400'`;
const act = (id: string, what: string, body: object = {}) => api.call('POST', `/api/jobs/${id}/${what}`, body, ANN);

describe('jobs', () => {
  it('are listed while they are not done, with filters and page by page', async () => {
    const { id } = await api.create({ project: 'listed' });
    const { body } = await api.call('GET', `/api/jobs?deployment=${id}`);
    expect(body.data.map((job: Body) => [job.kind, job.target, job.priority, job.state])).toEqual([
      ['jira.ticket', 'jira', 'default', 'due'],
      ['slack.approval', 'slack', 'critical', 'due'],
    ]);
    const first = await api.call('GET', `/api/jobs?deployment=${id}&limit=1`);
    const second = await api.call('GET', `/api/jobs?deployment=${id}&limit=1&cursor=${first.body.nextCursor}`);
    expect([...first.body.data, ...second.body.data]).toEqual(body.data);
    expect(second.body.nextCursor).toBeNull();
    expect((await api.call('GET', `/api/jobs?deployment=${id}&priority=critical`)).body.data).toHaveLength(1);
    expect((await api.call('GET', `/api/jobs?deployment=${id}&state=dead`)).body.data).toEqual([]);
    for (const wrong of ['state=done', 'priority=urgent', 'kind=x', 'cursor=x', 'limit=201', 'deployment=x', 'what=1']) {
      expect((await api.call('GET', `/api/jobs?${wrong}`)).status).toBe(400);
    }
    expect((await api.call('GET', '/api/jobs/01a1f9c1-2b60-7a41-8d7e-53f2c1b7a9d4')).body.type).toBe('/problems/job-not-found');
    expect((await api.call('GET', '/api/jobs/nonsense')).status).toBe(404);
  });

  it('that are dead are replayed: due at once, with the history of it, once however often it is asked for', async () => {
    const job = await aJob(DEAD);
    expect(job).toMatchObject({ state: 'dead', history: [] });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => act(job.id, 'replay', { reason: 'the bot is back' })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const { body } = await api.call('GET', `/api/jobs/${job.id}`);
    expect(body).toMatchObject({ state: 'due', phase: 'unsent', attempts: 0, failingSince: null });
    expect(body.history).toMatchObject([{ action: 'replayed', actor: 'ann@example.com', reason: 'the bot is back', state: 'dead', lastError: 'jira: createIssue: 400' }]);
  });

  it('that are held are looked up first when they are replayed', async () => {
    const job = await aJob(HELD);
    expect((await act(job.id, 'replay')).body).toMatchObject({ state: 'unknown', phase: 'unknown', sends: 2, lookups: 0 });
  });

  it('that a worker works on, that are done or discarded are neither replayed nor discarded', async () => {
    const leased = await aJob();
    expect(await claimEffect(api.database, { id: leased.id, leaseMs: 60_000, confirmMs: 0 })).not.toBeNull();
    const done = await aJob(`phase = 'sent', external_id = '1', next_attempt_at = NULL`);
    for (const [job, state] of [[leased, 'running'], [done, 'done']] as const) {
      expect((await act(job.id, 'replay')).body).toMatchObject({ status: 409, type: '/problems/job-not-replayable', state });
      expect((await act(job.id, 'discard', { reason: 'x' })).body).toMatchObject({ status: 409, type: '/problems/job-not-discardable', state });
    }
    const discarded = await aJob(DEAD);
    await act(discarded.id, 'discard', { reason: 'x' });
    expect((await act(discarded.id, 'replay')).body).toMatchObject({ status: 409, state: 'discarded', detail: 'This job cannot be replayed: it was discarded for good.' });
  });

  it('that are discarded are no trouble any more, stay so, and say who did it and why', async () => {
    const trouble = async (): Promise<number> => (await api.call('GET', '/api/stats/queue')).body.targets[0].dead;
    const job = await aJob(DEAD);
    const before = await trouble();
    expect((await act(job.id, 'discard')).status).toBe(400);
    expect((await act(job.id, 'discard', { reason: 'project was archived' })).body).toMatchObject({ state: 'discarded', lastError: 'discarded by ann@example.com: project was archived' });
    expect(await trouble()).toBe(before - 1);
    const again = await act(job.id, 'discard', { reason: 'another' });
    expect(again).toMatchObject({ status: 200, body: { history: [{ action: 'discarded', actor: 'ann@example.com', reason: 'project was archived' }] } });
    await api.call('PUT', `/api/deployments/${job.deploymentId}`, { status: 'cancelled' });
    expect((await api.call('GET', `/api/jobs/${job.id}`)).body.state).toBe('discarded');
    expect((await api.call('GET', `/api/jobs?state=discarded&deployment=${job.deploymentId}`)).body.data).toHaveLength(1);
  });
});
