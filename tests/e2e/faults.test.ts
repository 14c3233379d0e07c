import { waitFor } from '@deptracker/testkit';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { Fleet, SERVICES } from './fleet.js';

let fleet: Fleet | null = null;

afterEach(async () => {
  await fleet?.stop();
  fleet = null;
});

async function start(overrides: Readonly<Record<string, string>> = {}): Promise<Fleet> {
  fleet = await Fleet.start(overrides);
  return fleet;
}

const postMany = (target: Fleet, count: number, name: string): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => target.post({ version: `1.0.${index}` }, `${name}-${index}`)));

/** One ticket and one approval message for each, by what the outside accepted. */
async function expectOneEach(target: Fleet, ids: readonly string[]): Promise<void> {
  expect(await target.ticketLabels()).toEqual(ids.map((id) => `dep-${id}`).sort());
  const posted = await target.postedEffects('approval');
  expect(posted).toHaveLength(ids.length);
  expect(new Set(posted).size).toBe(ids.length);
}

describe('every second answer of the vendors is lost after it was applied', () => {
  it('and 50 deployments have exactly 50 tickets and 50 approval messages', async () => {
    const target = await start();
    await target.faults([
      { method: 'jira.createIssue', kind: 'drop_after', every: 2 },
      { method: 'slack.chat.postMessage', kind: 'drop_after', every: 2 },
      { method: 'jira.search', searchLagMs: 500 },
    ]);
    const ids = await postMany(target, 50, 'dropped');
    await target.settled(60_000);
    await expectOneEach(target, ids);
  });
});

describe('Redis', () => {
  it('that is down, silent or wiped loses nothing, and every create is answered 201 meanwhile', async () => {
    const target = await start();
    const before = await postMany(target, 5, 'before');

    await target.redis.pause();
    const silent = await postMany(target, 10, 'silent');
    expect(target.repeated).toBe(0);
    await target.settled(30_000);
    await target.redis.resume();

    await target.faults([{ method: '*', latencyMs: 300 }]);
    const waiting = await postMany(target, 40, 'waiting');
    const client = new Redis(target.redis.url);
    const queued = async (name: string): Promise<number> => client.llen(`deptracker:${name}:wait`);
    await waitFor(async () => (await queued('jira')) + (await queued('slack')) > 0, { what: 'jobs that wait' });
    await client.flushall();
    client.disconnect();
    await target.faults([]);
    await target.settled(60_000);

    await target.redis.kill('SIGKILL');
    const down = await postMany(target, 10, 'down');
    expect(target.repeated).toBe(0);
    await target.settled(30_000);
    await expectOneEach(target, [...before, ...silent, ...waiting, ...down]);
  });
});

describe('every process killed once while 200 deployments are posted', () => {
  it('leaves 200 stored, 200 tickets and 200 messages', async () => {
    const target = await start();
    const posts: Promise<string>[] = [];
    const post = (n: number): Promise<string> =>
      target.post({ version: `1.0.${n}`, externalId: `build-${n}`, source: 'ci' }, `kill-${n}`);
    for (const [round, service] of SERVICES.entries()) {
      for (let index = 0; index < 25; index += 1) posts.push(post(round * 50 + index));
      // The first half is on its way through; the second one cannot be answered before the kill.
      await Promise.any(posts.slice(-25));
      target.postgres.blackhole();
      for (let index = 25; index < 50; index += 1) posts.push(post(round * 50 + index));
      await target.processes.get(service)?.kill('SIGKILL');
      target.postgres.pass();
      await target.start(service);
    }
    const ids = await Promise.all(posts);
    // The kill of the API has cut some off: they were posted again.
    expect(target.repeated).toBeGreaterThan(0);
    // Whoever asks once more, whatever answer they got, is told of the same deployment.
    expect(await Promise.all(ids.map((_, n) => post(n)))).toEqual(ids);
    expect(target.replayed).toBeGreaterThanOrEqual(200);
    expect(new Set(ids).size).toBe(200);
    await target.settled(90_000);
    const { rows } = await target.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM deployments');
    expect(rows[0]?.count).toBe(200);
    await expectOneEach(target, ids);
  });
});

