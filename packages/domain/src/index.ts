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
export {
  PLAIN_ENVIRONMENT,
  effectivePolicy,
  plainProject,
  type DefaultPolicy,
  type Environment,
  type EnvironmentFields,
  type OwnPolicy,
  type Project,
  type ProjectFields,
} from './catalog.js';
export { EVENT_TYPES, STATUS_EVENT, type DomainEvent, type Edit, type EventData, type EventType, type RecordedEvent } from './event.js';
export { canonicalJson } from './canonical-json.js';
export { DomainError, type Refusal } from './domain-error.js';
export { admit, applyLimit, decide, edit, limit, rollBack, transition, type Change, type DecideCommand } from './rules.js';
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
