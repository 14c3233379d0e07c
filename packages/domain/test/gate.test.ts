import { type Deployment, STATUSES, type Status, gate, transition } from '@deptracker/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { START, admitted, after, anyPolicy, policy, refusalOf } from './fixtures.js';
import { anyCommand, perform } from './life-model.js';

/** Any state that commands can lead to, and the time then. */
const anyLife = fc.tuple(anyPolicy, fc.array(anyCommand, { maxLength: 20 })).map(([rules, commands]) => {
  let deployment: Deployment = admitted(rules);
  let now = START;
  for (const command of commands) {
    if (command.kind === 'wait') {
      now = after(command.seconds, now);
      continue;
    }
    try {
      ({ deployment } = perform(deployment, command, now));
    } catch {
      // Refused: it stays as it is.
    }
  }
  return { deployment, now };
});

const mayStart = (deployment: Deployment, now: Date): boolean => {
  try {
    transition(deployment, 'in_progress', now, null);
    return true;
  } catch {
    return false;
  }
};

describe('the gate', () => {
  it('lets through exactly who may start now or has started with this permission', () => {
    fc.assert(
      fc.property(anyLife, ({ deployment, now }) => {
        const { decision, status } = gate(deployment, now);
        const started: readonly Status[] = ['in_progress', 'succeeded'];
        expect(decision === 'allowed').toBe(mayStart(deployment, now) || started.includes(status));
        expect(decision === 'waiting').toBe(status === 'pending');
      }),
      { numRuns: 500 },
    );
  });

  it('says until when its answer holds, and answers otherwise from that moment on', () => {
    fc.assert(
      fc.property(anyLife, ({ deployment, now }) => {
        const { decision, until, lapse } = gate(deployment, now);
        if (until === null) return;
        expect(until.getTime()).toBeGreaterThan(now.getTime());
        expect(lapse).toBeNull();
        expect(gate(deployment, new Date(until.getTime() - 1)).decision).toBe(decision);
        expect(gate(deployment, until).decision).toBe('denied');
      }),
      { numRuns: 500 },
    );
  });

  it('never lets through again what it has denied, whatever time passes', () => {
    fc.assert(
      fc.property(anyLife, fc.nat({ max: 100_000 }), ({ deployment, now }, seconds) => {
        if (gate(deployment, now).decision !== 'denied') return;
        expect(gate(deployment, after(seconds, now)).decision).toBe('denied');
      }),
    );
  });

  it('counts a permission that has lapsed as expired, before anybody has written that down', () => {
    const at = after(600);
    const lapsed = gate(admitted(), at);
    expect(lapsed).toMatchObject({ decision: 'denied', status: 'expired', until: null });
    expect(lapsed.lapse).toMatchObject({ type: 'deployment.expired', actor: null, data: { from: 'pending', to: 'expired' } });
    const running = admitted(policy(), { status: 'in_progress', startedAt: START });
    expect(gate(running, after(300))).toMatchObject({ decision: 'denied', status: 'timed_out' });
  });

  it.each(STATUSES)('answers for %s', (status) => {
    const expected = { pending: 'waiting', approved: 'allowed', in_progress: 'allowed', succeeded: 'allowed' } as const;
    const answer = gate(admitted(policy(), { status }), START);
    expect(answer.decision).toBe(status in expected ? expected[status as keyof typeof expected] : 'denied');
  });

  it('agrees with the refusal that a start would meet', () => {
    expect(gate(admitted(), START).decision).toBe('waiting');
    expect(refusalOf(() => transition(admitted(), 'in_progress', START, null))).toMatchObject({ from: 'pending' });
  });
});
