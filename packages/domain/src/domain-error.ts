import type { JobState } from './job.js';
import type { Status } from './status.js';
import type { ApprovalStatus } from './deployment.js';
import type { TemplateMistake } from './template.js';

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
  /** A default that these environments could not fulfil. */
  | { readonly code: 'quorum_unreachable'; readonly required: number; readonly environments: readonly string[] }
  | { readonly code: 'configuration_not_found'; readonly key: string }
  /** `allowed` is a JSON Schema. */
  | { readonly code: 'value_not_allowed'; readonly expects: string; readonly allowed: Readonly<Record<string, unknown>> }
  | { readonly code: 'channel_mapping_not_found'; readonly id: string }
  | { readonly code: 'channel_mapping_exists'; readonly id: string }
  | { readonly code: 'too_many_channel_mappings'; readonly most: number }
  | { readonly code: 'job_not_found'; readonly id: string }
  | { readonly code: 'job_not_replayable'; readonly state: JobState }
  | { readonly code: 'job_not_discardable'; readonly state: JobState }
  | { readonly code: 'ticket_exists'; readonly key: string | null; readonly phase: string }
  | { readonly code: 'immutable'; readonly fields: readonly string[] }
  | { readonly code: 'template_not_found'; readonly id: string }
  | { readonly code: 'template_exists'; readonly id: string | null }
  | { readonly code: 'template_built_in' }
  | { readonly code: 'template_invalid'; readonly mistakes: readonly TemplateMistake[] }
  | { readonly code: 'too_many_templates'; readonly most: number };

export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly refusal: Refusal,
    message: string,
  ) {
    super(message);
  }
}
