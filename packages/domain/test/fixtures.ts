import { type Deployment, DomainError, type Policy, type Refusal, admit } from '@deptracker/domain';
import fc from 'fast-check';

export const START = new Date('2026-03-04T05:06:07.000Z');
export const REQUESTER = 'rita@example.com';
export const PEOPLE = [REQUESTER, 'alice@example.com', 'bob@example.com', 'carol@example.com', 'slack:T1:U1'] as const;

export const after = (seconds: number, since = START): Date => new Date(since.getTime() + seconds * 1000);

export function policy(changes: Partial<Policy> = {}): Policy {
  return {
    revision: 1,
    approvalsRequired: 1,
    eligible: null,
    requesterMayApprove: false,
    approvalTtlSeconds: 600,
    timeoutSeconds: 300,
    ...changes,
  };
}

/** A new deployment as the policy admits it. */
export function admitted(rules: Policy = policy(), changes: Partial<Deployment> = {}): Deployment {
  return {
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    revision: 1,
    project: 'user-service',
    environment: 'production',
    version: '1.4.2',
    commitSha: null,
    ref: null,
    description: null,
    requestedBy: REQUESTER,
    source: null,
    externalId: null,
    links: [],
    metadata: {},
    retryOf: null,
    rollbackOf: null,
    promotedFrom: null,
    ...admit(rules, START),
    channelId: 'C1',
    timeoutSeconds: rules.timeoutSeconds,
    createdAt: START,
    updatedAt: START,
    startedAt: null,
    finishedAt: null,
    ...changes,
  };
}

/** The refusal of a command; one that is not refused fails the test. */
export function refusalOf(command: () => unknown): Refusal {
  try {
    command();
  } catch (error) {
    if (error instanceof DomainError) return error.refusal;
    throw error;
  }
  throw new Error('it was not refused');
}

/** Makes every write to it throw, so that a test shows that nothing is changed in place. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

export const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  revision: fc.nat(),
  approvalsRequired: fc.nat({ max: 3 }),
  eligible: fc.option(fc.subarray([...PEOPLE]), { nil: null }),
  requesterMayApprove: fc.boolean(),
  approvalTtlSeconds: fc.integer({ min: 1, max: 1000 }),
  timeoutSeconds: fc.integer({ min: 1, max: 1000 }),
});
