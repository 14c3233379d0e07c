import { type Change, type Deployment, type DomainEvent, decide } from '@deptracker/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PEOPLE, REQUESTER, admitted, after, anyPolicy, policy, refusalOf } from './fixtures.js';

const [, ALICE, BOB, CAROL] = PEOPLE;
const SOON = after(1);

const approve = (before: Deployment, actor: string, reason: string | null = null): Change =>
  decide(before, { decision: 'approve', actor, reason }, SOON);
const reject = (before: Deployment, actor: string): Change =>
  decide(before, { decision: 'reject', actor, reason: null }, SOON);

describe('an approval', () => {
  it('closes with the last decision that the quorum needs, as two events', () => {
    const first = approve(admitted(policy({ approvalsRequired: 2 })), ALICE, 'fine');
    expect(first.deployment).toMatchObject({ status: 'pending', revision: 2, approval: { status: 'pending' } });
    expect(first.events).toEqual<DomainEvent[]>([
      {
        type: 'approval.decided',
        revision: 2,
        actor: ALICE,
        data: { decision: { decision: 'approve', actor: ALICE, reason: 'fine' }, remaining: 1 },
      },
    ]);
    const second = approve(first.deployment, BOB);
    expect(second.deployment).toMatchObject({ status: 'approved', revision: 4, approval: { status: 'approved' } });
    expect(second.events.map(({ type, revision }) => [type, revision])).toEqual([
      ['approval.decided', 3],
      ['deployment.approved', 4],
    ]);
    expect(second.deployment.approval.decisions).toEqual([
      { decision: 'approve', actor: ALICE, reason: 'fine', at: SOON },
      { decision: 'approve', actor: BOB, reason: null, at: SOON },
    ]);
  });

  it('comes to the same whatever the order of the approvers', () => {
    const order = fc.shuffledSubarray([...PEOPLE]);
    const quorum = anyPolicy.map((rules) => ({ ...rules, approvalsRequired: Math.max(1, rules.approvalsRequired) }));
    const run = (start: Deployment, actors: readonly string[]): Deployment =>
      actors.reduce((deployment, actor) => {
        try {
          return approve(deployment, actor).deployment;
        } catch {
          return deployment;
        }
      }, start);
    fc.assert(
      fc.property(quorum, order, (rules, actors) => {
        const start = admitted({ ...rules, approvalTtlSeconds: 600 });
        const one = run(start, actors);
        const other = run(start, [...actors].reverse());
        const may = actors.filter(
          (actor) =>
            (rules.eligible === null || rules.eligible.includes(actor)) &&
            (actor !== REQUESTER || rules.requesterMayApprove),
        );
        expect(one.status).toBe(may.length >= rules.approvalsRequired ? 'approved' : 'pending');
        expect(other.status).toBe(one.status);
        expect(other.approval.decisions).toHaveLength(one.approval.decisions.length);
        expect(one.approval.decisions).toHaveLength(Math.min(may.length, rules.approvalsRequired));
      }),
    );
  });

  it('is closed by one reject, also after approvals', () => {
    const { deployment } = approve(admitted(policy({ approvalsRequired: 2 })), ALICE);
    const change = reject(deployment, BOB);
    expect(change.deployment).toMatchObject({ status: 'rejected', approval: { status: 'rejected' }, finishedAt: SOON });
    expect(change.events.map(({ type }) => type)).toEqual(['approval.decided', 'deployment.rejected']);
  });

  it('counts nothing after it is closed, and says who closed it', () => {
    const approved = approve(admitted(), ALICE).deployment;
    const rejected = reject(admitted(), CAROL).deployment;
    const closed = (status: string, by: string): object => ({ code: 'approval_closed', status, by });
    for (const actor of [ALICE, BOB]) {
      expect(refusalOf(() => reject(approved, actor))).toEqual(closed('approved', ALICE));
      expect(refusalOf(() => approve(rejected, actor))).toEqual(closed('rejected', CAROL));
    }
  });

  it('counts a person once', () => {
    const { deployment } = approve(admitted(policy({ approvalsRequired: 2 })), ALICE);
    const refusal = { code: 'already_decided', decision: 'approve' };
    expect(refusalOf(() => approve(deployment, ALICE))).toEqual(refusal);
    expect(refusalOf(() => reject(deployment, ALICE))).toEqual(refusal);
  });

  it('excludes the requester, unless the policy lets the requester decide or nobody is named', () => {
    const refusal = { code: 'not_eligible', why: 'requester' };
    expect(refusalOf(() => approve(admitted(), REQUESTER))).toEqual(refusal);
    expect(refusalOf(() => approve(admitted(policy({ eligible: [REQUESTER] })), REQUESTER))).toEqual(refusal);
    expect(approve(admitted(policy({ requesterMayApprove: true })), REQUESTER).deployment.status).toBe('approved');
    expect(approve(admitted(policy(), { requestedBy: null }), REQUESTER).deployment.status).toBe('approved');
  });

  it('is for those who are listed, where a list is', () => {
    const listed = admitted(policy({ eligible: [ALICE] }));
    expect(approve(listed, ALICE).deployment.status).toBe('approved');
    expect(refusalOf(() => approve(listed, BOB))).toEqual({ code: 'not_eligible', why: 'not_listed' });
    const nobody = admitted(policy({ eligible: [] }));
    expect(refusalOf(() => approve(nobody, ALICE))).toEqual({ code: 'not_eligible', why: 'not_listed' });
  });

  it('is refused from the moment on at which its time is over', () => {
    const asked = admitted(policy({ approvalTtlSeconds: 600 }));
    const command = { decision: 'approve', actor: ALICE, reason: null } as const;
    expect(decide(asked, command, after(599.999)).deployment.status).toBe('approved');
    const lapsed = { code: 'approval_lapsed', expiresAt: after(600) };
    expect(refusalOf(() => decide(asked, command, after(600)))).toEqual(lapsed);
    expect(refusalOf(() => decide(asked, command, after(601)))).toEqual(lapsed);
  });

  it('cannot be given where none is required', () => {
    const free = admitted(policy({ approvalsRequired: 0 }));
    expect(free).toMatchObject({ status: 'approved', approval: { status: 'not_required', expiresAt: null } });
    expect(refusalOf(() => approve(free, ALICE))).toEqual({ code: 'approval_not_required' });
  });
});
