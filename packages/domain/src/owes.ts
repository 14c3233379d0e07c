import type { Deployment } from './deployment.js';
import type { DomainEvent, EventType } from './event.js';

/** Kinds of effect. A kind belongs to one outside system, its target. */
export const EFFECT_KINDS = {
  'jira.ticket': 'jira',
  'jira.issue': 'jira',
  'jira.comment': 'jira',
  'slack.approval': 'slack',
  'slack.reply': 'slack',
  'slack.notice': 'slack',
  'slack.digest': 'slack',
} as const;

export type EffectKind = keyof typeof EFFECT_KINDS;
export type Target = (typeof EFFECT_KINDS)[EffectKind];

/** Most urgent first; the number is what the database and Bull sort by. */
export const PRIORITIES = { critical: 1, default: 2, low: 3 } as const;
export type Priority = keyof typeof PRIORITIES;

/**
 * One thing owed to the outside. `once` is one effect for the life of the deployment that is brought up to
 * each new revision; `per_event` is appended and is an effect of its own.
 */
export interface Owed {
  readonly kind: EffectKind;
  readonly mode: 'once' | 'per_event';
  readonly priority: Priority;
  /** Slack channel id, or '' where the target needs none. */
  readonly destination: string;
  /** The revision of the event that causes it. */
  readonly revision: number;
}

interface Row {
  readonly kind: EffectKind;
  readonly mode: Owed['mode'];
  readonly priority: Priority;
  readonly when: 'always' | 'approval' | 'no_approval';
}

const ticket: Row = { kind: 'jira.ticket', mode: 'once', priority: 'default', when: 'always' };
const ask: Row = { kind: 'slack.approval', mode: 'once', priority: 'critical', when: 'approval' };
const face: Row = { ...ask, priority: 'default' };
const reply: Row = { kind: 'slack.reply', mode: 'per_event', priority: 'low', when: 'approval' };
const notice: Row = { kind: 'slack.notice', mode: 'per_event', priority: 'low', when: 'no_approval' };

/** What each event owes the outside: the one table. A new event type without a row does not compile. */
const OWES = {
  'deployment.created': [ticket, ask, notice],
  'deployment.updated': [ticket, face],
  'approval.decided': [ask],
  'deployment.approved': [ticket, ask, reply],
  'deployment.rejected': [ticket, ask, reply],
  'deployment.expired': [ticket, ask, reply],
  'deployment.started': [ticket, face, reply, notice],
  'deployment.succeeded': [ticket, face, reply, notice],
  'deployment.failed': [ticket, face, reply, notice],
  'deployment.timed_out': [ticket, face, reply, notice],
  'deployment.cancelled': [ticket, ask, reply, notice],
  'deployment.rolled_back': [ticket, face, reply, notice],
} satisfies Record<EventType, readonly Row[]>;

/** The effects that an event of this deployment owes, by the table. */
export function owes(deployment: Pick<Deployment, 'approval' | 'channelId'>, event: Pick<DomainEvent, 'type' | 'revision'>): Owed[] {
  const asked = deployment.approval.status !== 'not_required';
  return OWES[event.type]
    .filter(({ when }) => when === 'always' || (when === 'approval') === asked)
    .map(({ kind, mode, priority }) => ({
      kind,
      mode,
      priority,
      destination: EFFECT_KINDS[kind] === 'slack' ? deployment.channelId : '',
      revision: event.revision,
    }));
}
