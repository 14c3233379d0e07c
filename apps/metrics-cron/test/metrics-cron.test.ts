import { fileURLToPath } from 'node:url';
import { setConfiguration } from '@deptracker/application';
import { createQueue } from '@deptracker/reconcile';
import { createLogger } from '@deptracker/runtime';
import { type Database, listHeartbeats, listTasks } from '@deptracker/store';
import { type AppProcess, type RedisServer, type TestDatabase, freePort, startRedis, testDatabase, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CLEANUP, LIMITS, ROLLUPS, SLA, count, created, lapseApproval, open, overrun, start } from './start.js';

let redis: RedisServer;
let test: TestDatabase;
let database: Database;
let urls: { database: string; redis: string };
const running: AppProcess[] = [];

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => {
  await redis.stop();
});

beforeEach(async () => {
  test = await testDatabase();
  database = open(test.url);
  urls = { database: test.url, redis: redis.url };
});

afterEach(async () => {
  await redis.resume();
  await Promise.all(running.splice(0).map((one) => one.stop()));
  await database.close();
  await test.drop();
});

async function run(env: Record<string, string>, ...more: unknown[]): Promise<AppProcess> {
  const [options] = more as [Parameters<typeof start>[2]?];
  // A prefix per database: jobs of one test must not reach the processes of another.
  const one = await start(urls, { QUEUE_PREFIX: `t${new URL(test.url).pathname.slice(-20)}`, ...env }, options);
  running.push(one);
  return one;
}

const until = (sql: string, least: number): Promise<number> =>
  waitFor(async () => {
    const found = await count(database, sql);
    return found >= least && found;
  }, { timeoutMs: 20_000, what: `${least} of ${sql}` });

const ran = (name: string) =>
  waitFor(async () => (await listTasks(database)).find((task) => task.name === name)?.lastRunAt, { timeoutMs: 20_000 });

describe('two replicas', () => {
  it('make one result per window, without gap or overlap', async () => {
    const ids = await created(database, 5);
    await database.query(`UPDATE deployments SET created_at = now() - interval '1 minute'`);
    await database.query(`INSERT INTO jira_tickets (deployment_id, effect_id, issue_id, key, url, created_at)
      SELECT id, id, '1', 'A-1', 'u', created_at + interval '45 seconds' FROM deployments`);
    const [one] = await Promise.all([run({ ...SLA, SLA_TARGET_TICKET: '30s' }), run({ ...SLA, SLA_TARGET_TICKET: '30s' })]);
    await until('sla_windows', 6);
    const torn = `sla_windows w WHERE starts_at > (SELECT min(starts_at) FROM sla_windows) AND NOT EXISTS (SELECT 1 FROM sla_windows p WHERE p.ends_at = w.starts_at)`;
    expect(await count(database, torn)).toBe(0);
    const [sum] = await database.query('SELECT sum(samples)::int AS samples, sum(within_target)::int AS within FROM sla_results');
    expect(sum).toEqual({ samples: ids.length, within: 0 });
    const metrics = await (await fetch(`${one.url}/metrics`)).text();
    expect(metrics).toContain('sla_duration_seconds{metric="ticket",project="user-service",environment="production",stat="average"} 45');
    expect(metrics).toContain('sla_within_target_ratio{metric="ticket",project="user-service",environment="production"} 0');
    expect(metrics).toContain('sla_target_seconds{metric="ticket"} 30');
    expect(metrics).toMatch(/task_runs_total\{task="sla",outcome="done"\} \d/);
    expect(metrics).toMatch(/db_connections\{state="idle"\} \d/);
  });

  it('let each approval expire and each rollout time out once', async () => {
    const ids = await created(database, 40);
    await lapseApproval(database, ids.slice(0, 20));
    await overrun(database, ids.slice(20, 30));
    await Promise.all([run(LIMITS), run(LIMITS)]);
    await until(`deployments WHERE status IN ('expired', 'timed_out')`, 30);
    await lapseApproval(database, ids.slice(30, 35));
    await until(`deployments WHERE status = 'expired'`, 25);
    expect(await count(database, `events WHERE type = 'deployment.expired'`)).toBe(25);
    expect(await count(database, `events WHERE type = 'deployment.timed_out'`)).toBe(10);
    expect(await count(database, `deployments WHERE status = 'pending' AND revision = 1`)).toBe(5);
    expect(await count(database, `effects WHERE kind = 'jira.ticket' AND desired_revision = 2`)).toBe(35);
  });

  it('go on when one of them is killed, also in the middle of a task', async () => {
    const ids = await created(database, 2);
    const [killed] = await Promise.all([run(LIMITS), run(LIMITS)]);
    await ran('limits');
    await killed.kill();
    // As the killed one would leave it: the lease lapses by itself.
    await database.query(`UPDATE tasks SET lease_until = now() + interval '2 seconds', fence = fence + 1 WHERE name = 'limits'`);
    await lapseApproval(database, ids);
    expect(await until(`deployments WHERE status = 'expired'`, 2)).toBe(2);
  });
});

