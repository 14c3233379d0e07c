import type { Decision, Deployment, RecordedEvent } from '@deptracker/domain';
import { APPROVAL_STATUSES, EVENT_TYPES, STATUSES } from '@deptracker/domain';
import fc from 'fast-check';

export const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
export const NOW = new Date('2026-03-04T05:06:07.000Z');

export const later = (ms: number): Date => new Date(NOW.getTime() + ms);

export function deployment(changes: Partial<Deployment> = {}): Deployment {
  return {
    id: ID,
    revision: 1,
    project: 'user-service',
    environment: 'production',
    version: '1.4.2',
    commitSha: 'abc1234',
    ref: 'main',
    description: null,
    requestedBy: 'rita@example.com',
    source: 'ci',
    externalId: '77',
    links: [],
    metadata: {},
    retryOf: null,
    rollbackOf: null,
    promotedFrom: null,
    status: 'pending',
    approval: {
      status: 'pending',
      required: 2,
      eligible: null,
      requesterMayApprove: false,
      expiresAt: later(86_400_000),
      decisions: [],
    },
    channelId: 'C1',
    timeoutSeconds: 7200,
    createdAt: NOW,
    updatedAt: NOW,
    startedAt: null,
    finishedAt: null,
    ...changes,
  };
}

export function decision(changes: Partial<Decision> = {}): Decision {
  return { decision: 'approve', actor: 'alice@example.com', reason: 'looks good', at: NOW, ...changes };
}

export function event(changes: Partial<RecordedEvent> = {}): RecordedEvent {
  return {
    id: '01890a5d-ac96-774b-bcce-b302099a8058',
    deploymentId: ID,
    type: 'deployment.started',
    revision: 2,
    actor: null,
    data: {},
    at: NOW,
    ...changes,
  };
}

/* Anything that somebody may send: any code unit, lone surrogates included, and what Slack would act upon. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 60 }),
  fc.constantFrom('', ' ', '<!channel>', '<!here|x>', '<@U123>', '&lt;!channel&gt;', '`', '\n\n'),
  fc.constantFrom('https://x/|<!channel>', 'slack:T1:U1', 'slack:T1:<!here>', ':tada:', '*_~'),
  fc.constantFrom('<&>"\\', '😀\n', 'x').map((piece) => piece.repeat(200)),
);
export const anyText = fc.array(nasty, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''));
const anyLength = fc.tuple(anyText, fc.constantFrom(1, 1, 50)).map(([text, times]) => text.repeat(times));
const maybe = fc.option(anyText, { nil: null });
const anyDate = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });

const anyDecision: fc.Arbitrary<Decision> = fc.record({
  decision: fc.constantFrom('approve', 'reject'),
  actor: anyText,
  reason: maybe,
  at: anyDate,
});

export const anyDeployment: fc.Arbitrary<Deployment> = fc.record({
  id: fc.uuid(),
  revision: fc.nat(),
  project: anyText,
  environment: anyText,
  version: anyText,
  commitSha: maybe,
  ref: maybe,
  description: fc.option(anyLength, { nil: null }),
  requestedBy: maybe,
  source: maybe,
  externalId: maybe,
  links: fc.array(fc.record({ title: anyText, url: fc.oneof(anyText, fc.webUrl({ withQueryParameters: true })) }), {
    maxLength: 40,
  }),
  metadata: fc.constant({}),
  retryOf: fc.option(fc.uuid(), { nil: null }),
  rollbackOf: fc.option(fc.uuid(), { nil: null }),
  promotedFrom: fc.option(fc.uuid(), { nil: null }),
  status: fc.constantFrom(...STATUSES),
  approval: fc.record({
    status: fc.constantFrom(...APPROVAL_STATUSES),
    required: fc.nat({ max: 20 }),
    eligible: fc.option(fc.array(anyText, { maxLength: 30 }), { nil: null }),
    requesterMayApprove: fc.boolean(),
    expiresAt: fc.option(anyDate, { nil: null }),
    decisions: fc.array(anyDecision, { maxLength: 40 }),
  }),
  channelId: fc.constant('C1'),
  timeoutSeconds: fc.nat(),
  createdAt: anyDate,
  updatedAt: anyDate,
  startedAt: fc.option(anyDate, { nil: null }),
  finishedAt: fc.option(anyDate, { nil: null }),
});

export const anyEvent: fc.Arbitrary<RecordedEvent> = fc.record({
  id: fc.uuid(),
  deploymentId: fc.uuid(),
  type: fc.constantFrom(...EVENT_TYPES),
  revision: fc.nat(),
  actor: maybe,
  data: fc.record(
    {
      from: fc.constantFrom(...STATUSES),
      decision: fc.record({
        decision: fc.constantFrom('approve' as const, 'reject' as const),
        actor: anyText,
        reason: maybe,
      }),
      remaining: fc.nat({ max: 20 }),
      note: anyText,
    },
    { requiredKeys: [] },
  ),
  at: anyDate,
});
