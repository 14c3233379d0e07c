import { type SharedTexts, createRedis, createSharedTexts } from '@deptracker/resilience';
import { type RedisServer, startRedis, waitFor } from '@deptracker/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fakeClock } from './fakes.js';

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
beforeEach(() => redis.flushall());
afterEach(() => redis.config('SET', 'maxmemory', '0'));

/** A memory as one replica has it, with patience for a busy machine. */
function member(patienceMs = 10_000) {
  const clock = fakeClock();
  const texts = createSharedTexts({ prefix: 'deptracker:cache:1', ttlMs: 60_000, redis: () => redis, clock, patienceMs });
  return { texts, clock };
}

/** Looks, finds nothing and keeps a text, as a reader does. */
async function keep(texts: SharedTexts, key: string, text: string): Promise<boolean> {
  const found = await texts.find(key);
  expect(found?.entry).toBeNull();
  return texts.keep(key, found?.asked ?? 0, text);
}

describe('shared texts', () => {
  it('are found by others as they are, with an age on the clock of Redis', async () => {
    const [a, b] = [member().texts, member().texts];
    const text = '{"name": "Ærø 🚀"} and a space';
    expect(await keep(a, 'k', text)).toBe(true);
    const found = await b.find('k');
    expect(found?.entry?.text).toBe(text);
    expect(found?.entry?.ageMs).toBeGreaterThanOrEqual(0);
    expect((await b.find('other'))?.entry).toBeNull();
    expect(await redis.pttl('deptracker:cache:1:k')).toBeGreaterThan(0);
  });

  it('are as old as the look before they were made, not as their storing', async () => {
    const { texts } = member();
    const asked = (await texts.find('k'))?.asked ?? 0;
    await texts.keep('k', asked - 700, 'slow');
    expect((await texts.find('k'))?.entry?.ageMs).toBeGreaterThanOrEqual(700);
  });

  it('are gone after FLUSHALL, and whatever else stands under their key is nothing', async () => {
    const { texts } = member();
    await keep(texts, 'k', 'text');
    await redis.flushall();
    expect((await texts.find('k'))?.entry).toBeNull();
    for (const odd of ['', 'no number', 'nothing']) {
      await redis.set('deptracker:cache:1:k', odd);
      expect((await texts.find('k'))?.entry).toBeNull();
    }
  });

  it('can still be found where Redis is full or read-only and nothing can be kept', async () => {
    const { texts } = member();
    await keep(texts, 'k', 'text');
    await redis.config('SET', 'maxmemory', '1');
    expect(await keep(texts, 'other', 'text')).toBe(false);
    expect((await texts.find('k'))?.entry?.text).toBe('text');
  });

  it('are not kept where they are too large, or where they would fill Redis', async () => {
    const { texts, clock } = member();
    expect(await keep(texts, 'k', 'x'.repeat(300_000))).toBe(false);
    const kept: boolean[] = [];
    for (let key = 0; key < 20; key += 1) kept.push(await keep(texts, String(key), 'x'.repeat(250_000)));
    expect(kept).toEqual(kept.map((_, key) => key < 16));
    clock.advance(60_000);
    expect(await keep(texts, '20', 'x')).toBe(true);
  });

  it('are left alone for a while after Redis was silent', async () => {
    const { texts, clock } = member(5);
    await server.pause();
    expect(await texts.find('k')).toBeNull();
    await server.resume();
    expect(await texts.find('k')).toBeNull();
    expect(await texts.keep('k', 1, 'text')).toBe(false);
    clock.advance(5_000);
    await waitFor(async () => {
      clock.advance(5_000);
      return (await texts.find('k')) !== null;
    });
  });

  it('are not looked for where there is no connection, or where Redis answers with an error', async () => {
    const none = createSharedTexts({ prefix: 'p', ttlMs: 1_000, redis: () => null });
    expect(await none.find('k')).toBeNull();
    expect(await none.keep('k', 1, 'text')).toBe(false);
    const { texts } = member();
    await redis.lpush('deptracker:cache:1:k', 'not a text');
    expect(await texts.find('k')).toBeNull();
  });
});
