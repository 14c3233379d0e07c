import { type Change, type Deployment, STATUSES, STATUS_RULES, isFinal, transition } from '@deptracker/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { START, admitted, after, anyPolicy, frozen, policy, refusalOf } from './fixtures.js';
import { DRAWN, LifeModel, anyCommand, perform } from './life-model.js';

const FIXED = ['id', 'project', 'environment', 'version', 'commitSha', 'requestedBy', 'channelId'] as const;

/** What holds of any change, whatever was asked for. */
function expectSound(before: Deployment, { deployment, events }: Change): void {
  expect(deployment.revision).toBe(before.revision + events.length);
  expect(events.map(({ revision }) => revision)).toEqual(events.map((_event, index) => before.revision + index + 1));
  if (events.length === 0) expect(deployment).toBe(before);
  for (const field of FIXED) expect(deployment[field]).toBe(before[field]);
  expect(deployment.approval.decisions.slice(0, before.approval.decisions.length)).toEqual(before.approval.decisions);
  let { status } = before;
  for (const { data } of events.filter((event) => event.data.to !== undefined)) {
    expect(data.from).toBe(status);
    expect(DRAWN[status]).toContain(data.to);
    status = data.to ?? status;
  }
  expect(deployment.status).toBe(status);
}

describe('a deployment through any commands in any order', () => {
  it('never leaves the drawn transitions, and is refused exactly where the rules refuse', () => {
    const commands = fc.array(anyCommand, { maxLength: 25 });
    fc.assert(
      fc.property(anyPolicy, commands, (rules, list) => {
        const model = new LifeModel(rules);
        let deployment = frozen(admitted(rules));
        expect(deployment.status).toBe(model.status);
        for (const command of list) {
          if (command.kind === 'wait') {
            model.now = after(command.seconds, model.now);
            continue;
          }
          const outcome = model.expect(command);
          const before = deployment;
          if ('refused' in outcome) {
            expect(refusalOf(() => perform(before, command, model.now)).code).toBe(outcome.refused);
            continue;
          }
          const change = perform(before, command, model.now);
          expectSound(before, change);
          expect(change.deployment.status).toBe(outcome.status);
          deployment = frozen(change.deployment);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the table of statuses', () => {
  it('is the one that is drawn', () => {
    expect(Object.fromEntries(STATUSES.map((status) => [status, STATUS_RULES[status].next]))).toEqual(DRAWN);
    for (const status of STATUSES) expect(isFinal(status)).toBe(DRAWN[status].length === 0);
  });

  it('shows a ticket as done exactly where a rollout is over', () => {
    const open = STATUSES.filter((status) => STATUS_RULES[status].ticket !== 'done');
    expect(open).toEqual(['pending', 'approved', 'in_progress']);
  });
});

describe('a pipeline', () => {
  it('starts and ends a rollout, and the times are kept', () => {
    const started = transition(admitted(policy({ approvalsRequired: 0 })), 'in_progress', after(10), 'ci@example.com');
    expect(started.deployment).toMatchObject({
      status: 'in_progress',
      startedAt: after(10),
      finishedAt: null,
      updatedAt: after(10),
    });
    expect(started.events).toEqual([
      {
        type: 'deployment.started',
        revision: 2,
        actor: 'ci@example.com',
        data: { from: 'approved', to: 'in_progress' },
      },
    ]);
    const ended = transition(started.deployment, 'succeeded', after(20), null);
    expect(ended.deployment).toMatchObject({ status: 'succeeded', startedAt: after(10), finishedAt: after(20) });
  });

  it('cancels a request, which closes its approval', () => {
    const { deployment } = transition(admitted(), 'cancelled', START, null);
    expect(deployment).toMatchObject({ status: 'cancelled', approval: { status: 'cancelled' }, finishedAt: START });
  });

  it('leaves the approval as it was given when an approved deployment is cancelled', () => {
    const given = admitted(policy(), { status: 'approved', approval: { ...admitted().approval, status: 'approved' } });
    expect(transition(given, 'cancelled', START, null).deployment.approval.status).toBe('approved');
  });

  it.each(['approved', 'rejected', 'expired', 'timed_out', 'rolled_back', 'pending'] as const)(
    'can never set %s, and is told what it can',
    (to) => {
      const running = admitted(policy(), { status: 'in_progress' });
      const allowed = ['succeeded', 'failed', 'cancelled'];
      expect(refusalOf(() => transition(running, to, START, null))).toEqual({
        code: 'illegal_transition',
        from: 'in_progress',
        to,
        allowed,
      });
      const over = refusalOf(() => transition(admitted(policy(), { status: 'succeeded' }), to, START, null));
      expect(over).toMatchObject({ code: 'illegal_transition', allowed: [] });
    },
  );
});
