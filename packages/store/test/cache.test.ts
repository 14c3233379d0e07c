import { createMetrics } from '@deptracker/runtime';
import { type ChangeListener, type Found, type SecondLevel, createCache } from '@deptracker/store';
import { describe, expect, it } from 'vitest';

const MAX_AGE_MS = 1_000;

/** A memory that processes share, on a clock that all of them have; what is stored waits until it is let in. */
function shared(now: () => number) {
  const held = new Map<string, { text: string; asked: number }>();
  const waiting: (() => void)[] = [];
  const state = { away: false, lateStores: false, asked: 0 };
  const second: SecondLevel = {
    find: async (key): Promise<Found | null> => {
      state.asked += 1;
      if (state.away) return null;
      const one = held.get(key);
      return { asked: now(), entry: one === undefined ? null : { text: one.text, ageMs: now() - one.asked } };
    },
    keep: async (key, asked, text) => {
      if (state.away) return false;
      const store = () => held.set(key, { text, asked });
      if (state.lateStores) waiting.push(store);
      else store();
      return true;
    },
  };
  return { second, state, held, letIn: () => waiting.splice(0).forEach((store) => store()) };
}

function feed() {
  const listeners: ChangeListener[] = [];
  return {
    subscribe: (listener: ChangeListener) => (listeners.push(listener), () => undefined),
    tell: (kind: 'deployment' | 'project' = 'deployment') => listeners.forEach((one) => one.changed({ kind, id: 'a', revision: 1 })),
    miss: () => listeners.forEach((one) => one.missed()),
  };
}

/** Replicas over one second level, and a value that all of them read. */
function fleet(maxBytes = 1_000_000) {
  const clock = { ms: 10_000 };
  const now = () => clock.ms;
  const behind = shared(now);
  const source = { value: 'v1', readings: 0, gate: Promise.resolve() };
  const replica = (second: SecondLevel | null = behind.second) => {
    const changes = feed();
    const metrics = createMetrics({ service: 'test' });
    const of = { name: 'pages', maxAgeMs: MAX_AGE_MS, maxBytes, kinds: ['deployment' as const], changes: [changes], metrics, now };
    const cache = createCache({ ...of, second, prepare: (text) => ({ text }) });
    const read = async () => {
      source.readings += 1;
      const { value } = source;
      await source.gate;
      return value;
    };
    const count = async (level: string, result: string): Promise<number> => {
      const all = await metrics.registry.getSingleMetric('cache_requests_total')?.get();
      return all?.values.find(({ labels }) => labels['level'] === level && labels['result'] === result)?.value ?? 0;
    };
    return { changes, count, metrics, get: async (key = 'k') => (await cache.get(key, read)).text, read: (key = 'k') => cache.get(key, read) };
  };
  /** Until so many readings have begun. */
  const begun = async (readings: number): Promise<void> => {
    for (let turn = 0; turn < 100 && source.readings < readings; turn += 1) await Promise.resolve();
    expect(source.readings).toBe(readings);
  };
  return { clock, behind, source, replica, begun };
}

describe('the first level', () => {
  it('reads once for all who ask at once, and gives out the same prepared thing until it is too old', async () => {
    const { source, replica, clock } = fleet();
    const { read, count, metrics } = replica(null);
    const [one, other] = await Promise.all([read(), read()]);
    expect(one).toBe(other);
    clock.ms += MAX_AGE_MS - 1;
    expect(await read()).toBe(one);
    clock.ms += 1;
    source.value = 'v2';
    expect(await read()).toEqual({ text: 'v2' });
    expect(source.readings).toBe(2);
    expect(await Promise.all([count('process', 'miss'), count('process', 'joined'), count('process', 'hit')])).toEqual([2, 1, 1]);
    expect(await metrics.registry.metrics()).toMatch(/cache_age_seconds_sum\{cache="pages"\} 0\.999/);
  });

  it('counts the age from the beginning of the reading', async () => {
    const { source, replica, clock, begun } = fleet();
    const { get } = replica(null);
    let end = (): void => undefined;
    source.gate = new Promise((resolve) => (end = resolve));
    const slow = get();
    await begun(1);
    clock.ms += MAX_AGE_MS;
    end();
    await slow;
    source.value = 'v2';
    expect(await get()).toBe('v2');
  });

  it('reads anew after a change of its kind and after missed notices, also where it was being read', async () => {
    const { source, replica, begun } = fleet();
    const { get, changes } = replica(null);
    for (const [index, happens] of [() => changes.tell(), () => changes.miss()].entries()) {
      const before = get(`k${index}`);
      await begun(2 * index + 1);
      source.value = `new ${index}`;
      happens();
      expect(await get(`k${index}`)).toBe(`new ${index}`);
      expect(await before).not.toBe(`new ${index}`);
      expect(await get(`k${index}`)).toBe(`new ${index}`);
    }
    source.value = 'unheard of';
    changes.tell('project');
    expect(await get('k1')).toBe('new 1');
  });

  it('keeps no failure', async () => {
    const { replica, source } = fleet();
    const { get } = replica(null);
    source.gate = Promise.reject(new Error('away'));
    await expect(get()).rejects.toThrow('away');
    source.gate = Promise.resolve();
    expect(await get()).toBe('v1');
  });

  it('holds no more than it may, and nothing that would drive out all else', async () => {
    const { replica, source } = fleet(32_000);
    const { get } = replica(null);
    source.value = 'x'.repeat(3_000);
    for (let key = 0; key < 20; key += 1) await get(String(key));
    const before = source.readings;
    await get('19');
    expect(source.readings).toBe(before);
    await get('0');
    expect(source.readings).toBe(before + 1);
    source.value = 'x'.repeat(5_000);
    await get('large');
    await get('large');
    expect(source.readings).toBe(before + 3);
    await get('19');
    expect(source.readings).toBe(before + 3);
  });
});

