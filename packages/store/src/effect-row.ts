import type { EffectKind, Target } from '@deptracker/domain';

export const PHASES = ['unsent', 'sending', 'sent', 'unknown', 'held', 'dead'] as const;
export type Phase = (typeof PHASES)[number];

/** What a Bull job carries: enough to find the effect and to sort the job, nothing else. */
export interface QueuedEffect {
  readonly id: string;
  readonly kind: EffectKind;
  readonly target: Target;
  /** 1 critical, 2 default, 3 low. */
  readonly priority: number;
}

/** Milliseconds for which a writer takes it upon itself to queue the jobs of a target; 0 leaves that to the workers. */
export type QueueMs = Readonly<Record<Target, number>>;

/** One thing owed to the outside and how far we are with it. Times are the database's. */
export interface Effect extends QueuedEffect {
  readonly deploymentId: string | null;
  /** 0 for an effect that lives as long as its deployment; else the revision of the event it tells of. */
  readonly eventRevision: number;
  readonly destination: string;
  readonly parentId: string | null;
  readonly phase: Phase;
  readonly desiredRevision: number;
  readonly appliedRevision: number;
  readonly attempts: number;
  readonly sends: number;
  /** Creating requests without an answer that are allowed. */
  readonly maxSends: number;
  readonly lookups: number;
  readonly rechecks: number;
  readonly firstSentAt: Date | null;
  readonly sentAt: Date | null;
  readonly externalId: string | null;
  readonly extraIds: readonly string[];
  readonly failingSince: Date | null;
  /** An edit's answer was lost: nobody knows what is shown, until an edit from then on has been answered. */
  readonly confirmAt: Date | null;
  /** The time for that edit has come. */
  readonly confirmable: boolean;
  readonly leaseUntil: Date | null;
  readonly fence: number;
  /** The database's time when this was read. */
  readonly now: Date;
  /** Of its deployment, for logs; null for a digest. */
  readonly project: string | null;
  readonly environment: string | null;
  readonly due: boolean;
  readonly leased: boolean;
  /** Given up for good by a person. */
  readonly discarded: boolean;
}

export const EFFECT_COLUMNS = `e.id, e.kind, e.target, e.priority, e.deployment_id AS "deploymentId",
  e.event_revision AS "eventRevision", e.destination, e.parent_id AS "parentId", e.phase,
  e.desired_revision AS "desiredRevision", e.applied_revision AS "appliedRevision", e.attempts, e.sends,
  e.max_sends AS "maxSends", e.lookups, e.rechecks, e.first_sent_at AS "firstSentAt", e.sent_at AS "sentAt", e.external_id AS "externalId",
  e.extra_ids AS "extraIds", e.failing_since AS "failingSince",
  e.confirm_at AS "confirmAt", coalesce(e.confirm_at <= now(), false) AS confirmable, e.lease_until AS "leaseUntil", e.fence,
  (SELECT d.project FROM deployments d WHERE d.id = e.deployment_id) AS project,
  (SELECT d.environment FROM deployments d WHERE d.id = e.deployment_id) AS environment,
  clock_timestamp() AS now, coalesce(e.next_attempt_at <= now(), false) AS due,
  coalesce(e.lease_until > now(), false) AS leased, e.discarded_at IS NOT NULL AS discarded`;

/** The outside systems that effects are owed to; each has a Bull queue of the same name. */
export const EFFECT_TARGETS: readonly Target[] = ['jira', 'slack'];
