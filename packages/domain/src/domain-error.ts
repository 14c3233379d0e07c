import type { Status } from './status.js';
import type { ApprovalStatus } from './deployment.js';

/** Every way in which a command can be refused by the rules; the meaning, never a status code. */
export type Refusal =
  | { readonly code: 'illegal_transition'; readonly from: Status; readonly to: Status; readonly allowed: readonly Status[] }
  | { readonly code: 'approval_not_required' }
  | { readonly code: 'approval_closed'; readonly status: ApprovalStatus; readonly by: string | null }
  | { readonly code: 'approval_lapsed'; readonly expiresAt: Date }
  | { readonly code: 'not_eligible'; readonly why: 'requester' | 'not_listed' }
  | { readonly code: 'already_decided'; readonly decision: 'approve' | 'reject' }
  | { readonly code: 'deployment_not_found'; readonly id: string }
  | { readonly code: 'retry_of_not_found'; readonly id: string }
  | { readonly code: 'revision_mismatch'; readonly current: number }
  | { readonly code: 'key_reused'; readonly key: 'idempotency' | 'natural' }
  | { readonly code: 'not_succeeded'; readonly status: Status }
  | { readonly code: 'superseded'; readonly by: string }
  | { readonly code: 'no_earlier_version' }
  | { readonly code: 'same_as_source'; readonly field: 'version' | 'environment' }
  | { readonly code: 'project_not_found' | 'project_exists' | 'project_unknown' | 'project_archived'; readonly key: string }
  | { readonly code: 'environment_not_found' | 'environment_exists' | 'environment_unknown' | 'environment_archived'; readonly name: string }
  | { readonly code: 'quorum_unreachable'; readonly required: number; readonly eligible: number }
  | { readonly code: 'immutable'; readonly fields: readonly string[] };

export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly refusal: Refusal,
    message: string,
  ) {
    super(message);
  }
}
