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

/** What a policy says where an environment says nothing itself. */
export type DefaultPolicy = Omit<Policy, 'revision'>;

/** What an environment itself says of its policy: null, in each field, is the default in force. */
export type OwnPolicy = { readonly [K in keyof DefaultPolicy]: DefaultPolicy[K] | null };

/** Where deployments go, as it is kept. */
export interface Environment {
  /** What deployments name it by; never changes. */
  readonly name: string;
  readonly revision: number;
  /** Its place in a list: development before production. */
  readonly rank: number;
  readonly production: boolean;
  readonly policy: OwnPolicy;
  /** Since when nothing more may be deployed to it; null where it may. */
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The policy that holds in an environment now. Its revision is the environment's. */
export function effectivePolicy({ revision, policy }: Pick<Environment, 'revision' | 'policy'>, defaults: DefaultPolicy): Policy {
  return {
    revision,
    approvalsRequired: policy.approvalsRequired ?? defaults.approvalsRequired,
    eligible: policy.eligible ?? defaults.eligible,
    requesterMayApprove: policy.requesterMayApprove ?? defaults.requesterMayApprove,
    approvalTtlSeconds: policy.approvalTtlSeconds ?? defaults.approvalTtlSeconds,
    timeoutSeconds: policy.timeoutSeconds ?? defaults.timeoutSeconds,
  };
}
