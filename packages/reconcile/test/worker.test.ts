import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type Offers, type Worker, createOffers, startWorker } from '@deptracker/reconcile';
import { createLogger, createMetrics } from '@deptracker/runtime';
import { type Database, takeUnqueued } from '@deptracker/store';
import { type RedisServer, type TestDatabase, startRedis, startTcpProxy, testDatabase, waitFor } from '@deptracker/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Vendor } from '@deptracker/resilience';
import { type FakeOutside, fakeOutside, openVendor, testEngine, testPool } from './outside.js';

let target: TestDatabase;
let database: Database;
let redis: RedisServer;
let outside: ReturnType<typeof fakeOutside>;
let workers: Worker[] = [];
let offers: Offers | null = null;
const stuck: string[] = [];
let looks = 0;

const logger = createLogger({ level: 'error', service: 'test', instance: 'test' });

beforeEach(async () => {
  target = await testDatabase();
  database = testPool(target.url);
  redis = await startRedis();
  outside = fakeOutside();
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(1_000)));
  await offers?.close();
  workers = [];
  offers = null;
  await redis.stop();
  await database.close();
  await target.drop();
});

function start(vendor: Vendor = openVendor, redisUrl = redis.url, concurrency = 4): Worker {
  const worker = startWorker({
    ...testEngine(database, outside.reconciler, vendor),
    target: 'slack',
    redisUrl,
    prefix: 'test',
    concurrency,
    window: 20,
    queueMs: 2_000,
    registry: createMetrics({ service: 'test' }).registry,
    logger,
    alive: () => (looks += 1),
    onStuck: (reason) => stuck.push(reason),
  });
  workers.push(worker);
  return worker;
}

async function owe(count: number, queuedSeconds: number | null = null, priority = 1): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await database.query(
    `INSERT INTO effects (id, kind, target, deployment_id, destination, priority, desired_revision, next_attempt_at, queued_until)
     SELECT id, 'slack.approval', 'slack', id, 'C1', $3, 1, now(), now() + make_interval(secs => $2)
     FROM unnest($1::uuid[]) AS id`,
    [ids, queuedSeconds, priority],
  );
  return ids;
}

const delivered = (fake: FakeOutside): Set<string> => new Set(fake.created.map(({ effectId }) => effectId));
const all = (count: number): Promise<unknown> =>
  waitFor(() => delivered(outside).size === count, { timeoutMs: 15_000, what: `${count} deliveries` });

