import { createRedis } from '@deptracker/resilience';
import { type RedisServer, type TcpProxy, startRedis, startTcpProxy, waitFor } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LocalBuckets } from '../dist/local-buckets.js';
import { type Member, granted, memberOf, takeMany } from './bucket-members.js';

const KEY = 'deptracker:{limit}:a';

let server: RedisServer;
let redis: ReturnType<typeof createRedis>;

beforeAll(async () => {
  server = await startRedis();
  redis = createRedis(server.url, () => undefined);
  await waitFor(() => redis.status === 'ready');
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

beforeEach(async () => {
  await redis.flushall();
});

const member = (client: Parameters<typeof memberOf>[0] = () => redis, patienceMs?: number): Member => memberOf(client, patienceMs);
const alone = (): Member => member(() => null);

/** Lets `ms` pass for a bucket in Redis. */
async function age(key: string, ms: number): Promise<void> {
  const fullAt = Number(await redis.get(key)) - ms * 1000;
  await redis.set(key, String(fullAt), 'KEEPTTL');
}

describe('shared token buckets', () => {
  // One token in 20 s or more: however slow the machine is, none comes back while a test runs.
  it('hold what they are said to for all replicas together, and no more', async () => {
    const fleet = [member(), member(), member()];
    const all = (await Promise.all(fleet.map((one) => takeMany(one, 2, 3)))).flat();
    expect(granted(all)).toBe(3);
    expect(all.map(({ left }) => left).sort()).toEqual([0, 0, 0, 0, 1, 2]);
    expect(all.filter((one) => !one.granted).every(({ nextMs }) => nextMs > 10_000 && nextMs <= 20_000)).toBe(true);
    expect(fleet.flatMap(({ logger }) => logger.lines)).toEqual([]);
  });

  it.each([1, 7, 999, 1000])('let a burst of %i through and nothing beyond, however many ask at once', async (perMinute) => {
    const began = performance.now();
    const taken = await takeMany(member(), perMinute + 300, perMinute);
    const cameBack = Math.ceil(((performance.now() - began) / 60_000) * perMinute);
    expect(granted(taken)).toBeGreaterThanOrEqual(perMinute);
    expect(granted(taken)).toBeLessThanOrEqual(perMinute + cameBack);
  });

  it('get tokens back evenly, and never more than they hold', async () => {
    const one = member();
    expect(granted(await takeMany(one, 4, 3))).toBe(3);
    await age(KEY, 20_000);
    expect(granted(await takeMany(one, 4, 3))).toBe(1);
    await age(KEY, 40_000);
    expect(granted(await takeMany(one, 4, 3))).toBe(2);
    await age(KEY, 3_600_000);
    expect(granted(await takeMany(one, 4, 3))).toBe(3);
  });

  it('are not emptied further by who is refused', async () => {
    const one = member();
    await takeMany(one, 50, 2);
    await age(KEY, 30_000);
    expect(await one.buckets.take('a', 2)).toMatchObject({ granted: true, left: 0 });
  });

  it('say how many tokens are left, when the next comes and when they are full', async () => {
    const one = member();
    const [first, second, third] = await takeMany(one, 3, 2);
    expect(first).toEqual({ granted: true, left: 1, nextMs: 0, fullMs: 30_000 });
    expect(second).toMatchObject({ granted: true, left: 0, fullMs: 60_000, nextMs: 30_000 });
    expect(third).toMatchObject({ granted: false, left: 0, fullMs: 60_000, nextMs: 30_000 });
  });

  it('are apart from each other, and leave no key that stays longer than they need to fill', async () => {
    const one = member();
    await takeMany(one, 1, 1, 'a');
    expect(granted(await takeMany(one, 1, 1, 'b'))).toBe(1);
    const keys = await redis.keys('*');
    expect(keys.sort()).toEqual([KEY, 'deptracker:{limit}:b']);
    for (const key of keys) expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000);
    for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
  });

  it('lock nobody out for longer than a minute, whatever time Redis has', async () => {
    await redis.set(KEY, '99999999999999999');
    expect(await member().buckets.take('a', 2)).toMatchObject({ granted: false, nextMs: 30_000, fullMs: 60_000 });
    await redis.set(KEY, 'nonsense');
    expect(await member().buckets.take('a', 2)).toMatchObject({ granted: true, left: 1 });
  });

  it('are full again after FLUSHALL, and go on after SCRIPT FLUSH', async () => {
    const one = member();
    await takeMany(one, 2, 2);
    await redis.script('FLUSH');
    expect(await one.buckets.take('a', 2)).toMatchObject({ granted: false });
    await redis.flushall();
    expect(await one.buckets.take('a', 2)).toMatchObject({ granted: true, left: 1 });
    expect(one.logger.lines).toEqual([]);
  });
});

describe('token buckets without Redis', () => {
  it('count on their own by the same rules', async () => {
    const one = alone();
    const [first, second, third] = await takeMany(one, 3, 2);
    expect(first).toEqual({ granted: true, left: 1, nextMs: 0, fullMs: 30_000 });
    expect(second).toEqual({ granted: true, left: 0, fullMs: 60_000, nextMs: 30_000 });
    expect(third).toEqual({ granted: false, left: 0, fullMs: 60_000, nextMs: 30_000 });
    one.clock.advance(30_000);
    expect(granted(await takeMany(one, 2, 2))).toBe(1);
    one.clock.advance(3_600_000);
    expect(granted(await takeMany(one, 5, 2))).toBe(2);
    expect(one.logger.lines).toEqual(['warn rate limits: Redis is away, this process counts on its own']);
  });

  it('forget buckets that are full again', () => {
    const buckets = new LocalBuckets();
    for (let at = 0; at < 300_000; at += 10) buckets.take(`client ${String(at)}`, 60, at);
    // A hundred clients come and go within the second that their token takes to come back.
    expect(buckets.size).toBeLessThan(1_200);
  });

  it('give nobody a second bucket when Redis goes away', async () => {
    let here = true;
    const one = member(() => (here ? redis : null));
    expect(granted(await takeMany(one, 3, 2))).toBe(2);
    here = false;
    expect(granted(await takeMany(one, 3, 2))).toBe(0);
    expect(one.buckets.alone()).toBe(true);
  });

  it('count together again when it is back, and say both', async () => {
    let here = false;
    const one = member(() => (here ? redis : null));
    await one.buckets.take('a', 2);
    here = true;
    expect(granted(await takeMany(member(), 2, 2))).toBe(2);
    expect(await one.buckets.take('a', 2)).toMatchObject({ granted: false });
    expect(one.buckets.alone()).toBe(false);
    expect(one.logger.lines).toEqual([
      'warn rate limits: Redis is away, this process counts on its own',
      'info rate limits: Redis is back, counting together again',
    ]);
  });
});

describe('token buckets and a Redis that is silent', () => {
  let proxy: TcpProxy;
  let slow: ReturnType<typeof createRedis>;
  beforeAll(async () => {
    proxy = await startTcpProxy({ to: server.url });
    slow = createRedis(proxy.url, () => undefined);
    await waitFor(() => slow.status === 'ready');
  });
  afterAll(async () => {
    slow.disconnect();
    await proxy.stop();
  });

  it('wait for it once, leave it alone for five seconds, and ask again', async () => {
    const one = member(() => slow, 20);
    proxy.blackhole();
    const began = performance.now();
    expect(await one.buckets.take('a', 10)).toMatchObject({ granted: true, left: 9 });
    expect(performance.now() - began).toBeGreaterThan(15);
    let answered = false;
    const second = one.buckets.take('a', 10).finally(() => {
      answered = true;
    });
    // Microtasks alone cannot bring an answer from outside: Redis was not asked.
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    expect(answered).toBe(true);
    expect(await second).toMatchObject({ granted: true, left: 8 });
    proxy.pass();
    await waitFor(async () => (await slow.ping()) === 'PONG');
    await waitFor(async () => {
      one.clock.advance(5_000);
      await one.buckets.take('a', 10);
      return !one.buckets.alone();
    });
  });
});
