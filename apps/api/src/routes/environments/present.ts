import { type DefaultPolicy, type Environment, effectivePolicy } from '@deptracker/domain';
import { iso } from '../../http/iso.js';

/** An environment as the API shows it, with the policy that holds in it under these defaults. */
export function presentEnvironment(environment: Environment, defaults: DefaultPolicy) {
  const own = environment.approvalPolicy;
  const now = effectivePolicy(environment, defaults);
  return {
    name: environment.name,
    revision: environment.revision,
    rank: environment.rank,
    production: environment.production,
    approvalPolicy: {
      required: own.required,
      eligible: own.eligible,
      requesterMayApprove: own.requesterMayApprove,
      ttlSeconds: own.ttlSeconds,
      timeoutSeconds: own.timeoutSeconds,
    },
    effectivePolicy: {
      required: now.approvalsRequired,
      eligible: now.eligible,
      requesterMayApprove: now.requesterMayApprove,
      ttlSeconds: now.approvalTtlSeconds,
      timeoutSeconds: now.timeoutSeconds,
    },
    archivedAt: iso(environment.archivedAt),
    createdAt: iso(environment.createdAt),
    updatedAt: iso(environment.updatedAt),
  };
}
