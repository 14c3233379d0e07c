import { gateReason } from '@deptracker/views';
import { STATUSES } from '@deptracker/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDeployment, anyEvent, decision, deployment, event } from './fixtures.js';

describe('the reason that a gate gives', () => {
  it('says how many approvals are given and how many it takes', () => {
    const half = deployment({ approval: { ...deployment().approval, decisions: [decision()] } });
    expect(gateReason(half, 'pending', null)).toBe('Waiting for approval: 1 of 2 given');
  });

  it('says who decided and why', () => {
    const rejected = deployment({
      status: 'rejected',
      approval: { ...deployment().approval, status: 'rejected', decisions: [decision({ decision: 'reject', actor: 'bob@example.com', reason: 'not\ntoday' })] },
    });
    const told = event({ type: 'deployment.rejected', actor: 'bob@example.com' });
    expect(gateReason(rejected, 'rejected', told)).toBe('Rejected by bob@example.com: not today');
    const back = event({ type: 'deployment.rolled_back', actor: 'ann@example.com', data: { note: 'back to 1.3.9' } });
    expect(gateReason(deployment(), 'rolled_back', back)).toBe('Rolled back by ann@example.com (back to 1.3.9)');
  });

  it('says that nobody needs to be asked', () => {
    const free = deployment({ status: 'approved', approval: { ...deployment().approval, status: 'not_required', required: 0 } });
    expect(gateReason(free, 'approved', null)).toBe('No approval is needed');
  });

  it('is one line that says something, whatever the texts are', () => {
    fc.assert(
      fc.property(anyDeployment, fc.constantFrom(...STATUSES), fc.option(anyEvent, { nil: null }), (any, status, told) => {
        const reason = gateReason(any, status, told);
        expect(reason).not.toBe('');
      }),
    );
  });
});
