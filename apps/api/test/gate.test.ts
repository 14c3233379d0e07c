import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppProcess, type TestDatabase, spawnProcess, testDatabase, waitFor } from '@deptracker/testkit';
import { type Database, createDatabase } from '@deptracker/store';
import { gateAnswer } from '../dist/routes/gate/schema.js';
import { type SlackStub, asForm, clickPayload, signed, startSlackStub } from './support/slack-stub.js';
import { type Body, type TestApi, caller, startTestApi, testEnv } from './support/start-test-api.js';

const WAIT_S = 30;
/** Far from the end of the wait, and far above what an answer takes. */
const WELL_BEFORE_MS = 15_000;

const decide = (call: TestApi['call'], id: string, decision: string, reason?: string) =>
  call('PUT', `/api/deployments/${id}/approval`, { decision, approver: 'bob@example.com', reason });

describe('a gate', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({ GATE_MAX_WAITING: '2' });
    await api.database.query(`INSERT INTO environments (name, approvals_required) VALUES ('free', 0), ('two', 2)`);
  });
  afterAll(() => api.stop());

  const decided = (id: string, decision: string, reason?: string) => decide((...all) => api.call(...all), id, decision, reason);
  const ask = async (id: string, query = ''): Promise<Body> => {
    const { status, body } = await api.call('GET', `/api/deployments/${id}/gate${query}`);
    expect(status).toBe(200);
    expect(gateAnswer.validate(body).error).toBeUndefined();
    return body;
  };
  const put = (id: string, body: object) => api.call('PUT', `/api/deployments/${id}`, body);
  const waiting = async (): Promise<string | undefined> => /^gate_waiting(?:\{.*\})? (\d+)$/m.exec((await api.call('GET', '/metrics')).body)?.[1];

  it('is waiting while people decide, and says how many have', async () => {
    const { id } = await api.create({ environment: 'two' });
    await decided(id, 'approve');
    expect(await ask(id)).toMatchObject({ deploymentId: id, decision: 'waiting', reason: 'Waiting for approval: 1 of 2 given', status: 'pending', revision: 2, actor: null });
  });

  it('is allowed from the approval to the success, and says why', async () => {
    const { id } = await api.create();
    await decided(id, 'approve', 'looks good');
    expect(await ask(id)).toMatchObject({ decision: 'allowed', reason: 'Approved by bob@example.com: looks good', actor: 'bob@example.com', status: 'approved' });
    await put(id, { status: 'in_progress' });
    expect(await ask(id)).toMatchObject({ decision: 'allowed', reason: 'Rollout started', status: 'in_progress' });
    await put(id, { status: 'succeeded' });
    expect(await ask(id)).toMatchObject({ decision: 'allowed', status: 'succeeded', until: null });
    expect(await ask((await api.create({ environment: 'free' })).id)).toMatchObject({ decision: 'allowed', reason: 'No approval is needed' });
  });

  it('is denied for good by whoever ended it, with who and why', async () => {
    const rejected = await api.create();
    await decided(rejected.id, 'reject', 'not today');
    expect(await ask(rejected.id)).toMatchObject({ decision: 'denied', reason: 'Rejected by bob@example.com: not today', actor: 'bob@example.com' });
    const cancelled = await api.create();
    await put(cancelled.id, { status: 'cancelled', actor: 'ann@example.com' });
    await put(cancelled.id, { description: 'later' });
    expect(await ask(cancelled.id)).toMatchObject({ decision: 'denied', reason: 'Cancelled by ann@example.com', status: 'cancelled', revision: 3 });
    const failed = await api.create({ environment: 'free' });
    await put(failed.id, { status: 'in_progress' });
    await put(failed.id, { status: 'failed' });
    expect(await ask(failed.id)).toMatchObject({ decision: 'denied', reason: expect.stringMatching(/^Failed after/) as string });
  });

  it('is denied when a permission has lapsed, although nobody has written it down', async () => {
    const { id } = await api.create();
    await api.database.query(`UPDATE deployments SET approval_expires_at = now() WHERE id = $1`, [id]);
    expect(await ask(id, '?wait=30')).toMatchObject({ decision: 'denied', status: 'expired', reason: 'Expired, not decided in time', revision: 1 });
    const unused = await api.create();
    await decided(unused.id, 'approve');
    await api.database.query(`UPDATE decisions SET at = at - interval '25 hours' WHERE deployment_id = $1`, [unused.id]);
    expect(await ask(unused.id)).toMatchObject({ decision: 'denied', status: 'expired', reason: 'Expired, the permission was not used in time' });
    expect((await api.call('GET', `/api/deployments/${unused.id}`)).body.status).toBe('approved');
  });

  it('is denied in the moment in which the time to decide ends, while somebody waits', async () => {
    const { id } = await api.create();
    await api.database.query(`UPDATE deployments SET approval_expires_at = now() + interval '300 ms' WHERE id = $1`, [id]);
    const began = performance.now();
    expect(await ask(id, `?wait=${WAIT_S}`)).toMatchObject({ decision: 'denied', status: 'expired' });
    expect(performance.now() - began).toBeLessThan(WELL_BEFORE_MS);
  });

  it('is waiting when the time to wait is over', async () => {
    const { id } = await api.create();
    const began = performance.now();
    expect(await ask(id, '?wait=1')).toMatchObject({ decision: 'waiting' });
    expect(performance.now() - began).toBeGreaterThan(950);
  });

  it('has so many places and no more, and each is free again when its caller goes', async () => {
    const { id } = await api.create();
    const gone = new AbortController();
    const url = new URL(`/api/deployments/${id}/gate?wait=${WAIT_S}`, api.url);
    const both = [1, 2].map(() => fetch(url, { signal: gone.signal }));
    await waitFor(async () => (await waiting()) === '2');
    const third = await api.call('GET', `/api/deployments/${id}/gate?wait=${WAIT_S}`);
    expect([third.status, third.body.type, third.headers.get('retry-after')]).toEqual([503, '/problems/overloaded', '1']);
    expect(await ask(id)).toMatchObject({ decision: 'waiting' });
    gone.abort();
    await Promise.allSettled(both);
    await waitFor(async () => (await waiting()) === '0');
    expect(await ask(id, '?wait=1')).toMatchObject({ decision: 'waiting' });
  });

  it('exists only for deployments, and waits a minute at most', async () => {
    expect((await api.call('GET', '/api/deployments/01890000-0000-7000-8000-000000000000/gate?wait=30')).body.type).toBe('/problems/deployment-not-found');
    const { id } = await api.create();
    for (const query of ['wait=61', 'wait=-1', 'wait=1.5', 'wait=', 'wait=1&wait=2', 'timeout=1']) {
      const { status, body } = await api.call('GET', `/api/deployments/${id}/gate?${query}`);
      expect([query, status, body.errors[0].parameter]).toEqual([query, 400, query.split('=')[0]]);
    }
    expect((await api.call('POST', `/api/deployments/${id}/gate`)).status).toBe(405);
  });
});

