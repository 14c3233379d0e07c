import { LocalGate } from '@deptracker/resilience';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const MINUTE = 60_000;
const SCOPES = ['all', 'one channel', 'another channel'];

const ask = fc.record({
  kind: fc.constant('ask' as const),
  wait: fc.nat(20_000),
  mask: fc.integer({ min: 1, max: 7 }),
});

const step = fc.oneof(
  { weight: 6, arbitrary: ask },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(30_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('block' as const), scope: fc.nat(2), ms: fc.nat(40_000) }) },
);

type Step =
  | { kind: 'ask'; wait: number; mask: number }
  | { kind: 'pass'; ms: number }
  | { kind: 'block'; scope: number; ms: number };

const model = fc.record({
  rates: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 3, maxLength: 3 }),
  replicas: fc.integer({ min: 1, max: 5 }),
  steps: fc.array(step, { minLength: 1, maxLength: 300 }),
});

interface Run {
  /** Per scope: when its permits started. */
  readonly starts: number[][];
  /** All permits in the order in which they were given. */
  readonly permits: { mask: number; start: number }[];
  /** Per scope: the blocks, and at which moment each was made. */
  readonly blocks: { from: number; until: number }[][];
}

/** Plays the steps on one gate; a granted request starts when its wait is over. */
function play({ rates, replicas, steps }: { rates: number[]; replicas: number; steps: Step[] }): Run {
  const gate = new LocalGate(1 / replicas);
  const run: Run = { starts: [[], [], []], permits: [], blocks: [[], [], []] };
  let now = 0;
  for (const one of steps) {
    if (one.kind === 'pass') now += one.ms;
    if (one.kind === 'block') {
      gate.block(SCOPES[one.scope] ?? '', now + one.ms);
      run.blocks[one.scope]?.push({ from: now, until: now + one.ms });
    }
    if (one.kind === 'ask') {
      const asked = [0, 1, 2].filter((index) => (one.mask & (1 << index)) !== 0);
      const scopes = asked.map((index) => ({ name: SCOPES[index] ?? '', perMinute: rates[index] ?? 1 }));
      const { granted, waitMs } = gate.reserve(scopes, one.wait, now);
      expect(waitMs <= one.wait).toBe(granted);
      if (!granted) continue;
      run.permits.push({ mask: one.mask, start: now + waitMs });
      for (const index of asked) {
        expect(run.blocks[index]?.every(({ until }) => now + waitMs >= until)).toBe(true);
        run.starts[index]?.push(now + waitMs);
      }
    }
  }
  return run;
}

