import { type Deployment, EVENT_TYPES, type RecordedEvent, STATUS_RULES } from '@deptracker/domain';
import { digestMessage, noticeLine, replyMessage } from '@deptracker/views';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW, anyDeployment, anyEvent, decision, deployment, event, later } from './fixtures.js';
import { expectInert, expectPostable, textsOf } from './slack-limits.js';

const approval = { ...deployment().approval, decisions: [decision({ decision: 'reject', reason: 'not today' })] };
const RUNNING = { startedAt: NOW };
const bob = { decision: 'approve', actor: 'bob@example.com', reason: null } as const;
const DECIDED = { type: 'approval.decided', actor: bob.actor, data: { decision: bob, remaining: 1 } } as const;

type Case = [about: Partial<Deployment>, happened: Partial<RecordedEvent>, text: string];

describe('a reply in the thread', () => {
  it.each<Case>([
    [
      { approval },
      { type: 'deployment.rejected', actor: 'alice@example.com' },
      ':no_entry: Rejected by alice@example.com: not today',
    ],
    [{}, { type: 'deployment.expired', data: { from: 'pending' } }, ':alarm_clock: Expired, not decided in time'],
    [
      {},
      { type: 'deployment.expired', data: { from: 'approved' } },
      ':alarm_clock: Expired, the permission was not used in time',
    ],
    [RUNNING, { type: 'deployment.started', actor: 'ci@example.com' }, ':rocket: Rollout started by ci@example.com'],
    [RUNNING, { type: 'deployment.succeeded', at: later(200_000) }, ':tada: Succeeded after 3 min 20 s'],
    [RUNNING, { type: 'deployment.failed', at: later(3_600_000) }, ':x: Failed after 1 h'],
    [{}, { type: 'deployment.failed' }, ':x: Failed'],
    [RUNNING, { type: 'deployment.timed_out' }, ':stopwatch: Timed out, not finished within 2 h'],
    [{}, { type: 'deployment.cancelled' }, ':octagonal_sign: Cancelled'],
    [{}, { type: 'deployment.rolled_back' }, ':rewind: Rolled back'],
    [
      {},
      { type: 'deployment.created', data: { note: 'no requester' } },
      ':package: Created, approval asked for (no requester)',
    ],
    [
      {},
      { type: 'deployment.updated', data: { edit: { links: [], description: null } } },
      ':pencil2: Links, description changed',
    ],
    [{}, DECIDED, ':ballot_box_with_check: Approved by bob@example.com; 1 more needed'],
  ])('says in one line what happened (%#)', (about, happened, text) => {
    expect(replyMessage(deployment(about), event(happened))).toEqual({ text });
  });

  it('has an emoji and words for every event, and the status of the moment, not of now', () => {
    for (const type of EVENT_TYPES) {
      const { text } = replyMessage(deployment({ status: 'cancelled' }), event({ type }));
      expect(text).toMatch(/^:[a-z0-9_]+: [A-Z]/);
      if (type !== 'deployment.cancelled') expect(text).not.toContain(STATUS_RULES.cancelled.emoji);
    }
  });

  it('stays one harmless line, whatever it is given', () => {
    fc.assert(
      fc.property(anyDeployment, anyEvent, (about, happened) => {
        const { text } = replyMessage(about, happened);
        expectInert(text);
        expect(text).not.toContain('\n');
        expect(text.length).toBeLessThanOrEqual(4000);
      }),
    );
  });
});

describe('a digest', () => {
  it('names the deployment in each line, in the order given', () => {
    const about = deployment({ approval: { ...approval, status: 'not_required' } });
    const created = event({ type: 'deployment.created' });
    const first = ':package: *user-service* 1.4.2 → production: created, needs no approval';
    const second = ':rocket: *user-service* 1.4.2 → production: rollout started';
    expect(noticeLine(about, created)).toBe(first);
    expect(digestMessage([{ deployment: about, event: created }, { deployment: about, event: event() }])).toEqual({
      text: `${first}\n${second}`,
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `${first}\n${second}` } }],
    });
  });

  it('refuses to be empty or to hold more than fifty', () => {
    const one = { deployment: deployment(), event: event() };
    expect(() => digestMessage([])).toThrow(RangeError);
    expect(() => digestMessage(Array.from({ length: 51 }, () => one))).toThrow(RangeError);
  });

  it('shows every one of fifty members within the limits, whatever they are', () => {
    const member = fc.record({ deployment: anyDeployment, event: anyEvent });
    fc.assert(
      fc.property(member, fc.integer({ min: 1, max: 50 }), (one, count) => {
        const message = digestMessage(Array.from({ length: count }, () => one));
        expectPostable(message);
        expect(noticeLine(one.deployment, one.event).length).toBeLessThanOrEqual(255);
        expect(message.blocks.flatMap(textsOf).join('\n').split('\n')).toHaveLength(count);
      }),
    );
  });
});
