import { getEventListeners } from 'node:events';
import {
  type Vendor,
  VendorError,
  type VendorFailure,
  type VendorRequest,
  createDirectVendor,
  createVendor,
} from '@deptracker/resilience';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeGate, fakeLogger } from './fakes.js';

const SCOPES = [{ name: 'slack', perMinute: 120 }, { name: 'slack:post', perMinute: null }];
const OUTAGE: Omit<VendorFailure, 'vendor'> = { certainty: 'unknown', fault: 'vendor', code: 'http_500' };
const error = (failure: Omit<VendorFailure, 'vendor'>): VendorError =>
  new VendorError({ vendor: 'slack', ...failure }, failure.code);

type Failing = (failure?: Omit<VendorFailure, 'vendor'>) => Promise<unknown>;

function setUp() {
  const gate = fakeGate();
  const registry = new Registry();
  const probe = vi.fn(() => Promise.resolve<unknown>('alive'));
  const logger = fakeLogger();
  const vendor = createVendor({
    name: 'slack',
    gate,
    breaker: { intervalMs: 60_000, leastSample: 10, openMs: 30_000 },
    timeoutMs: 10_000,
    probe,
    probeScopes: [{ name: 'slack', perMinute: 120 }],
    metrics: registry,
    logger,
  });
  const write = <T>(run: VendorRequest<T>['run'], over: Partial<VendorRequest<T>> = {}): Promise<T> =>
    vendor.request({ method: 'post', kind: 'write', scopes: SCOPES, maxWaitMs: 1000, run, ...over });
  const fail: Failing = (failure = OUTAGE) => write(() => Promise.reject(error(failure))).catch(() => undefined);
  return { gate, registry, probe, logger, vendor, write, fail };
}

const opened = async (fail: Failing): Promise<void> => {
  for (let request = 0; request < 10; request += 1) await fail();
};

