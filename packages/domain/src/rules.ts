import { type Approval, type Decision, type DecisionKind, type Deployment, type Policy } from './deployment.js';
import { canonicalJson } from './canonical-json.js';
import { DomainError } from './domain-error.js';
import { type DomainEvent, type Edit, type EventData, STATUS_EVENT } from './event.js';
import { STATUS_RULES, type Status, isFinal } from './status.js';

/** A deployment after a command, with the events that say what changed, in order. */
export interface Change {
  readonly deployment: Deployment;
  readonly events: readonly DomainEvent[];
}

/** The approval and the first status that a policy gives a new deployment. `expiresAt` counts from `now`. */
export function admit(policy: Policy, now: Date): { status: Status; approval: Approval } {
  const required = policy.approvalsRequired;
  const waits = required > 0;
  return {
    status: waits ? 'pending' : 'approved',
    approval: {
      status: waits ? 'pending' : 'not_required',
      required,
      eligible: policy.eligible,
      requesterMayApprove: policy.requesterMayApprove,
      expiresAt: waits ? new Date(now.getTime() + policy.approvalTtlSeconds * 1000) : null,
      decisions: [],
    },
  };
}

/** Raises `illegal_transition` unless the table of statuses allows the step. */
function assertStep(from: Status, to: Status): void {
  const allowed = STATUS_RULES[from].next;
  if (allowed.includes(to)) return;
  const may = allowed.length === 0 ? 'it is final' : `allowed: ${allowed.join(', ')}`;
  throw new DomainError(
    { code: 'illegal_transition', from, to, allowed },
    `A deployment that is ${from} cannot become ${to}; ${may}.`,
  );
}

const APPROVAL_AFTER: Partial<Record<Status, Approval['status']>> = {
  approved: 'approved',
  rejected: 'rejected',
  expired: 'expired',
  cancelled: 'cancelled',
};

function moved(before: Deployment, to: Status, now: Date, actor: string | null, more: EventData = {}): Change {
  assertStep(before.status, to);
  const waiting = before.approval.status === 'pending';
  const event: DomainEvent = {
    type: STATUS_EVENT[to as keyof typeof STATUS_EVENT],
    revision: before.revision + 1,
    actor,
    data: { from: before.status, to, ...more },
  };
  const deployment: Deployment = {
    ...before,
    revision: event.revision,
    status: to,
    approval: waiting ? { ...before.approval, status: APPROVAL_AFTER[to] ?? 'pending' } : before.approval,
    updatedAt: now,
    startedAt: to === 'in_progress' ? now : before.startedAt,
    finishedAt: isFinal(to) || to === 'succeeded' ? (before.finishedAt ?? now) : before.finishedAt,
  };
  return { deployment, events: [event] };
}

/**
 * A pipeline moves a deployment. Only statuses whose driver is the pipeline can be asked for;
 * anything else, and any step that the table lacks, is `illegal_transition`.
 */
export function transition(seen: Deployment, to: Status, now: Date, actor: string | null): Change {
  // A permission that has lapsed permits nothing, also while its expiry is not written down yet.
  const before = to === 'in_progress' ? applyLimit(seen, now).deployment : seen;
  const drivable = (status: Status): boolean => STATUS_RULES[status].driver === 'pipeline';
  if (!drivable(to) || !STATUS_RULES[before.status].next.includes(to)) {
    const allowed = STATUS_RULES[before.status].next.filter(drivable);
    const may = allowed.length === 0 ? 'nothing can follow by request' : `allowed: ${allowed.join(', ')}`;
    throw new DomainError(
      { code: 'illegal_transition', from: before.status, to, allowed },
      `A deployment that is ${before.status} cannot be set to ${to}; ${may}.`,
    );
  }
  return moved(before, to, now, actor);
}

/** Description, links and metadata change at any time; nothing changes (and no event is made) where they are the same. */
export function edit(before: Deployment, change: Edit, now: Date, actor: string | null): Change {
  const different = Object.fromEntries(
    Object.entries(change).filter(
      ([field, value]) => value !== undefined && canonicalJson(value) !== canonicalJson(before[field as keyof Edit]),
    ),
  ) as Edit;
  if (Object.keys(different).length === 0) return { deployment: before, events: [] };
  const revision = before.revision + 1;
  return {
    deployment: { ...before, ...different, revision, updatedAt: now },
    events: [{ type: 'deployment.updated', revision, actor, data: { edit: different } }],
  };
}