describe('while Redis', () => {
  it('is not there from the start, tasks run and health says so', async () => {
    urls.redis = `redis://127.0.0.1:${await freePort()}`;
    await lapseApproval(database, await created(database, 3));
    const one = await run(LIMITS);
    await until(`deployments WHERE status = 'expired'`, 3);
    const health = await fetch(`${one.url}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: 'degraded', components: { postgres: 'up', redis: 'degraded' } });
  });

  it('hangs, tasks run all the same, and from the queue again afterwards, also when it was wiped', async () => {
    const ids = await created(database, 6);
    const one = await run(LIMITS);
    await ran('limits');
    const says = (message: string, times: number) => waitFor(() => one.logs().filter((line) => line['message'] === message).length >= times, { what: message });
    await says('redis answers', 1);
    await redis.pause();
    await says('redis does not answer; running tasks directly', 1);
    await lapseApproval(database, ids.slice(0, 3));
    await until(`deployments WHERE status = 'expired'`, 3);
    await redis.resume();
    await says('redis answers', 2);
    const queue = createQueue('metrics', 'worker', { redisUrl: redis.url, prefix: 'wipe', logger: createLogger({ level: 'error', service: 'test', instance: 'test' }) });
    await queue.client.flushall();
    await queue.close(true);
    queue.client.disconnect();
    await lapseApproval(database, ids.slice(3));
    expect(await until(`deployments WHERE status = 'expired'`, 6)).toBe(6);
    expect(await (await fetch(`${one.url}/health`)).json()).toMatchObject({ status: 'ok' });
  });
});

describe('a process whose clock is an hour off', () => {
  const preload = { nodeArgs: ['--import', fileURLToPath(new URL('wrong-clock.mjs', import.meta.url))] };

  it.each([3_600_000, -3_600_000])('changes nothing (%i ms)', async (offset) => {
    const [due, young, old] = (await created(database, 3)) as [string, string, string];
    await lapseApproval(database, [due]);
    // Either would be judged otherwise by the process's own time.
    await database.query(`UPDATE deployments SET approval_expires_at = now() + interval '30 minutes', limit_at = now() + interval '30 minutes' WHERE id = $1`, [young]);
    await database.query(`UPDATE deployments SET created_at = now() - interval '1 minute' WHERE id = $1`, [old]);
    await database.query(`INSERT INTO inbound_dedupe (key, at) VALUES ('old', now() - interval '150 minutes'), ('new', now() - interval '90 minutes')`);
    await run({ ...LIMITS, ...SLA, ...ROLLUPS, ...CLEANUP, DEDUPE_RETENTION: '2h', CLOCK_OFFSET_MS: String(offset) }, preload);
    await until(`deployments WHERE status = 'expired'`, 1);
    await until('sla_windows', 3);
    await ran('clean-up');
    await until(`rollup_state WHERE counted_until BETWEEN now() - interval '2 minutes' AND now()`, 1);
    expect(await count(database, `deployments WHERE id = $1 AND status = 'pending'`, [young])).toBe(1);
    expect(await database.query('SELECT key FROM inbound_dedupe')).toEqual([{ key: 'new' }]);
    expect(await count(database, `sla_windows WHERE ends_at > now() OR ends_at < now() - interval '2 minutes'`)).toBe(0);
    expect(await count(database, `tasks WHERE abs(extract(epoch FROM next_run_at - now())) > 30`)).toBe(0);
    expect(await count(database, `events WHERE abs(extract(epoch FROM at - now())) > 120`)).toBe(0);
  });
});

describe('metrics-cron on its own', () => {
  it('runs tasks by the schedule that it is started with', async () => {
    const first = await run({ METRICS_SCHEDULE: '0 3 * * *' });
    await first.stop();
    await run({ METRICS_SCHEDULE: '0 4 * * *' });
    const [sla] = (await listTasks(database)).filter(({ name }) => name === 'sla');
    expect(sla).toMatchObject({ schedule: '0 4 * * *', lastRunAt: null });
    expect(sla?.nextRunAt.toISOString()).toContain('T04:00:00');
  });

  it('ends in order: nothing is left running, and its sign of life is taken back', async () => {
    const one = await run(LIMITS);
    await ran('limits');
    await waitFor(async () => (await listHeartbeats(database)).some(({ service }) => service === 'metrics-cron'));
    expect(await one.stop()).toMatchObject({ code: 0 });
    expect(await listHeartbeats(database)).toEqual([]);
    expect((await listTasks(database)).some((task) => task.running)).toBe(false);
    const steps = one.logs().filter(({ message }) => message === 'shutdown step done').map(({ step }) => step);
    expect(steps).toEqual(['not ready', 'stop claiming, finish or release', 'close the producers', 'heartbeat', 'close the server', 'close the pool']);
  });

  it('shows each task in its health', async () => {
    const one = await run(LIMITS);
    await ran('limits');
    const health = (await (await fetch(`${one.url}/health/detailed`)).json()) as { components: { component: string; details: object }[] };
    expect(health.components.map(({ component }) => component)).toEqual(['postgres', 'redis', 'tasks']);
    expect(health.components[2]?.details).toMatchObject({ 'sla.lastRun': 'never', 'limits.overdueSeconds': expect.any(Number) as unknown });
  });

  it.each([
    [{ METRICS_SCHEDULE: '61 * * * *' }, /^metrics-cron: METRICS_SCHEDULE must be a cron text in UTC, such as [^\n]*$/],
    [{ REDIS_URL: '' }, /^metrics-cron: REDIS_URL is not set[^\n]*$/],
    [{ DATABASE_URL: 'postgres://ann:s3cret@127.0.0.1:1/x' }, /^metrics-cron: Postgres at 127\.0\.0\.1:1\/x cannot be used[^\n]*$/],
  ])('does not start with %j, and says why in one sentence', async (env, sentence) => {
    const one = await run(env, { waitReady: false });
    expect(await one.exited).toMatchObject({ code: 1 });
    expect(one.output()).toMatch(sentence);
    expect(one.output()).not.toContain('s3cret');
  });
});

describe('slack.digest-window', () => {
  it('is how long notices of what times out wait, soon after it is set and without a restart', async () => {
    await run({ ...LIMITS, SLACK_DIGEST_WINDOW: '7s' });
    /** Seconds that the notice of a new time-out waits. */
    const waits = async (): Promise<number> => {
      const [id = ''] = await created(database, 1);
      await database.transaction(async (uow) => {
        await overrun(uow, [id]);
        await uow.query(`UPDATE deployments SET approvals_required = 0, approval_status = 'not_required' WHERE id = $1`, [id]);
      });
      await until(`effects WHERE kind = 'slack.notice' AND deployment_id = '${id}'`, 1);
      const [notice] = await database.query<{ s: number }>(
        `SELECT extract(epoch FROM next_attempt_at - created_at)::int AS s FROM effects WHERE kind = 'slack.notice' AND deployment_id = $1`,
        [id],
      );
      return notice?.s ?? 0;
    };
    expect(await waits()).toBe(7);
    await setConfiguration(database, 'slack.digest-window', 300, { actor: null, requestId: null, expectedRevision: null });
    await waitFor(async () => (await waits()) === 300, { timeoutMs: 20_000 });
  });
});
