import { EFFECT_KINDS, EVENT_TYPES, PRIORITIES, STATUS_EVENT, type EventType, owes } from '@deptracker/domain';
import { describe, expect, it } from 'vitest';
import { admitted, policy } from './fixtures.js';

const asked = admitted();
const free = admitted(policy({ approvalsRequired: 0 }));

/** `kind priority` of each thing owed. */
const owed = (deployment: typeof asked, type: EventType): string[] =>
  owes(deployment, { type, revision: 7 }).map(({ kind, priority }) => `${kind} ${priority}`);

const TICKET = 'jira.ticket default';
const ASK = 'slack.approval critical';
const FACE = 'slack.approval default';
const REPLY = 'slack.reply low';
const NOTICE = 'slack.notice low';

const EXPECTED: Readonly<Record<EventType, readonly [asked: readonly string[], free: readonly string[]]>> = {
  'deployment.created': [[TICKET, ASK], [TICKET, NOTICE]],
  'deployment.updated': [[TICKET, FACE], [TICKET]],
  'approval.decided': [[ASK], []],
  'deployment.approved': [[TICKET, ASK, REPLY], [TICKET]],
  'deployment.rejected': [[TICKET, ASK, REPLY], [TICKET]],
  'deployment.expired': [[TICKET, ASK, REPLY], [TICKET]],
  'deployment.started': [[TICKET, FACE, REPLY], [TICKET, NOTICE]],
  'deployment.succeeded': [[TICKET, FACE, REPLY], [TICKET, NOTICE]],
  'deployment.failed': [[TICKET, FACE, REPLY], [TICKET, NOTICE]],
  'deployment.timed_out': [[TICKET, FACE, REPLY], [TICKET, NOTICE]],
  'deployment.cancelled': [[TICKET, ASK, REPLY], [TICKET, NOTICE]],
  'deployment.rolled_back': [[TICKET, FACE, REPLY], [TICKET, NOTICE]],
};

describe('what an event owes the outside', () => {
  it.each(EVENT_TYPES)('is what the table says for %s', (type) => {
    expect(owed(asked, type)).toEqual(EXPECTED[type][0]);
    expect(owed(free, type)).toEqual(EXPECTED[type][1]);
  });

  it('goes to the deployment’s channel in Slack, and carries the revision', () => {
    for (const one of owes(asked, { type: 'deployment.started', revision: 7 })) {
      expect(one.revision).toBe(7);
      expect(one.destination).toBe(EFFECT_KINDS[one.kind] === 'slack' ? 'C1' : '');
    }
  });

  it('is brought up to date where it lasts and is repeated where it is appended', () => {
    for (const deployment of [asked, free]) {
      for (const type of EVENT_TYPES) {
        for (const { kind, mode } of owes(deployment, { type, revision: 1 })) {
          const lasting = kind === 'jira.ticket' || kind === 'slack.approval';
          expect(mode).toBe(lasting ? 'once' : 'per_event');
        }
      }
    }
  });

  it('lets no status change go unseen, and puts what people wait for first', () => {
    for (const type of Object.values(STATUS_EVENT)) expect(owed(asked, type)).toContain(REPLY);
    expect(PRIORITIES.critical).toBeLessThan(PRIORITIES.default);
    expect(PRIORITIES.default).toBeLessThan(PRIORITIES.low);
  });
});