/** Why this person may not decide now; null where they may. */
export function decisionRefused(before: Deployment, actor: string, now: Date): DomainError | null {
  const { approval } = before;
  if (approval.status === 'not_required') {
    return new DomainError({ code: 'approval_not_required' }, 'This deployment needs no approval.');
  }
  if (approval.status !== 'pending') {
    const decided = approval.status === 'approved' || approval.status === 'rejected';
    const by = decided ? (approval.decisions.at(-1)?.actor ?? null) : null;
    const who = by === null ? '' : ` by ${by}`;
    return new DomainError(
      { code: 'approval_closed', status: approval.status, by },
      `This approval is already ${approval.status}${who}.`,
    );
  }
  if (approval.expiresAt !== null && now >= approval.expiresAt) {
    return new DomainError(
      { code: 'approval_lapsed', expiresAt: approval.expiresAt },
      `The time to decide ended at ${approval.expiresAt.toISOString()}.`,
    );
  }
  if (actor === before.requestedBy && !approval.requesterMayApprove) {
    return new DomainError(
      { code: 'not_eligible', why: 'requester' },
      'You requested this deployment; somebody else must decide.',
    );
  }
  if (approval.eligible !== null && !approval.eligible.includes(actor)) {
    return new DomainError(
      { code: 'not_eligible', why: 'not_listed' },
      `You are not among the approvers of ${before.environment}.`,
    );
  }
  const mine = approval.decisions.find((decision) => decision.actor === actor);
  if (mine === undefined) return null;
  return new DomainError(
    { code: 'already_decided', decision: mine.decision },
    `You have already decided: ${mine.decision}.`,
  );
}

/** One person's decision as it comes in; `actor` is already normalised. */
export interface DecideCommand {
  readonly decision: DecisionKind;
  readonly actor: string;
  readonly reason: string | null;
}

/**
 * Counts a decision and closes the approval when it is a reject or completes the quorum.
 * Refused with `approval_not_required`, `approval_closed`, `approval_lapsed`, `not_eligible` or `already_decided`.
 */
export function decide(before: Deployment, command: DecideCommand, now: Date): Change {
  const refused = decisionRefused(before, command.actor, now);
  if (refused !== null) throw refused;
  const decision: Decision = { ...command, at: now };
  const decisions = [...before.approval.decisions, decision];
  const approvals = decisions.filter((one) => one.decision === 'approve').length;
  const remaining = Math.max(0, before.approval.required - approvals);
  const data: EventData = { decision: command, remaining };
  const event: DomainEvent = { type: 'approval.decided', revision: before.revision + 1, actor: command.actor, data };
  const counted: Deployment = {
    ...before,
    revision: event.revision,
    updatedAt: now,
    approval: { ...before.approval, decisions },
  };
  const closing: Status | null =
    command.decision === 'reject' ? 'rejected' : remaining === 0 ? 'approved' : null;
  if (closing === null) return { deployment: counted, events: [event] };
  const closed = moved(counted, closing, now, command.actor);
  return { deployment: closed.deployment, events: [event, ...closed.events] };
}

/**
 * When a limit of time next changes this deployment, and into what; null where no limit runs. A request for approval
 * expires; a permission that nobody uses lives as long as the request for it could have; a rollout times out.
 */
export function limit(deployment: Deployment): { at: Date; to: 'expired' | 'timed_out' } | null {
  const { status, approval, createdAt, startedAt, timeoutSeconds } = deployment;
  if (status === 'pending' && approval.expiresAt !== null) return { at: approval.expiresAt, to: 'expired' };
  const permitted = approval.decisions.at(-1);
  if (status === 'approved' && permitted !== undefined && approval.expiresAt !== null) {
    const ttl = approval.expiresAt.getTime() - createdAt.getTime();
    return { at: new Date(permitted.at.getTime() + ttl), to: 'expired' };
  }
  if (status === 'in_progress' && startedAt !== null) {
    return { at: new Date(startedAt.getTime() + timeoutSeconds * 1000), to: 'timed_out' };
  }
  return null;
}

/** Applies the limit that has passed at `now`; otherwise the deployment comes back unchanged, without events. */
export function applyLimit(before: Deployment, now: Date): Change {
  const next = limit(before);
  return next === null || now < next.at ? { deployment: before, events: [] } : moved(before, next.to, now, null);
}

/**
 * A rollback of this deployment has succeeded: then it does not run any more. Unchanged, without events, where it is
 * rolled back already. Who asked for the rollback counts as who did it, where the pipeline names nobody.
 */
export function rollBack(before: Deployment, by: Deployment, now: Date, actor: string | null): Change {
  if (before.status !== 'succeeded') return { deployment: before, events: [] };
  const more = { rolledBackBy: by.id, note: `back to ${by.version}` };
  return moved(before, 'rolled_back', now, actor ?? by.requestedBy, more);
}
