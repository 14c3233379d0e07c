import { DomainError, type Refusal } from '@deptracker/domain';
import { ephemeralFor } from '@deptracker/views';
import { describe, expect, it } from 'vitest';
import { NOW } from './fixtures.js';
import { expectInert } from './slack-limits.js';

const CASES: readonly (readonly [Refusal, string])[] = [
  [{ code: 'approval_closed', status: 'rejected', by: 'b<b@example.com' }, 'already rejected by b&lt;b@example.com.'],
  [{ code: 'approval_closed', status: 'expired', by: 'bob@example.com' }, 'this request is already expired.'],
  [{ code: 'approval_closed', status: 'approved', by: 'slack:T1:U9' }, 'already approved by <@U9>.'],
  [{ code: 'approval_lapsed', expiresAt: NOW }, 'the time to decide ended <!date^1772600767^'],
  [{ code: 'approval_not_required' }, 'needs no approval'],
  [{ code: 'not_eligible', why: 'requester' }, 'somebody else must decide'],
  [{ code: 'not_eligible', why: 'not_listed' }, 'not among the approvers'],
  [{ code: 'already_decided', decision: 'reject' }, 'You have already rejected this'],
  [{ code: 'already_decided', decision: 'approve' }, 'You have already approved this'],
  [{ code: 'deployment_not_found', id: 'x' }, 'no longer known'],
  [{ code: 'revision_mismatch', current: 3 }, 'not counted'],
];

describe('the answer to a click that did not count', () => {
  it.each(CASES)('explains %o', (refusal, words) => {
    const sentence = ephemeralFor(refusal);
    expect(sentence).toContain(words);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expectInert(sentence);
    expect(ephemeralFor(new DomainError(refusal, 'for machines'))).toBe(sentence);
  });
});