describe('the second level', () => {
  it('saves another replica the reading, and hands the age on', async () => {
    const { source, replica, clock } = fleet();
    const [a, b] = [replica(), replica()];
    await a.get();
    clock.ms += 600;
    source.value = 'v2';
    expect(await b.get()).toBe('v1');
    expect(source.readings).toBe(1);
    clock.ms += 400;
    expect(await b.get()).toBe('v2');
    expect(await Promise.all([b.count('redis', 'hit'), b.count('redis', 'old')])).toEqual([1, 1]);
  });

  it('gives out nothing from before a change that was heard of, however late it is stored', async () => {
    const { source, replica, clock, behind } = fleet();
    const [a, b] = [replica(), replica()];
    behind.state.lateStores = true;
    await a.get();
    clock.ms += 100;
    source.value = 'v2';
    b.changes.tell();
    clock.ms += 100;
    behind.letIn();
    expect(await b.get()).toBe('v2');
    expect(await b.count('redis', 'old')).toBe(1);
  });

  it('is given nothing that was being read when a change was heard of', async () => {
    const { replica, behind, source, begun } = fleet();
    const a = replica();
    let end = (): void => undefined;
    source.gate = new Promise((resolve) => (end = resolve));
    const slow = a.get();
    await begun(1);
    a.changes.tell();
    end();
    await slow;
    expect(behind.held.size).toBe(0);
  });

  it('is not trusted where its clock was set back', async () => {
    const { source, replica, behind } = fleet();
    const [a, b] = [replica(), replica()];
    await a.get();
    for (const one of behind.held.values()) one.asked += 5_000;
    source.value = 'v2';
    expect(await b.get()).toBe('v2');
  });

  it('is not asked right after a change, and not missed where it is away', async () => {
    const { source, replica, behind, clock } = fleet();
    const { get, changes, count } = replica();
    changes.tell();
    expect(await get()).toBe('v1');
    expect(behind.state.asked).toBe(0);
    clock.ms += MAX_AGE_MS;
    behind.state.away = true;
    source.value = 'v2';
    expect(await get()).toBe('v2');
    expect(await Promise.all([count('redis', 'skipped'), count('redis', 'failed')])).toEqual([1, 1]);
  });
});

it('A cache keeps no more bytes than it may, whatever script its texts are in', async () => {
  const maxBytes = 1_000_000;
  const changes = [feed()];
  const cache = createCache({ name: 'p', prepare: (text) => Buffer.from(text), maxAgeMs: 60_000, maxBytes, changes, kinds: ['deployment'], second: null, metrics: createMetrics({ service: 'test' }) });
  const page = '日'.repeat(30_000);
  const keys = Array.from({ length: 20 }, (_, index) => String(index));
  for (const key of keys) await cache.get(key, () => Promise.resolve(page));
  const read: string[] = [];
  for (const key of keys.toReversed()) await cache.get(key, () => (read.push(key), Promise.resolve('')));
  expect((keys.length - read.length) * Buffer.byteLength(page)).toBeLessThanOrEqual(maxBytes);
  expect(read.length).toBeLessThan(keys.length);
});