describe('a worker', () => {
  it('gives signs of life also while its database cannot be used', async () => {
    start();
    await waitFor(() => looks > 0, { what: 'a look' });
    await database.query('ALTER TABLE effects RENAME TO effects_away');
    const before = looks;
    await waitFor(() => looks > before + 1, { what: 'looks that fail' }).finally(() => database.query('ALTER TABLE effects_away RENAME TO effects'));
  });

  it('delivers what nobody has queued, each once, shared with another worker', async () => {
    start();
    start();
    await owe(100);
    await all(100);
    expect(outside.created).toHaveLength(100);
  });

  it('delivers what a producer promised to queue and never did, once the promise has lapsed', async () => {
    start();
    await owe(5, 1);
    await all(5);
    expect(outside.created).toHaveLength(5);
  });

  it('delivers at once what a producer has queued', async () => {
    start();
    offers = createOffers({ redisUrl: redis.url, prefix: 'test', logger, queueMs: 60_000 });
    const producer = offers;
    await waitFor(() => producer.queueMs().slack > 0);
    const ids = await owe(5, 60);
    producer.offer(ids.map((id) => ({ id, kind: 'slack.approval', target: 'slack', priority: 1 })));
    await all(5);
    expect(outside.created).toHaveLength(5);
  });

  it('runs effects directly while Redis is down, also those that wait in its queue', async () => {
    start();
    await redis.kill('SIGKILL');
    await owe(30, 3_600);
    await all(30);
    expect(outside.created).toHaveLength(30);
  });

  it('runs no more at once than it may while Redis is down and everything waits for permits', async () => {
    await redis.kill('SIGKILL');
    await owe(60);
    let waiting = 0;
    let most = 0;
    let asked = 0;
    let looks = 0;
    const slow: Vendor = {
      ...openVendor,
      reserve: async (scopes) => {
        asked += 1;
        waiting += 1;
        most = Math.max(most, waiting);
        // Until the loop has come by while all places were taken.
        if (asked <= 4) await waitFor(() => looks >= 3);
        waiting -= 1;
        return { scopes, used: false };
      },
    };
    const query = database.query.bind(database);
    database.query = (text, values) => {
      if (text.includes('ORDER BY next_attempt_at LIMIT')) looks += 1;
      return query(text, values);
    };
    start(slow);
    await all(60);
    expect(most).toBeLessThanOrEqual(4);
    expect(asked).toBeLessThanOrEqual(60);
  });

  it.each([{ forAll: true }, { forAll: false }])('leaves in the queue what it could only put off: $forAll', async ({ forAll }) => {
    let asked = 0;
    const refusing: Vendor = {
      ...openVendor,
      reserve: () => {
        asked += 1;
        return Promise.resolve({ retryAfterMs: 60_000, forAll });
      },
    };
    await owe(60);
    start(refusing);
    await waitFor(() => asked >= (forAll ? 4 : 60), { what: 'refusals' });
    if (!forAll) return;
    // Four at a time, and a second each.
    const [before, sinceLooks] = [asked, looks];
    await waitFor(() => looks >= sinceLooks + 2, { what: 'two looks' });
    expect(asked - before).toBeLessThanOrEqual(4 * 4);
    const [row] = await database.query<{ waiting: number }>('SELECT count(*)::int AS waiting FROM effects WHERE next_attempt_at <= now()');
    expect(row?.waiting).toBeGreaterThan(30);
  });

  it('runs an effect that comes again while the run that was refused still keeps its place', async () => {
    let asked = 0;
    const vendor: Vendor = {
      ...openVendor,
      reserve: (scopes) => {
        asked += 1;
        return Promise.resolve(asked === 1 ? { retryAfterMs: 60_000, forAll: true } : { scopes, used: false });
      },
    };
    start(vendor);
    offers = createOffers({ redisUrl: redis.url, prefix: 'test', logger, queueMs: 60_000 });
    const producer = offers;
    await waitFor(() => producer.queueMs().slack > 0);
    const [id = ''] = await owe(1, 3_600);
    producer.offer([{ id, kind: 'slack.approval', target: 'slack', priority: 1 }]);
    const isPutOff = async (): Promise<boolean> => (await database.query('SELECT 1 FROM effects WHERE next_attempt_at > now()')).length === 1;
    await waitFor(isPutOff, { intervalMs: 5, what: 'the refusal' });
    // Nobody but this job runs it: the top-up takes it for queued.
    await database.query(`UPDATE effects SET next_attempt_at = now(), queued_until = now() + interval '1 hour'`);
    producer.offer([{ id, kind: 'slack.approval', target: 'slack', priority: 1 }]);
    await all(1);
  });

  it('keeps no place free where there is only one', async () => {
    const waits: number[] = [];
    const reserve: Vendor['reserve'] = (scopes, maxWaitMs) => {
      waits.push(maxWaitMs);
      return Promise.resolve({ scopes, used: false });
    };
    await owe(1, null, 3);
    start({ ...openVendor, reserve }, redis.url, 1);
    await all(1);
    expect(waits).toEqual([1_500]);
  });

  it('runs anew at once what became urgent while it waited for a permit in vain', async () => {
    const asked: number[] = [];
    const reserve: Vendor['reserve'] = async (scopes, maxWaitMs) => {
      asked.push(maxWaitMs);
      if (maxWaitMs >= 5_000) return { scopes, used: false };
      await database.query('UPDATE effects SET priority = 1');
      return { retryAfterMs: 60_000, forAll: true };
    };
    await owe(1, null, 3);
    start({ ...openVendor, reserve });
    await all(1);
    expect(asked).toEqual([1_500, 5_000]);
  });

  it('keeps a place free for what is urgent, however much else waits for permits', async () => {
    let [waiting, refused] = [0, 0];
    const letGo = new AbortController();
    const vendor: Vendor = {
      ...openVendor,
      reserve: async (scopes, maxWaitMs) => {
        // Only what is urgent may wait so long; the rest finds no permit within its time.
        if (maxWaitMs >= 5_000) return { scopes, used: false };
        if (maxWaitMs > 100) {
          waiting += 1;
          await once(letGo.signal, 'abort');
        }
        refused += 1;
        return { retryAfterMs: 60_000, forAll: true };
      },
    };
    start(vendor);
    offers = createOffers({ redisUrl: redis.url, prefix: 'test', logger, queueMs: 60_000 });
    const producer = offers;
    await waitFor(() => producer.queueMs().slack > 0);
    // Each has two jobs, as after two changes in a row.
    const low = (await owe(20, 3_600, 3)).map((id) => ({ id, kind: 'slack.approval', target: 'slack', priority: 3 }) as const);
    producer.offer(low.slice(0, 4).flatMap((one) => [one, one]));
    producer.offer(low.slice(4));
    await waitFor(() => waiting === 3 && refused > 0, { what: 'three that wait and one that may not' });
    await owe(1);
    await all(1);
    expect(waiting).toBe(3);
    letGo.abort();
  });

  it('runs effects directly while Redis takes connections and does not answer', async () => {
    const worker = start();
    await waitFor(() => worker.state().redis === 'up');
    await redis.pause();
    await owe(30, 3_600);
    await all(30);
    await redis.resume();
    await waitFor(() => worker.state().redis === 'up');
    await owe(5);
    await all(35);
    expect(outside.created).toHaveLength(35);
  });

  it('takes jobs again soon after its connections to Redis have died without a word', async () => {
    const proxy = await startTcpProxy({ to: redis.url });
    try {
      const worker = start(openVendor, proxy.url);
      await waitFor(() => worker.state().redis === 'up', { what: 'Redis to answer' });
      proxy.strand();
      await waitFor(() => worker.state().redis === 'down', { what: 'the silence to be noticed' });
      await waitFor(() => worker.state().redis === 'up', { timeoutMs: 15_000, what: 'new connections' });
      await owe(5);
      await all(5);
      expect(outside.created).toHaveLength(5);
    } finally {
      await proxy.stop();
    }
  });

  it('loses nothing when Redis is wiped with jobs waiting', async () => {
    const ids = await owe(20);
    const taken = await takeUnqueued(database, 'slack', 20, 1_000);
    expect(taken.map(({ id }) => id).sort()).toEqual([...ids].sort());
    // The jobs that these marks stand for are in no queue: the wipe took them.
    start();
    await all(20);
    expect(outside.created).toHaveLength(20);
  });

  it('finishes what runs and takes nothing new when it is stopped', async () => {
    outside.create = ['hang'];
    const worker = start();
    await owe(1);
    await waitFor(() => outside.created.length === 1);
    const stopped = worker.stop(5_000);
    await owe(3);
    outside.release();
    await stopped;
    expect(outside.created).toHaveLength(1);
    const [row] = await database.query(`SELECT count(*)::int AS sent FROM effects WHERE phase = 'sent'`);
    expect(row).toEqual({ sent: 1 });
    workers = [];
  });
});

describe('a worker that is stopped before Redis has answered once', () => {
  it('ends in order', async () => {
    await redis.pause();
    const rejections: unknown[] = [];
    const note = (reason: unknown): number => rejections.push(reason);
    process.on('unhandledRejection', note);
    const worker = start();
    await worker.stop(1_000);
    workers = [];
    await redis.resume();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(rejections).toEqual([]);
  });
});

describe('offers', () => {
  it('promise nothing while Redis is away, while no worker runs, and while the window is full', async () => {
    offers = createOffers({ redisUrl: redis.url, prefix: 'test', logger, queueMs: 60_000 });
    const producer = offers;
    await waitFor(() => producer.state().redis === 'up');
    expect(producer.queueMs().slack).toBe(0);
    start();
    await waitFor(() => producer.queueMs().slack > 0);
    const many = Array.from({ length: 25 }, () => ({ id: randomUUID(), kind: 'slack.approval', target: 'slack', priority: 1 }) as const);
    producer.offer(many);
    expect(producer.queueMs().slack).toBe(0);
    await redis.pause();
    await waitFor(() => producer.state().redis === 'down');
    expect(producer.queueMs().slack).toBe(0);
    await redis.resume();
  });
});
