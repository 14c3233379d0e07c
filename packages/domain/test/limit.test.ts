import { applyLimit, decide, limit, transition } from '@deptracker/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admitted, after, policy } from './fixtures.js';

const rules = policy({ approvalTtlSeconds: 600, timeoutSeconds: 300 });
const asked = admitted(rules);
const given = decide(asked, { decision: 'approve', actor: 'alice@example.com', reason: null }, after(100)).deployment;
const running = transition(given, 'in_progress', after(200), null).deployment;

describe('a limit of time', () => {
  it('runs for a request, then for the permission, then for the rollout', () => {
    expect(limit(asked)).toEqual({ at: after(600), to: 'expired' });
    expect(limit(given)).toEqual({ at: after(100 + 600), to: 'expired' });
    expect(limit(running)).toEqual({ at: after(200 + 300), to: 'timed_out' });
  });

  it('runs neither for what needs no approval nor for what is over', () => {
    const free = admitted(policy({ approvalsRequired: 0 }));
    expect(limit(free)).toBeNull();
    expect(applyLimit(free, after(1e9))).toEqual({ deployment: free, events: [] });
    expect(limit(transition(running, 'succeeded', after(250), null).deployment)).toBeNull();
    expect(limit(transition(asked, 'cancelled', after(1), null).deployment)).toBeNull();
  });

  it('closes the approval of a request that it ends, and leaves a given one as it was', () => {
    const lapsed = applyLimit(asked, after(600));
    expect(lapsed.deployment).toMatchObject({ status: 'expired', finishedAt: after(600) });
    expect(lapsed.deployment.approval.status).toBe('expired');
    expect(lapsed.events).toEqual([
      { type: 'deployment.expired', revision: 2, actor: null, data: { from: 'pending', to: 'expired' } },
    ]);
    const unused = applyLimit(given, after(700)).deployment;
    expect(unused).toMatchObject({ status: 'expired', approval: { status: 'approved' } });
    const slow = applyLimit(running, after(500));
    expect(slow.events).toMatchObject([{ type: 'deployment.timed_out', data: { from: 'in_progress' } }]);
    expect(slow.deployment).toMatchObject({ status: 'timed_out', startedAt: after(200), finishedAt: after(500) });
  });

  it('that has passed lets nobody start, also while nobody has written it down', () => {
    expect(() => transition(given, 'in_progress', after(700), null)).toThrow(/is expired cannot be set to in_progress/);
    expect(transition(given, 'in_progress', after(699), null).deployment.status).toBe('in_progress');
  });

  it('changes nothing before its time and something at it, and nothing twice', () => {
    const start = fc.constantFrom(asked, given, running);
    fc.assert(
      fc.property(start, fc.integer({ min: -1000, max: 1000 }), (deployment, seconds) => {
        const next = limit(deployment);
        if (next === null) throw new Error('each of these has a limit');
        const change = applyLimit(deployment, after(seconds, next.at));
        if (seconds < 0) {
          expect(change).toEqual({ deployment, events: [] });
          return;
        }
        expect(change.deployment.status).toBe(next.to);
        expect(change.events).toHaveLength(1);
        expect(applyLimit(change.deployment, after(1e6)).events).toEqual([]);
      }),
    );
  });
});
