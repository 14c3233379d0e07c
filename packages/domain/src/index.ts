export { STATUSES, STATUS_RULES, isFinal, type Driver, type GateDecision, type Status, type StatusRule, type TicketCategory } from './status.js';
export {
  APPROVAL_STATUSES,
  type Approval,
  type ApprovalStatus,
  type Decision,
  type DecisionKind,
  type Deployment,
  type DeploymentRequest,
  type Link,
  type Policy,
} from './deployment.js';
export { EVENT_TYPES, STATUS_EVENT, type DomainEvent, type Edit, type EventData, type EventType, type RecordedEvent } from './event.js';
export { canonicalJson } from './canonical-json.js';
export { DomainError, type Refusal } from './domain-error.js';
export { admit, applyLimit, decide, decisionRefused, edit, limit, rollBack, transition, type Change, type DecideCommand } from './rules.js';
export { gate, type Gate } from './gate.js';
export { promotion, rollback, type LinkedRequest, type RollbackScene } from './links.js';
export {
  EFFECT_KINDS,
  PRIORITIES,
  owes,
  type EffectKind,
  type Owed,
  type Priority,
  type Target,
} from './owes.js';
export { JOB_STATES, OPEN_JOB_STATES, type JobState } from './job.js';
export { DURATION_BOUNDS_MS, percentileMs, type DurationCount } from './duration-buckets.js';
export { NO_TALLY, TALLIED, addTallies, changeFailureRate, successRate, type Tally } from './tally.js';