/** Resolves when the signal is aborted, as a well-behaved client's request does. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => {
      reject(new DOMException('ended', 'AbortError'));
    };
    signal.addEventListener('abort', end, { once: true });
  });

const failureOf = async (promise: Promise<unknown>): Promise<VendorFailure> => {
  const caught: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(caught instanceof VendorError)) throw caught;
  return caught.failure;
};

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a vendor\'s circuit breaker', () => {
  it('opens when more than half of at least the least sample failed', async () => {
    const { fail, vendor, logger } = setUp();
    for (let request = 0; request < 9; request += 1) await fail();
    expect(vendor.state().breaker).toBe('closed');
    await fail();
    expect(vendor.state()).toEqual({ breaker: 'open', retryAfterMs: 30_000 });
    expect(logger.lines).toEqual(['warn the circuit breaker has opened']);
  });

  it('stays closed at exactly half', async () => {
    const { fail, vendor, write } = setUp();
    for (let request = 0; request < 10; request += 1) await write(() => Promise.resolve());
    await opened(fail);
    expect(vendor.state().breaker).toBe('closed');
    await fail();
    expect(vendor.state().breaker).toBe('open');
  });

  it.each(['row', 'rate'] as const)('does not count a failure whose fault is %s', async (fault) => {
    const { fail, vendor } = setUp();
    for (let request = 0; request < 30; request += 1) await fail({ certainty: 'not_applied', fault, code: 'x' });
    expect(vendor.state().breaker).toBe('closed');
  });

  it('refuses at once while open, without a permit and without sending', async () => {
    const { fail, gate, write } = setUp();
    await opened(fail);
    const asked = gate.acquired.length;
    vi.advanceTimersByTime(10_000);
    const run = vi.fn(() => Promise.resolve());
    expect(await failureOf(write(run))).toEqual({
      vendor: 'slack',
      certainty: 'not_applied',
      fault: 'breaker',
      code: 'breaker_open',
      retryAfterMs: 20_000,
    });
    expect(run).not.toHaveBeenCalled();
    expect(gate.acquired).toHaveLength(asked);
  });

  it('tries with one probe for all waiting writes, through the gate, and then sends them', async () => {
    const { fail, gate, probe, vendor, write } = setUp();
    await opened(fail);
    vi.advanceTimersByTime(30_000);
    gate.acquired.length = 0;
    const run = vi.fn(() => Promise.resolve('sent'));
    expect(await Promise.all([write(run), write(run), write(run)])).toEqual(['sent', 'sent', 'sent']);
    expect(probe).toHaveBeenCalledTimes(1);
    expect(gate.acquired.filter((names) => names.length === 1)).toEqual([['slack']]);
    expect(vendor.state()).toEqual({ breaker: 'closed', retryAfterMs: 0 });
  });

  it('sends no write when the probe fails, and waits as long again', async () => {
    const { fail, probe, vendor, write } = setUp();
    await opened(fail);
    vi.advanceTimersByTime(30_000);
    probe.mockRejectedValueOnce(error(OUTAGE));
    const run = vi.fn(() => Promise.resolve());
    expect(await failureOf(write(run))).toMatchObject({ fault: 'breaker', retryAfterMs: 30_000 });
    expect(run).not.toHaveBeenCalled();
    expect(vendor.state()).toEqual({ breaker: 'open', retryAfterMs: 30_000 });
  });

  it('stays open and says when to come back while the probe gets no permit', async () => {
    const { fail, gate, probe, write } = setUp();
    await opened(fail);
    vi.advanceTimersByTime(30_000);
    const place = { scopes: SCOPES, used: false };
    gate.refuse(7000);
    expect(await failureOf(write(() => Promise.resolve(), { permit: place }))).toMatchObject({
      fault: 'breaker',
      retryAfterMs: 7000,
    });
    expect(probe).not.toHaveBeenCalled();
  });

  it('lets a read be the trial', async () => {
    const { fail, probe, vendor } = setUp();
    await opened(fail);
    vi.advanceTimersByTime(30_000);
    const read = { method: 'list', kind: 'read', scopes: SCOPES, maxWaitMs: 0 } as const;
    expect(await vendor.request({ ...read, run: () => Promise.resolve(7) })).toBe(7);
    expect(probe).not.toHaveBeenCalled();
    expect(vendor.state().breaker).toBe('closed');
  });

  it('does not send a request whose caller gave up while another one was the trial', async () => {
    const { fail, vendor } = setUp();
    await opened(fail);
    vi.advanceTimersByTime(30_000);
    const read = { method: 'list', kind: 'read', scopes: SCOPES, maxWaitMs: 0 } as const;
    const caller = new AbortController();
    const trial = vendor.request({
      ...read,
      run: () => new Promise((resolve) => setTimeout(resolve, 1000)),
    });
    const run = vi.fn(() => Promise.resolve());
    const waiting = failureOf(vendor.request({ ...read, run, signal: caller.signal }));
    await vi.advanceTimersByTimeAsync(500);
    caller.abort();
    await vi.advanceTimersByTimeAsync(500);
    await trial;
    expect(await waiting).toMatchObject({ certainty: 'not_applied', code: 'aborted' });
    expect(run).not.toHaveBeenCalled();
  });
});

describe('a vendor\'s requests', () => {
  it('end by the time-out through their signal: unknown for a write', async () => {
    const { write } = setUp();
    const failure = failureOf(write(untilAborted));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await failure).toEqual({ vendor: 'slack', certainty: 'unknown', fault: 'vendor', code: 'timeout' });
  });

  it('end when the caller aborts, which says nothing of the vendor', async () => {
    const { vendor, write } = setUp();
    for (let request = 0; request < 20; request += 1) {
      const caller = new AbortController();
      const failure = failureOf(write(untilAborted, { signal: caller.signal }));
      await vi.advanceTimersByTimeAsync(1);
      caller.abort();
      expect(await failure).toMatchObject({ certainty: 'unknown', code: 'aborted' });
    }
    expect(vendor.state().breaker).toBe('closed');
  });

  it('are not sent at all when the caller has given up before there was a permit', async () => {
    const { write } = setUp();
    expect(await failureOf(write(() => Promise.resolve(), { signal: AbortSignal.abort() }))).toMatchObject({
      certainty: 'not_applied',
      fault: 'rate',
      code: 'aborted',
    });
  });

  it('are not sent once their time is over, as after a sleep that nobody noticed, and say so', async () => {
    const { write, registry } = setUp();
    const run = vi.fn(() => Promise.resolve('sent'));
    expect(await write(run, { sendBefore: performance.now() + 1 })).toBe('sent');
    const failure = await failureOf(write(run, { sendBefore: performance.now() - 1 }));
    expect(failure).toMatchObject({ certainty: 'not_applied', fault: 'rate', code: 'too_late' });
    expect(run).toHaveBeenCalledTimes(1);
    expect(await registry.metrics()).not.toMatch(/outcome="rate"/);
  });

  it('prove nothing as a trial that was not sent in time: the breaker stays open', async () => {
    const { fail, vendor } = setUp();
    for (let request = 0; request < 10; request += 1) await fail();
    vi.advanceTimersByTime(30_001);
    const run = vi.fn(() => Promise.resolve('alive'));
    const failure = await failureOf(vendor.request({ method: 'find', kind: 'read', scopes: SCOPES, maxWaitMs: 1_000, run, sendBefore: performance.now() - 1 }));
    expect([failure.code, run.mock.calls.length]).toEqual(['too_late', 0]);
    expect(vendor.state().breaker).toBe('open');
  });

  it('turn an error that nobody classified into one that tells nothing secret', async () => {
    const { write } = setUp();
    const promise = write(() => Promise.reject(new TypeError('https://u:secret@host')));
    await expect(promise).rejects.toThrow(/^slack: post failed: TypeError$/);
    expect(await failureOf(promise)).toMatchObject({ certainty: 'unknown', fault: 'row', code: 'unclassified' });
  });

  it('are repeated once if they read, after a pause and with a permit of their own', async () => {
    const { gate, vendor } = setUp();
    const run = vi.fn<() => Promise<number>>().mockRejectedValueOnce(error(OUTAGE)).mockResolvedValue(7);
    const permit = await vendor.reserve(SCOPES, 0);
    if (!('used' in permit)) throw new Error('no permit');
    const answer = vendor.request({ method: 'list', kind: 'read', scopes: SCOPES, maxWaitMs: 0, run, permit });
    await vi.advanceTimersByTimeAsync(1000);
    expect(await answer).toBe(7);
    expect(gate.acquired).toHaveLength(2);
  });

  it.each([
    ['writes', 'write', OUTAGE],
    ['reads that are at fault themselves', 'read', { ...OUTAGE, fault: 'row' }],
    ['reads that were told a later time', 'read', { ...OUTAGE, retryAfterMs: 5000 }],
    ['reads that timed out', 'read', { ...OUTAGE, code: 'timeout' }],
  ] as const)('are not repeated: %s', async (_, kind, failure) => {
    const { vendor } = setUp();
    const run = vi.fn(() => Promise.reject(error(failure)));
    const outcome = failureOf(vendor.request({ method: 'x', kind, scopes: SCOPES, maxWaitMs: 0, run }));
    await vi.advanceTimersByTimeAsync(1000);
    await outcome;
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('are counted by how they ended', async () => {
    const { fail, registry, write } = setUp();
    await write(() => Promise.resolve());
    await fail();
    await fail({ certainty: 'not_applied', fault: 'row', code: 'no' });
    const text = await registry.metrics();
    for (const outcome of ['ok', 'vendor', 'row']) {
      expect(text).toContain(`external_calls_total{vendor="slack",method="post",outcome="${outcome}"} 1`);
    }
    expect(text).toContain('external_call_duration_seconds_count{vendor="slack",method="post"} 3');
    expect(text).toContain('circuit_breaker_state{vendor="slack"} 0');
  });
});

describe('a vendor\'s permits', () => {
  it('are good for one request', async () => {
    const { gate, vendor, write } = setUp();
    const permit = await vendor.reserve(SCOPES, 0);
    if (!('used' in permit)) throw new Error('no permit');
    await write(() => Promise.resolve(), { permit });
    expect(gate.acquired).toHaveLength(1);
    await expect(write(() => Promise.resolve(), { permit })).rejects.toThrow(/used up/);
  });

  it('are completed by what they lack', async () => {
    const { gate, vendor, write } = setUp();
    const permit = await vendor.reserve(SCOPES.slice(0, 1), 0);
    if (!('used' in permit)) throw new Error('no permit');
    await write(() => Promise.resolve(), { permit });
    expect(gate.acquired).toEqual([['slack'], ['slack:post']]);
  });

  it('are refused with the time to stay away', async () => {
    const { gate, vendor, write } = setUp();
    gate.refuse(4200);
    expect(await vendor.reserve(SCOPES, 0)).toEqual({ retryAfterMs: 4200, forAll: false });
    expect(await failureOf(write(() => Promise.resolve()))).toEqual({
      vendor: 'slack',
      certainty: 'not_applied',
      fault: 'rate',
      code: 'no_permit',
      retryAfterMs: 4200,
    });
    expect(gate.blocks).toEqual([]);
  });

  it.each([
    ['for as long as a 429 says', 5000, 5000],
    ['for half a minute where it does not', undefined, 30_000],
  ])('block the scope %s, and up to a tenth longer', async (_, said, expected) => {
    const { gate, write } = setUp();
    const limited = { certainty: 'not_applied', fault: 'rate', code: 'http_429', scope: 'slack:post' } as const;
    const answer = said === undefined ? limited : { ...limited, retryAfterMs: said };
    expect((await failureOf(write(() => Promise.reject(error(answer))))).retryAfterMs).toBe(expected);
    expect(gate.blocks[0]?.scope).toBe('slack:post');
    expect(gate.blocks[0]?.ms).toBeGreaterThanOrEqual(expected);
    expect(gate.blocks[0]?.ms).toBeLessThanOrEqual(expected * 1.1);
  });
});

describe('a direct vendor', () => {
  const direct = (): Vendor => createDirectVendor({ name: 'slack', timeoutMs: 1500, metrics: new Registry() });

  it('sends without a gate or a breaker and repeats nothing', async () => {
    const vendor = direct();
    const run = vi.fn(() => Promise.reject(error(OUTAGE)));
    for (let request = 0; request < 20; request += 1) {
      await failureOf(vendor.request({ method: 'x', kind: 'read', scopes: SCOPES, maxWaitMs: 0, run }));
    }
    expect(run).toHaveBeenCalledTimes(20);
    expect(vendor.state()).toEqual({ breaker: 'closed', retryAfterMs: 0 });
    expect(await vendor.reserve(SCOPES, 0)).toEqual({ scopes: SCOPES, used: false });
  });

  it('ends each request by its time-out', async () => {
    const failure = failureOf(
      direct().request({ method: 'x', kind: 'read', scopes: [], maxWaitMs: 0, run: untilAborted }),
    );
    await vi.advanceTimersByTimeAsync(1500);
    expect(await failure).toMatchObject({ certainty: 'not_applied', code: 'timeout' });
  });

  it('shares its metrics with another vendor of the same registry', () => {
    const metrics = new Registry();
    createDirectVendor({ name: 'slack', timeoutMs: 1, metrics });
    expect(() => createDirectVendor({ name: 'jira', timeoutMs: 1, metrics })).not.toThrow();
  });
});

describe('a signal that ends many requests', () => {
  it('is listened to by none of them once they are over', async () => {
    const { vendor, write } = setUp();
    const { signal } = new AbortController();
    const fails = (): Promise<never> => Promise.reject(error(OUTAGE));
    const reads = [1, 2, 3].map(() => vendor.request({ method: 'read', kind: 'read', scopes: SCOPES, maxWaitMs: 0, run: () => Promise.resolve(), signal }));
    await Promise.allSettled([...reads, write(() => Promise.resolve(), { signal }), write(fails, { signal })]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
