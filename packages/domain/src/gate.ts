import type { Deployment } from './deployment.js';
import type { DomainEvent } from './event.js';
import { applyLimit, limit } from './rules.js';
import { type GateDecision, STATUS_RULES, type Status } from './status.js';

/** Whether a pipeline may go on with a deployment, at one moment. */
export interface Gate {
  readonly decision: GateDecision;
  /** The status that counts: a limit of time that has passed counts, also while nobody has written it down. */
  readonly status: Status;
  /** What that limit will be written down as; null where none has passed unseen. */
  readonly lapse: DomainEvent | null;
  /** When a limit of time changes the answer next; null where none does. */
  readonly until: Date | null;
}

/**
 * Answers for `now`, which must be the database's time. Allowed is whoever may start the rollout now, and whoever has
 * started or ended it with this permission already, so that a step that is repeated gets the same answer.
 */
export function gate(deployment: Deployment, now: Date): Gate {
  const { deployment: current, events } = applyLimit(deployment, now);
  return {
    decision: STATUS_RULES[current.status].gate,
    status: current.status,
    lapse: events[0] ?? null,
    until: limit(current)?.at ?? null,
  };
}
