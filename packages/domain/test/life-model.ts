import type { Change, Deployment, DecisionKind, Policy, Refusal, Status } from '@deptracker/domain';
import { STATUSES, applyLimit, decide, edit, transition } from '@deptracker/domain';
import fc from 'fast-check';
import { PEOPLE, REQUESTER, START, after } from './fixtures.js';

/** The steps of a deployment as the design draws them, written down a second time. */
export const DRAWN: Readonly<Record<Status, readonly Status[]>> = {
  pending: ['approved', 'rejected', 'expired', 'cancelled'],
  approved: ['in_progress', 'expired', 'cancelled'],
  in_progress: ['succeeded', 'failed', 'timed_out', 'cancelled'],
  succeeded: ['rolled_back'],
  rejected: [],
  expired: [],
  failed: [],
  timed_out: [],
  cancelled: [],
  rolled_back: [],
};
const BY_PIPELINE: readonly Status[] = ['in_progress', 'succeeded', 'failed', 'cancelled'];

/** What anybody may try at any time. */
export type Command =
  | { readonly kind: 'transition'; readonly to: Status }
  | { readonly kind: 'decide'; readonly actor: string; readonly decision: DecisionKind }
  | { readonly kind: 'edit'; readonly description: string }
  | { readonly kind: 'limit' }
  | { readonly kind: 'wait'; readonly seconds: number };

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant('transition' as const),
    to: fc.constantFrom(...STATUSES, ...BY_PIPELINE, ...BY_PIPELINE),
  }),
  fc.record({
    kind: fc.constant('decide' as const),
    actor: fc.constantFrom(...PEOPLE),
    decision: fc.constantFrom('approve' as const, 'approve' as const, 'reject' as const),
  }),
  fc.record({ kind: fc.constant('edit' as const), description: fc.constantFrom('a', 'b') }),
  fc.constant({ kind: 'limit' as const }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.nat({ max: 500 }) }),
);

/** Gives the command to the rules under test. */
export function perform(before: Deployment, command: Exclude<Command, { kind: 'wait' }>, now: Date): Change {
  switch (command.kind) {
    case 'transition':
      return transition(before, command.to, now, null);
    case 'decide':
      return decide(before, { decision: command.decision, actor: command.actor, reason: null }, now);
    case 'edit':
      return edit(before, { description: command.description }, now, null);
    case 'limit':
      return applyLimit(before, now);
  }
}

type Outcome = { readonly status: Status } | { readonly refused: Refusal['code'] };

/** A few facts from which follows what must come of a command: the rules told in another way. */
export class LifeModel {
  status: Status;
  now = START;
  readonly #decided = new Set<string>();
  #approvals = 0;
  #closed: boolean;
  #limit: Date | null = null;

  constructor(private readonly policy: Policy) {
    const asks = policy.approvalsRequired > 0;
    this.status = asks ? 'pending' : 'approved';
    this.#closed = !asks;
    if (asks) this.#limit = after(policy.approvalTtlSeconds);
  }

  expect(command: Exclude<Command, { kind: 'wait' }>): Outcome {
    if (command.kind === 'edit') return { status: this.status };
    if (command.kind === 'decide') return this.#expectDecision(command.actor, command.decision);
    if (command.kind === 'limit') {
      const passed = this.#limit !== null && this.now >= this.#limit;
      return passed ? this.#becomes(this.status === 'in_progress' ? 'timed_out' : 'expired') : { status: this.status };
    }
    const lapsed = command.to === 'in_progress' && this.#limit !== null && this.now >= this.#limit;
    const may = !lapsed && DRAWN[this.status].includes(command.to) && BY_PIPELINE.includes(command.to);
    return may ? this.#becomes(command.to) : { refused: 'illegal_transition' };
  }

  #expectDecision(actor: string, decision: DecisionKind): Outcome {
    const { approvalsRequired, eligible, requesterMayApprove, approvalTtlSeconds } = this.policy;
    if (approvalsRequired === 0) return { refused: 'approval_not_required' };
    if (this.#closed) return { refused: 'approval_closed' };
    if (this.now >= after(approvalTtlSeconds)) return { refused: 'approval_lapsed' };
    if (actor === REQUESTER && !requesterMayApprove) return { refused: 'not_eligible' };
    if (eligible !== null && !eligible.includes(actor)) return { refused: 'not_eligible' };
    if (this.#decided.has(actor)) return { refused: 'already_decided' };
    this.#decided.add(actor);
    if (decision === 'reject') return this.#becomes('rejected');
    this.#approvals += 1;
    return this.#approvals < approvalsRequired ? { status: this.status } : this.#becomes('approved');
  }

  #becomes(status: Status): Outcome {
    this.status = status;
    this.#closed = true;
    this.#limit = null;
    if (status === 'approved') this.#limit = after(this.policy.approvalTtlSeconds, this.now);
    if (status === 'in_progress') this.#limit = after(this.policy.timeoutSeconds, this.now);
    return { status };
  }
}