describe('Jira that is down', () => {
  it('leaves Slack alone, and its backlog is delivered when it is back', async () => {
    const target = await start();
    await target.faults([{ method: 'jira.*', kind: 'error', status: 503 }]);
    const ids = await postMany(target, 20, 'outage');
    await waitFor(async () => (await target.postedEffects('approval')).length === 20, { timeoutMs: 30_000, what: 'the messages' });
    expect(await target.ticketLabels()).toEqual([]);
    await target.click(ids[0] ?? '', 'deptracker_approve', 'U0ALICE');
    await target.faults([]);
    await target.settled(60_000);
    await expectOneEach(target, ids);
  });
});

describe('vendors that ask for patience', () => {
  it('get it, and everything is delivered', async () => {
    const target = await start();
    await target.faults([
      { method: 'jira.createIssue', kind: 'rate_limit', retryAfter: 1, times: 3 },
      { method: 'slack.chat.postMessage', kind: 'rate_limit', retryAfter: 1, times: 3 },
    ]);
    const ids = await postMany(target, 10, 'patience');
    await target.settled(60_000);
    await expectOneEach(target, ids);
    const { rows } = await target.pool.query<{ worst: number }>('SELECT max(attempts)::int AS worst FROM effects');
    expect(rows[0]?.worst).toBe(0);
  });
});

describe('a poison row', () => {
  it('ends dead and visible while the others go on', async () => {
    const target = await start({ JIRA_RETRY_ATTEMPTS: '2', JIRA_RETRY_DELAY: '200ms' });
    await target.faults([{ method: 'jira.createIssue', kind: 'error', status: 400, times: 2 }]);
    await target.post({ version: '6.6.6' }, 'poison');
    await waitFor(async () => (await target.unsettled()).some(({ kind, phase }) => kind === 'jira.ticket' && phase === 'dead'), {
      timeoutMs: 30_000,
      what: 'the dead ticket',
    });
    await postMany(target, 5, 'healthy');
    await waitFor(async () => (await target.ticketLabels()).length === 5, { timeoutMs: 30_000, what: 'the others' });
    const health = (await (await fetch(`${target.url('jira-worker')}/health/detailed`)).json()) as { components: { component: string; status: string }[] };
    expect(health.components.find(({ component }) => component === 'backlog')?.status).toBe('degraded');
  });
});

describe('Postgres that is away', () => {
  it('gives 503 with Retry-After, acknowledges no click, and work resumes within ten seconds of its return', async () => {
    const target = await start();
    const id = await target.post({ version: '3.0.0' }, 'before-the-outage');
    await target.settled(30_000);
    const ts = await target.messageTs(id);
    target.postgres.reset();
    const refused = await target.request('POST', '/api/deployments', { project: 'p', environment: 'e', version: '1' });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const clicked = (await target.clickAt(ts, id, 'deptracker_approve', 'U0ALICE')).body as { status: number };
    expect(clicked.status).toBeGreaterThanOrEqual(500);
    expect((await fetch(`${target.api}/health/live`)).status).toBe(200);
    await waitFor(async () => (await fetch(`${target.api}/health/ready`)).status === 503, { what: 'not being ready' });
    target.postgres.pass();
    await waitFor(async () => (await fetch(`${target.api}/health/ready`)).status === 200, { timeoutMs: 10_000, what: 'recovery' });
    await target.post({ version: '3.0.1' }, 'after-the-outage');
    expect((await target.click(id, 'deptracker_approve', 'U0ALICE')).body).toMatchObject({ status: 200 });
    const { body } = await target.request<{ status: string }>('GET', `/api/deployments/${id}`);
    expect(body.status).toBe('approved');
    await target.settled(30_000);
  });

  it('that swallows everything does not hang the API, and a lost commit is answered again', async () => {
    const target = await start();
    await target.post({ version: '4.0.0' }, 'warm');
    target.postgres.blackhole();
    const started = target.request('POST', '/api/deployments', { project: 'p', environment: 'e', version: '1' });
    expect((await started).status).toBe(503);
    target.postgres.dropAnswer();
    const body = { project: 'lost', environment: 'production', version: '1', requestedBy: 'carol@example.com' };
    const lost = await target.request('POST', '/api/deployments', body, { 'idempotency-key': 'lost-commit' });
    expect(lost.status).toBe(503);
    target.postgres.pass();
    await target.post({ project: 'lost', version: '1' }, 'lost-commit');
    const { rows } = await target.pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM deployments WHERE project = 'lost'`);
    expect(rows[0]?.count).toBe(1);
    await target.settled(30_000);
  });
});
