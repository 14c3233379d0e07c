import type { Policy } from './deployment.js';

/** The deployable thing, as it is kept. */
export interface Project {
  /** What deployments name it by; never changes. */
  readonly key: string;
  readonly revision: number;
  readonly name: string;
  readonly team: string | null;
  readonly repositoryUrl: string | null;
  /** Where its tickets go; null is the one that is configured. */
  readonly jiraProjectKey: string | null;
  /** Where its approvals and notices go unless a channel mapping says otherwise; null is the one that is configured. */
  readonly defaultChannelId: string | null;
  /** Since when nothing more may be deployed of it; null where it may. */
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What people say of a project. */
export type ProjectFields = Omit<Project, 'key' | 'revision' | 'archivedAt' | 'createdAt' | 'updatedAt'>;

/** What a policy says where an environment says nothing itself. */
export type DefaultPolicy = Omit<Policy, 'revision'>;

/** What an environment itself says of its policy: null, in each field, is the default in force. */
export interface OwnPolicy {
  /** How many people must approve. */
  readonly required: number | null;
  /** Who may decide; a default of null is anybody. */
  readonly eligible: readonly string[] | null;
  readonly requesterMayApprove: boolean | null;
  readonly ttlSeconds: number | null;
  readonly timeoutSeconds: number | null;
}

/** Where deployments go, as it is kept. */
export interface Environment {
  /** What deployments name it by; never changes. */
  readonly name: string;
  readonly revision: number;
  /** Its place in a list: development before production. */
  readonly rank: number;
  readonly production: boolean;
  readonly approvalPolicy: OwnPolicy;
  /** Since when nothing more may be deployed to it; null where it may. */
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What people say of an environment. */
export type EnvironmentFields = Pick<Environment, 'rank' | 'production' | 'approvalPolicy'>;

/** An environment of which nobody has said anything. */
export const PLAIN_ENVIRONMENT: EnvironmentFields = {
  rank: 0,
  production: false,
  approvalPolicy: { required: null, eligible: null, requesterMayApprove: null, ttlSeconds: null, timeoutSeconds: null },
};

/** A project of which nothing but its key is known. */
export function plainProject(key: string): ProjectFields {
  return { name: key, team: null, repositoryUrl: null, jiraProjectKey: null, defaultChannelId: null };
}

/** The policy that holds in an environment now. Its revision is the environment's. */
export function effectivePolicy(environment: Pick<Environment, 'revision' | 'approvalPolicy'>, defaults: DefaultPolicy): Policy {
  const { required, eligible, requesterMayApprove, ttlSeconds, timeoutSeconds } = environment.approvalPolicy;
  return {
    revision: environment.revision,
    approvalsRequired: required ?? defaults.approvalsRequired,
    eligible: eligible ?? defaults.eligible,
    requesterMayApprove: requesterMayApprove ?? defaults.requesterMayApprove,
    approvalTtlSeconds: ttlSeconds ?? defaults.approvalTtlSeconds,
    timeoutSeconds: timeoutSeconds ?? defaults.timeoutSeconds,
  };
}