describe('gates of two processes on one database', () => {
  let own: TestDatabase;
  let slack: SlackStub;
  let replicas: [AppProcess, AppProcess];
  let database: Database;
  let first: TestApi['call'];
  let second: TestApi['call'];

  const spawn = () => {
    const { PORT: _port, ...env } = testEnv(own.url, slack.url);
    return spawnProcess('api', { ...env, DB_MAX_OPEN_CONNS: '3' });
  };
  beforeAll(async () => {
    own = await testDatabase();
    slack = await startSlackStub();
    database = createDatabase({ url: own.url, maxConnections: 2, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
    replicas = await Promise.all([spawn(), spawn()]);
    [first, second] = [caller(replicas[0].url), caller(replicas[1].url)];
  });
  afterAll(async () => {
    await Promise.all(replicas.map((one) => one.stop()));
    await database.close();
    await slack.close();
    await own.drop();
  });

  const figure = async (call: TestApi['call'], name: string): Promise<number> =>
    Number(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'm').exec((await call('GET', '/metrics')).body)?.[1]);
  const create = async (): Promise<string> => (await first('POST', '/api/deployments', { project: 'p', environment: 'e', version: 'v' })).body.id;
  /** Asks the second process and gives the answer with how long it took from `decided`. */
  async function askSecond(id: string): Promise<{ answer: Promise<Body>; took: (since: number) => Promise<number> }> {
    const before = await figure(second, 'gate_waiting');
    let at = 0;
    const answer = second('GET', `/api/deployments/${id}/gate?wait=${WAIT_S}`).then(({ body }) => {
      at = performance.now();
      return body;
    });
    await waitFor(async () => (await figure(second, 'gate_waiting')) === before + 1);
    return { answer, took: async (since) => (await answer, at - since) };
  }

  it('answer at once when another process handles the click', async () => {
    await waitFor(async () => (await figure(second, 'changes_connected')) === 1);
    const id = await create();
    const { answer, took } = await askSecond(id);
    const body = asForm(clickPayload({ deploymentId: id }));
    expect((await first('POST', '/api/slack/webhook', body, signed(body))).status).toBe(200);
    const clicked = performance.now();
    expect(await answer).toMatchObject({ decision: 'allowed', status: 'approved', actor: expect.stringContaining('@') as string });
    expect(await took(clicked)).toBeLessThan(WELL_BEFORE_MS);
  });

  it('answer also after the connection that listens was cut', async () => {
    const id = await create();
    const { answer, took } = await askSecond(id);
    await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'api-changes' AND datname = current_database()`);
    await decide(first, id, 'reject', 'no');
    const decided = performance.now();
    expect(await answer).toMatchObject({ decision: 'denied', reason: 'Rejected by bob@example.com: no' });
    expect(await took(decided)).toBeLessThan(WELL_BEFORE_MS);
    await waitFor(async () => (await figure(second, 'changes_connected')) === 1);
  });

  it('find by looking what nobody told them', async () => {
    const id = await create();
    const { answer, took } = await askSecond(id);
    await database.query(`UPDATE deployments SET status = 'rejected', approval_status = 'rejected' WHERE id = $1`, [id]);
    const written = performance.now();
    expect(await answer).toMatchObject({ decision: 'denied', status: 'rejected', reason: 'Rejected' });
    expect(await took(written)).toBeLessThan(WELL_BEFORE_MS);
  });

  it('answer two hundred at once, and hold no connection meanwhile', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, create));
    const answers = Array.from({ length: 200 }, (_, index) => second('GET', `/api/deployments/${ids[index % 20]}/gate?wait=${WAIT_S}`));
    await waitFor(async () => (await figure(second, 'gate_waiting')) === 200);
    // Now and then the process looks by itself: between two looks nothing runs and nothing is held.
    await waitFor(async () => {
      const rows = await database.query(
        `SELECT 1 FROM pg_stat_activity WHERE application_name = 'api' AND datname = current_database() AND state <> 'idle'`,
      );
      return rows.length === 0;
    });
    expect((await second('GET', `/api/deployments/${ids[0]}`)).status).toBe(200);
    const began = performance.now();
    for (const [index, id] of ids.entries()) await decide(first, id, index % 2 === 0 ? 'approve' : 'reject');
    const all = await Promise.all(answers);
    expect(performance.now() - began).toBeLessThan(WELL_BEFORE_MS);
    all.forEach(({ body }, index) => expect(body).toMatchObject({ deploymentId: ids[index % 20], decision: index % 2 === 0 ? 'allowed' : 'denied' }));
    expect(await figure(second, 'gate_waiting')).toBe(0);
  });

  it('let everybody go who waits when the process is told to end', async () => {
    const id = await create();
    const third = await spawn();
    const call = caller(third.url);
    const waiting = Array.from({ length: 10 }, () => call('GET', `/api/deployments/${id}/gate?wait=${WAIT_S}`));
    await waitFor(async () => (await figure(call, 'gate_waiting')) === 10);
    const began = performance.now();
    const ended = third.stop();
    const answers = await Promise.all(waiting);
    expect(performance.now() - began).toBeLessThan(WELL_BEFORE_MS);
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.decision}`))).toEqual(new Set(['200 waiting']));
    expect((await ended).code).toBe(0);
  });
});
