import { type Taken, createRedis } from '@deptracker/resilience';
import { type RedisServer, startRedis, waitFor } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Advances } from '../dist/advances.js';
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

const member = (): Member => memberOf(() => redis);

describe('token buckets that are far from empty', () => {
  const PER_MINUTE = 10_000;

  /** How many of these attempts are answered by microtasks alone, which cannot bring an answer from outside. */
  async function answeredAhead(attempts: readonly Promise<Taken>[]): Promise<number> {
    let answered = 0;
    const count = (): void => {
      answered += 1;
    };
    for (const attempt of attempts) attempt.then(count, count);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    return answered;
  }

  const attempts = ({ buckets }: Member, times: number): Promise<Taken>[] => Array.from({ length: times }, () => buckets.take('a', PER_MINUTE));
  const left = async (): Promise<number> => (await member().buckets.take('a', PER_MINUTE)).left;

  it('give a hundredth of what was left without asking, and Redis counts all of it', async () => {
    const one = member();
    await one.buckets.take('a', PER_MINUTE);
    const many = attempts(one, 200);
    expect(await answeredAhead(many)).toBe(99);
    const began = performance.now();
    expect(granted(await Promise.all(many))).toBe(200);
    // One comes back every six milliseconds.
    expect(await left()).toBeLessThanOrEqual(10_000 - 202 + (performance.now() - began) / 6 + 1);
  });

  it('are told of within a moment, without anybody asking', async () => {
    const one = member();
    await one.buckets.take('a', PER_MINUTE);
    const before = Number(await redis.get(KEY));
    expect(await answeredAhead(attempts(one, 40))).toBe(40);
    await waitFor(async () => Number(await redis.get(KEY)) > before);
    expect(Number(await redis.get(KEY)) - before).toBeGreaterThanOrEqual(40 * 6_000);
  });

  it('are asked of Redis again after a tenth of a second', async () => {
    const one = member();
    await one.buckets.take('a', PER_MINUTE);
    one.clock.advance(99);
    expect(await answeredAhead(attempts(one, 1))).toBe(1);
    one.clock.advance(1);
    expect(await answeredAhead(attempts(one, 1))).toBe(0);
  });

  it('give no more beyond what they hold than a hundredth per replica, however many ask at once', async () => {
    const fleet = Array.from({ length: 8 }, () => member());
    const began = performance.now();
    const first = await Promise.all(fleet.map((one) => one.buckets.take('a', 500)));
    const more = (await Promise.all(fleet.map((one) => takeMany(one, 300, 500)))).flat();
    const cameBack = Math.ceil(((performance.now() - began) / 60_000) * 500);
    expect(granted([...first, ...more])).toBeGreaterThanOrEqual(500);
    expect(granted([...first, ...more])).toBeLessThanOrEqual(500 + 8 * 5 + cameBack);
    expect(granted(await takeMany(member(), 10, 500))).toBeLessThanOrEqual(1 + Math.ceil(((performance.now() - began) / 60_000) * 500) - cameBack);
  });

  it('stay as empty as they are when Redis goes away', async () => {
    let here = true;
    const one = memberOf(() => (here ? redis : null));
    await one.buckets.take('a', PER_MINUTE);
    expect(await answeredAhead(attempts(one, 50))).toBe(50);
    here = false;
    expect(await one.buckets.take('a', PER_MINUTE)).toMatchObject({ granted: true, left: 9_948 });
  });

  it('are given no further while Redis has not answered to what it was told', () => {
    const advances = new Advances();
    const give = (times: number): number => Array.from({ length: times }, () => advances.give('a', 1_000, 0)).filter(Boolean).length;
    advances.learn('a', 1_000, 0, 0);
    expect(give(20)).toBe(10);
    expect(advances.settle('a')).toBe(10);
    // The answer to a question that was asked before.
    expect(advances.learn('a', 999, 0, 0)).toBe(10);
    expect(give(20)).toBe(0);
    expect(advances.learn('a', 990, 10, 0)).toBe(0);
    expect(give(20)).toBe(9);
  });

  it('are forgotten when nobody takes of them any more', () => {
    const advances = new Advances();
    for (let at = 0; at < 300_000; at += 1) advances.learn(`client ${String(at)}`, 600, 0, at);
    expect(advances.size).toBeLessThan(1_200);
  });
});