describe('the gate of a process that is on its own', () => {
  it('never lets more than its share plus one start in any minute, whatever is asked and blocked', () => {
    fc.assert(
      fc.property(model, ({ rates, replicas, steps }) => {
        play({ rates, replicas, steps }).starts.forEach((starts, index) => {
          const share = (rates[index] ?? 1) / replicas;
          for (const start of starts) {
            const within = starts.filter((other) => other >= start && other < start + MINUTE).length;
            expect(within).toBeLessThanOrEqual(share + 1);
          }
        });
      }),
    );
  });

  it('never lets a request overtake one that had no limit but those of its own', () => {
    fc.assert(
      fc.property(model, (input) => {
        const { permits } = play(input);
        permits.forEach((one, index) => {
          const after = permits.slice(index + 1).filter(({ mask }) => (mask & one.mask) === one.mask);
          for (const { start } of after) expect(start).toBeGreaterThan(one.start);
        });
      }),
    );
  });

  it('gives the first place that keeps the distance in every scope, and no later one', () => {
    // These divide a minute, so that times are whole numbers and sums are exact.
    const rate = fc.constantFrom(1, 2, 3, 4, 5, 6, 10, 12, 20, 30, 60, 100, 120, 600, 1000);
    const asks = fc.array(fc.record({ pass: fc.nat(3_000), mask: fc.integer({ min: 1, max: 7 }) }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.tuple(rate, rate, rate), asks, (rates, all) => {
        const gate = new LocalGate(1);
        const limits = rates.map((perMinute, index) => ({ name: SCOPES[index] ?? '', perMinute }));
        const given = limits.map((): number[] => []);
        let now = 0;
        for (const { pass, mask } of all) {
          now += pass;
          const asked = [0, 1, 2].filter((index) => (mask & (1 << index)) !== 0);
          const near = asked.flatMap((index) =>
            (given[index] ?? []).map((at) => ({ at, interval: MINUTE / (rates[index] ?? 1) })),
          );
          const fits = [now, ...near.map(({ at, interval }) => at + interval)]
            .filter((t) => t >= now && near.every(({ at, interval }) => Math.abs(t - at) >= interval))
            .sort((a, b) => a - b);
          const place = gate.reserve(asked.flatMap((index) => limits[index] ?? []), Infinity, now);
          expect(now + place.waitMs).toBe(fits[0]);
          for (const index of asked) given[index]?.push(now + place.waitMs);
        }
      }),
    );
  });

  it('lets a request through at once that shares only a broad, idle scope with those that wait', () => {
    const rates = fc.record({ narrow: fc.integer({ min: 1, max: 100 }), broad: fc.integer({ min: 1_000, max: 60_000 }) });
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 100 }), fc.nat(10 * MINUTE), ({ narrow, broad }, waiting, now) => {
        const gate = new LocalGate(1);
        const total = { name: 'all', perMinute: broad };
        for (let one = 0; one < waiting; one += 1) {
          gate.reserve([total, { name: 'one channel', perMinute: narrow }], Infinity, 0);
        }
        // At worst it is asked for just where a waiting one has its place.
        expect(gate.reserve([total], Infinity, now).waitMs).toBeLessThanOrEqual((2 * MINUTE) / broad);
      }),
    );
  });

  it('keeps a place for those that wait for a narrow scope while others pass', () => {
    const gate = new LocalGate(1);
    const total = { name: 'all', perMinute: 60 };
    const both = [total, { name: 'one channel', perMinute: 10 }];
    expect([0, 1].map(() => gate.reserve(both, MINUTE, 0).waitMs)).toEqual([0, 6_000]);
    const others = Array.from({ length: 7 }, () => gate.reserve([total], MINUTE, 0).waitMs);
    expect(others).toEqual([1_000, 2_000, 3_000, 4_000, 5_000, 7_000, 8_000]);
  });

  it('reserves nothing for a request that would have to wait too long', () => {
    const gate = new LocalGate(1);
    const scope = [{ name: 'all', perMinute: 1 }];
    expect(gate.reserve(scope, 0, 0)).toMatchObject({ granted: true, waitMs: 0 });
    expect(gate.reserve(scope, 59_999, 0)).toMatchObject({ granted: false, waitMs: MINUTE });
    expect(gate.reserve(scope, MINUTE, 0)).toMatchObject({ granted: true, waitMs: MINUTE });
  });

  it('does not shorten a block by a shorter one', () => {
    const gate = new LocalGate(1);
    gate.block('all', 30_000);
    gate.block('all', 1_000);
    expect(gate.blockedFor('all', 10_000)).toBe(20_000);
  });

  it('forgets no scope that still holds something, however many there are', () => {
    const gate = new LocalGate(1);
    const scope = (channel: number) => ({ name: `channel ${String(channel)}`, perMinute: 1 });
    for (let channel = 0; channel < 1000; channel += 1) gate.reserve([scope(channel)], 0, 0);
    gate.block('far ahead', 60 * MINUTE);
    gate.reserve([{ name: 'far ahead', perMinute: 60 }], 60 * MINUTE, 1);
    for (let channel = 0; channel < 1000; channel += 1) {
      expect(gate.reserve([scope(channel)], 0, 1)).toMatchObject({ granted: false, waitMs: MINUTE - 1 });
    }
  });
});
