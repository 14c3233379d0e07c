import { type RateGate, type Scope, createRateGate, createRedis, monotonicClock } from '@deptracker/resilience';
import { type RedisServer, startRedis, waitFor } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fakeClock, fakeLogger } from './fakes.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** One a minute: however slow the machine is, the next place does not come up while a test runs. */
const RARE: readonly Scope[] = [{ name: 'all', perMinute: 1 }];
const CALM: readonly Scope[] = [{ name: 'calm', perMinute: null }];

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

/** A gate as one process of the fleet has it, with a clock of its own. */
function member(over: { alone?: boolean } = {}): {
  gate: RateGate;
  clock: ReturnType<typeof fakeClock>;
  logger: ReturnType<typeof fakeLogger>;
} {
  const clock = fakeClock();
  const logger = fakeLogger();
  const client = (): typeof redis | null => (over.alone === true ? null : redis);
  return { gate: createRateGate({ name: 'slack', redis: client, maxReplicas: 4, logger, clock }), clock, logger };
}

describe('the rate gate of a fleet', () => {
  it('spaces the requests of all processes by the one limit', async () => {
    const fleet = [member(), member(), member()];
    const scopes = [{ name: 'all', perMinute: 60 }];
    const began = performance.now();
    const asked = fleet.flatMap(({ gate }) => Array.from({ length: 10 }, () => gate.acquire(scopes, HOUR)));
    const places = await Promise.all(asked);
    const took = performance.now() - began;
    expect(places.every(({ ok }) => ok)).toBe(true);
    const waits = fleet.flatMap(({ clock }) => clock.sleeps).sort((a, b) => a - b);
    expect(waits.length).toBeGreaterThanOrEqual(29 - Math.ceil(took / 1000));
    waits.slice(1).forEach((wait, index) => {
      expect(wait - (waits[index] ?? 0)).toBeGreaterThan(1000 - took);
    });
  });

  it('reserves nothing for a request that would wait too long, and says when its place is free', async () => {
    const { gate, clock } = member();
    expect(await gate.acquire(RARE, 0)).toEqual({ ok: true });
    const refused = await gate.acquire(RARE, 10);
    expect(refused).toMatchObject({ ok: false });
    if (!refused.ok) expect(refused.retryAfterMs).toBeGreaterThan(MINUTE / 2);
    expect(await gate.acquire(RARE, HOUR)).toEqual({ ok: true });
    expect(clock.sleeps[0]).toBeLessThanOrEqual(MINUTE);
  });

  it('takes all scopes of a request or none', async () => {
    const { gate } = member();
    const both = [...RARE, { name: 'channel', perMinute: null }];
    await gate.block('channel', MINUTE);
    expect(await gate.acquire(both, 0)).toMatchObject({ ok: false });
    expect(await gate.acquire(RARE, 0)).toEqual({ ok: true });
  });

  it.each([{ alone: false }, { alone: true }])('says whether all are refused or only what is as narrow: $alone', async (over) => {
    const { gate } = member(over);
    const [all, channel] = [{ name: 'all', perMinute: 60_000 }, { name: 'channel', perMinute: 1 }];
    expect(await gate.acquire([all, channel], 0)).toEqual({ ok: true });
    expect(await gate.acquire([all, channel], 1_000)).toMatchObject({ ok: false, forAll: false });
    await gate.block('all', MINUTE);
    expect(await gate.acquire([all, channel], 1_000)).toMatchObject({ ok: false, forAll: true });
    await gate.block('elsewhere', MINUTE);
    expect(await gate.acquire([{ name: 'any', perMinute: null }, { name: 'elsewhere', perMinute: null }], 0)).toMatchObject({ ok: false, forAll: false });
  });

  it('says that all are refused only where nobody could wait so long', async () => {
    const { gate } = member();
    const [all, channel] = [{ name: 'all', perMinute: 60 }, { name: 'channel', perMinute: null }];
    await gate.block('channel', MINUTE);
    expect(await gate.acquire([all], 0)).toEqual({ ok: true });
    expect(await gate.acquire([all, channel], 5_000, undefined, 100)).toMatchObject({ ok: false, forAll: false });
  });

  it('leaves a place to the more urgent in the whole fleet until shortly before it comes', async () => {
    const [patient, urgent] = [member(), member()];
    const scopes = [{ name: 'all', perMinute: 2 }];
    expect(await patient.gate.acquire(scopes, 0)).toEqual({ ok: true });
    // By its clock, which Redis does not share, its time is over after one sleep.
    expect(await patient.gate.acquire(scopes, 31_000, undefined, 1_500)).toMatchObject({ ok: false });
    expect(patient.clock.sleeps).toHaveLength(1);
    expect(await urgent.gate.acquire(scopes, HOUR)).toEqual({ ok: true });
    expect(urgent.clock.sleeps[0]).toBeLessThanOrEqual(30_000);
  });

  it('lets a request through at once whose scopes have room, whatever waits for a narrower scope', async () => {
    const total = { name: 'all', perMinute: 60_000 };
    const history = [total, { name: 'history', perMinute: 50 }];
    const waiting = await Promise.all(Array.from({ length: 25 }, () => member().gate.acquire(history, HOUR)));
    expect(waiting.every(({ ok }) => ok)).toBe(true);
    // The total's own interval is a millisecond.
    expect(await member().gate.acquire([total], 10)).toEqual({ ok: true });
    expect(await member().gate.acquire(history, 10)).toMatchObject({ ok: false });
  });

  it('keeps the distance in every scope when requests with different scopes are mixed', async () => {
    const limits = [60, 25, 40].map((perMinute, index) => ({ name: `scope ${String(index)}`, perMinute }));
    const began = performance.now();
    const places = await Promise.all(
      Array.from({ length: 70 }, async (_, index) => {
        const scopes = limits.filter((_limit, bit) => (((index % 7) + 1) & (1 << bit)) !== 0);
        const { gate, clock } = member();
        expect(await gate.acquire(scopes, HOUR)).toEqual({ ok: true });
        return { scopes, wait: clock.sleeps[0] ?? 0 };
      }),
    );
    const took = performance.now() - began;
    for (const limit of limits) {
      const inScope = places.filter(({ scopes }) => scopes.includes(limit));
      const waits = inScope.map(({ wait }) => wait).sort((a, b) => a - b);
      expect(waits).toHaveLength(40);
      waits.slice(1).forEach((wait, index) => {
        expect(wait - (waits[index] ?? 0)).toBeGreaterThan(MINUTE / limit.perMinute - took);
      });
    }
  });

  it('blocks a scope for everybody, and a shorter block does not end it sooner', async () => {
    const [first, second] = [member(), member()];
    await first.gate.block('calm', HOUR);
    await second.gate.block('calm', 1);
    const refused = await second.gate.acquire(CALM, 1000);
    expect(refused.ok ? 0 : refused.retryAfterMs).toBeGreaterThan(HOUR / 2);
  });

  it('keeps gates of different names apart', async () => {
    const { gate, logger, clock } = member();
    const other = createRateGate({ name: 'jira', redis: () => redis, maxReplicas: 4, logger, clock });
    await gate.acquire(RARE, 0);
    expect(await other.acquire(RARE, 0)).toEqual({ ok: true });
    const keys = ['deptracker:gate:{jira}:all:busy', 'deptracker:gate:{slack}:all:busy'];
    expect((await redis.keys('*')).sort()).toEqual(keys);
  });

  it('leaves no key without an end', async () => {
    const { gate } = member();
    await gate.acquire(RARE, 0);
    await gate.block('all', MINUTE);
    for (const key of await redis.keys('*')) expect(await redis.pttl(key)).toBeGreaterThan(0);
  });

  it('goes on after FLUSHALL and SCRIPT FLUSH, and tells the wiped Redis of a block that it knows', async () => {
    const [knows, learns] = [member(), member()];
    await knows.gate.block('calm', HOUR);
    await redis.flushall();
    await redis.script('FLUSH');
    expect(await knows.gate.acquire(CALM, 0)).toMatchObject({ ok: false });
    expect(await learns.gate.acquire(CALM, 0)).toMatchObject({ ok: false });
    expect(await learns.gate.acquire(RARE, 0)).toEqual({ ok: true });
    expect([...knows.logger.lines, ...learns.logger.lines]).toEqual([]);
  });

  it('rejects with an AbortError when the caller gives up, also while it waits for its place', async () => {
    const gate = createRateGate({ name: 'slack', redis: () => redis, maxReplicas: 4, logger: fakeLogger() });
    await expect(gate.acquire(RARE, 0, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    await gate.acquire(RARE, 0);
    const caller = new AbortController();
    const waiting = gate.acquire(RARE, HOUR, caller.signal);
    caller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('lets a request start once its place has come', async () => {
    const gate = createRateGate({ name: 'slack', redis: () => redis, maxReplicas: 4, logger: fakeLogger() });
    const scopes = [{ name: 'all', perMinute: 600 }];
    const began = monotonicClock.now();
    for (let request = 0; request < 3; request += 1) await gate.acquire(scopes, HOUR);
    // Two intervals of 100 ms; Node's timers may be a millisecond early.
    expect(monotonicClock.now() - began).toBeGreaterThan(190);
  });
});

describe('the rate gate without Redis', () => {
  it('takes its own share of the limit and says so once', async () => {
    const { gate, clock, logger } = member({ alone: true });
    const scopes = [{ name: 'all', perMinute: 60 }];
    for (let request = 0; request < 3; request += 1) expect(await gate.acquire(scopes, HOUR)).toEqual({ ok: true });
    expect(clock.sleeps).toEqual([4000, 4000]);
    expect(logger.lines).toHaveLength(1);
  });

  it('leaves a place to the more urgent until shortly before it comes', async () => {
    const [clock, scopes] = [fakeClock(), [{ name: 'all', perMinute: 60 }]];
    const sleeps: { readonly ms: number; readonly wake: () => void }[] = [];
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => sleeps.push({ ms, wake: resolve }));
    const gate = createRateGate({ name: 'slack', redis: () => null, maxReplicas: 1, logger: fakeLogger(), clock: { now: () => clock.now(), sleep } });
    await gate.acquire(scopes, 0);
    const patient = gate.acquire(scopes, 1_500, undefined, 100);
    await waitFor(() => sleeps.length === 1);
    const urgent = gate.acquire(scopes, 5_000);
    await waitFor(() => sleeps.length === 2);
    expect(sleeps[1]?.ms).toBe(1_000);
    clock.advance(1_000);
    for (const { wake } of sleeps) wake();
    expect(await urgent).toEqual({ ok: true });
    expect(await patient).toMatchObject({ ok: false, retryAfterMs: 1_000 });
  });

  it('honours a block that it learned meanwhile', async () => {
    const { gate } = member({ alone: true });
    await gate.block('calm', MINUTE);
    expect(await gate.acquire(CALM, 1000)).toMatchObject({ ok: false, retryAfterMs: MINUTE });
  });

  it('keeps its distance to the last request that Redis had let through', async () => {
    let client: typeof redis | null = redis;
    const clock = fakeClock();
    const gate = createRateGate({ name: 'slack', redis: () => client, maxReplicas: 2, logger: fakeLogger(), clock });
    await gate.acquire(RARE, 0);
    client = null;
    expect(await gate.acquire(RARE, 0)).toMatchObject({ ok: false, retryAfterMs: 2 * MINUTE });
  });

  it('does not wait for a Redis that hangs, leaves it alone for a while, and comes back to it', async () => {
    const { gate, clock, logger } = member();
    await gate.acquire(CALM, 0);
    await server.pause();
    try {
      expect(await gate.acquire(RARE, 0)).toEqual({ ok: true });
      expect(await gate.acquire(RARE, 0)).toMatchObject({ ok: false, retryAfterMs: 4 * MINUTE });
      const asked = performance.now();
      for (let request = 0; request < 20; request += 1) await gate.acquire(CALM, 0);
      // Twenty times the patience would be five seconds.
      expect(performance.now() - asked).toBeLessThan(2500);
      expect(logger.lines).toEqual([expect.stringMatching(/^warn .*Redis is away/)]);
    } finally {
      await server.resume();
    }
    await waitFor(async () => {
      clock.advance(5_000);
      await gate.acquire(CALM, 0);
      return logger.lines.length === 2;
    });
    expect(logger.lines[1]).toMatch(/^info .*Redis is back/);
  });

  it('treats a full Redis like one that is away', async () => {
    const { gate, logger } = member();
    await redis.config('SET', 'maxmemory', '1');
    try {
      expect(await gate.acquire(RARE, 0)).toEqual({ ok: true });
      expect(logger.lines).toHaveLength(1);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });
});

describe('the connection for the gate', () => {
  it('tells of an outage once and connects again by itself', async () => {
    const own = await startRedis();
    const errors: string[] = [];
    const client = createRedis(own.url, (error) => errors.push(error.name));
    try {
      await waitFor(() => client.status === 'ready');
      await own.kill();
      await waitFor(() => errors.length > 0);
      await expect(client.get('x')).rejects.toThrow();
      const again = await startRedis({ port: own.port });
      try {
        await waitFor(() => client.status === 'ready');
        expect(errors).toHaveLength(1);
      } finally {
        await again.stop();
      }
    } finally {
      client.disconnect();
      await own.stop();
    }
  });
});
