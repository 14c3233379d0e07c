import { VendorError } from '@deptracker/resilience';
import { type Patience, type Step, afterFailure, afterQuietLookup, afterSuccess } from '@deptracker/reconcile';
import { type Effect, UnavailableError } from '@deptracker/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const patience: Patience = {
  attempts: 3,
  retryDelayMs: 30_000,
  lookupDelaysMs: [2_000, 5_000, 15_000, 60_000],
  recheckDelaysMs: [900_000, 86_400_000],
};

const BASE: Effect = {
  id: 'e', kind: 'jira.ticket', target: 'jira', priority: 2, deploymentId: 'd', eventRevision: 0, destination: '', parentId: null,
  phase: 'unsent', desiredRevision: 1, appliedRevision: 0, attempts: 0, sends: 0, maxSends: 2, lookups: 0, rechecks: 0, firstSentAt: null,
  sentAt: null, externalId: null, extraIds: [], failingSince: null, confirmAt: null, confirmable: false, leaseUntil: null, fence: 1,
  now: new Date(0), project: null, environment: null, due: true, leased: true, discarded: false,
};

const failures = fc.record({
  certainty: fc.constantFrom('not_applied' as const, 'unknown' as const),
  fault: fc.constantFrom('row' as const, 'vendor' as const, 'rate' as const, 'breaker' as const),
  retryAfterMs: fc.option(fc.integer({ min: 0, max: 600_000 }), { nil: undefined }),
});
const errorOf = ({ retryAfterMs, ...failure }: { certainty: 'not_applied' | 'unknown'; fault: 'row' | 'vendor' | 'rate' | 'breaker'; retryAfterMs: number | undefined }): VendorError =>
  new VendorError({ vendor: 'jira', code: 'x', ...failure, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }, 'failed');
const steps = fc.constantFrom<Step>('prepare', 'create', 'find', 'update');
const seconds = fc.integer({ min: 0, max: 100_000 });

describe('after a failure', () => {
  it('of our own database, which is nobody\'s fault but an outage\'s, no attempt is used up, and a created thing is looked up', () => {
    const away = new UnavailableError('timeout exceeded when trying to connect', false, null);
    for (const step of ['prepare', 'update', 'find'] as const) {
      const patch = afterFailure({ ...BASE, attempts: 2 }, step, away, patience);
      expect(patch.attempts).toBeUndefined();
      expect(patch.phase).not.toBe('dead');
      expect(patch.nextInMs).toBeGreaterThan(0);
    }
    expect(afterFailure(BASE, 'create', away, patience).phase).toBe('unknown');
  });

  it('no creating request whose answer is lost is ever sent again without a look-up', () => {
    fc.assert(
      fc.property(failures, (failure) => {
        const patch = afterFailure(BASE, 'create', errorOf({ ...failure, certainty: 'unknown' }), patience);
        expect(patch.phase).toBe('unknown');
      }),
    );
  });

  it('only failures of the row itself use up attempts', () => {
    fc.assert(
      fc.property(failures, steps, seconds, (failure, step, age) => {
        const effect = { ...BASE, attempts: 2, failingSince: new Date(0), now: new Date(age * 1000) };
        const patch = afterFailure(effect, step, errorOf({ ...failure, certainty: 'not_applied' }), patience);
        if (failure.fault !== 'row') expect([patch.phase === 'dead', patch.attempts]).toEqual([false, undefined]);
      }),
    );
  });

  it('Retry-After is honoured and a row that is not given up always has a next attempt', () => {
    fc.assert(
      fc.property(failures, steps, (failure, step) => {
        const patch = afterFailure(BASE, step, errorOf(failure), patience);
        const over = patch.phase === 'dead' || patch.phase === 'held';
        expect(patch.nextInMs === null).toBe(over);
        if (failure.fault === 'rate' && patch.phase !== 'unknown') {
          expect(patch.nextInMs).toBeGreaterThanOrEqual(failure.retryAfterMs ?? 0);
        }
      }),
    );
  });

  it('a bug in our own code ends dead after the budget instead of looping for ever', () => {
    const effect = { ...BASE, attempts: 2 };
    expect(afterFailure(effect, 'prepare', new TypeError('oops'), patience)).toMatchObject({ phase: 'dead', attempts: 3 });
  });
});

describe('a quiet look-up', () => {
  it('allows another send only after the whole schedule, and never a third', () => {
    fc.assert(
      fc.property(seconds, fc.integer({ min: 1, max: 2 }), (elapsed, sends) => {
        const effect = { ...BASE, phase: 'unknown' as const, lookups: 1, sends, sentAt: new Date(0), now: new Date(elapsed * 1000) };
        const patch = afterQuietLookup(effect, patience);
        const scheduleOver = elapsed * 1000 >= 60_000;
        if (!scheduleOver) expect(patch.phase).toBe('unknown');
        else expect(patch.phase).toBe(sends < 2 ? 'unsent' : 'held');
      }),
    );
  });
});

describe('after success', () => {
  it('a row that was sent twice is searched again after a quarter of an hour and after a day', () => {
    const twice = { ...BASE, sends: 2, sentAt: new Date(0), now: new Date(1_000) };
    expect(afterSuccess(twice, 1, patience).nextInMs).toBe(899_000);
    expect(afterSuccess({ ...twice, rechecks: 1 }, 1, patience).nextInMs).toBe(86_399_000);
    expect(afterSuccess({ ...twice, rechecks: 2 }, 1, patience).nextInMs).toBeNull();
    expect(afterSuccess({ ...twice, sends: 1 }, 1, patience).nextInMs).toBeNull();
  });
});
