import { type Database, readFreshness } from '@deptracker/store';
import { type AppProcess, type RedisServer, type TestDatabase, startRedis, testDatabase, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ROLLUPS, count, created, open, start } from './start.js';

let redis: RedisServer;
let test: TestDatabase;
let database: Database;
const running: AppProcess[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  test = await testDatabase();
  database = open(test.url);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  await database.close();
  await test.drop();
});

async function run(): Promise<AppProcess> {
  const prefix = { QUEUE_PREFIX: `t${new URL(test.url).pathname.slice(-20)}` };
  const one = await start({ database: test.url, redis: redis.url }, { ...prefix, ...ROLLUPS });
  running.push(one);
  return one;
}

/** Lets deployments be created `minutes` ago, and be approved a minute later. */
async function past(howMany: number, minutes: number): Promise<void> {
  const ids = await created(database, howMany);
  await database.query(`UPDATE deployments SET created_at = now() - make_interval(mins => $2) WHERE id = ANY ($1)`, [ids, minutes]);
  await database.query(`UPDATE events SET at = now() - make_interval(mins => $2) WHERE deployment_id = ANY ($1)`, [ids, minutes]);
  await database.query(
    `INSERT INTO events (deployment_id, revision, id, type, data, at)
     SELECT id, 2, gen_random_uuid(), 'deployment.approved', '{}', created_at + interval '1 minute' FROM deployments WHERE id = ANY ($1)`,
    [ids],
  );
}

const sums = async () =>
  (await database.query(`SELECT coalesce(sum(created), 0)::int AS created, coalesce(sum(approved), 0)::int AS approved,
     (SELECT coalesce(sum(samples), 0)::int FROM rollup_durations WHERE project = '' AND environment = '' AND grain = 'hour') AS waits
   FROM rollups WHERE project = '' AND environment = '' AND grain = 'hour'`))[0];

const counted = () => waitFor(async () => (await readFreshness(database)).freshAsOf, { timeoutMs: 20_000, what: 'something counted' });

describe('the rollups task', () => {
  it('counts each event once with two replicas, also one that runs for the first time on old events', { timeout: 120_000 }, async () => {
    await past(30, 3_000);
    await past(20, 90);
    await Promise.all([run(), run()]);
    await counted();
    await waitFor(async () => (await count(database, `rollups WHERE project = '' AND environment = '' AND grain = 'hour'`)) >= 2);
    const runs = async () => (await database.query<{ at: Date | null }>(`SELECT last_run_at AS at FROM tasks WHERE name = 'rollups'`))[0]?.at?.getTime() ?? 0;
    const before = await runs();
    await waitFor(async () => (await runs()) > before + 2_000, { timeoutMs: 20_000 });
    expect(await sums()).toEqual({ created: 50, approved: 50, waits: 50 });
  });

  it('killed between its statements leaves nothing half counted, and the next one goes on', { timeout: 120_000 }, async () => {
    await past(40, 200);
    await database.transaction(async (uow) => {
      // The counts are written; the durations after them cannot be.
      await uow.query('LOCK TABLE rollup_durations IN EXCLUSIVE MODE');
      const one = await run();
      const waits = `pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await waitFor(async () => (await count(database, waits)) > 0, { timeoutMs: 20_000, intervalMs: 5, what: 'a rollup in the middle' });
      await one.kill();
      running.splice(running.indexOf(one), 1);
    });
    expect(await sums()).toEqual({ created: 0, approved: 0, waits: 0 });
    await database.query(`UPDATE tasks SET lease_until = now(), fence = fence + 1 WHERE name = 'rollups'`);
    await run();
    await counted();
    await waitFor(async () => (await count(database, 'rollup_durations')) > 0);
    expect(await sums()).toEqual({ created: 40, approved: 40, waits: 40 });
  });
});
