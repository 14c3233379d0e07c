import type { Refusal } from '@deptracker/domain';
import type { FieldError } from './http-refusal.js';

/** What a problem tells besides its sentence. */
export interface Details {
  readonly errors?: readonly FieldError[];
  /** Members of this kind of problem only. */
  readonly members?: Readonly<Record<string, unknown>>;
}

type Code = Refusal['code'];
type Of<C extends Code> = Extract<Refusal, { readonly code: C }>;

const nothing = (): Details => ({});

/** What each refusal of the domain tells: the one table. A new refusal without a row does not compile. */
const DETAILS: { readonly [C in Code]: (refusal: Of<C>) => Details } = {
  illegal_transition: ({ from, to, allowed }) => ({ members: { from, to, allowed } }),
  immutable: ({ fields }) => ({ errors: fields.map((field) => ({ pointer: `/${field}`, message: `${field} cannot be changed` })) }),
  approval_closed: ({ status, by }) => ({ members: { approval: status, decidedBy: by } }),
  approval_lapsed: ({ expiresAt }) => ({ members: { expiresAt: expiresAt.toISOString() } }),
  not_eligible: ({ why }) => ({ members: { reason: why } }),
  already_decided: ({ decision }) => ({ members: { decision } }),
  retry_of_not_found: () => ({ errors: [{ pointer: '/retryOf', message: 'there is no such deployment' }] }),
  revision_mismatch: ({ current }) => ({ members: { currentRevision: current } }),
  key_reused: ({ key }) => ({ members: { key } }),
  not_succeeded: ({ status }) => ({ members: { current: status } }),
  superseded: ({ by }) => ({ members: { by } }),
  project_exists: () => ({ errors: [{ pointer: '/key', message: 'there is such a project already' }] }),
  environment_exists: () => ({ errors: [{ pointer: '/name', message: 'there is such an environment already' }] }),
  quorum_unreachable: ({ required, ...where }) =>
    'environments' in where
      ? { errors: [{ pointer: '/value', message: `${required} are required, fewer are eligible` }], members: where }
      : { errors: [{ pointer: '/approvalPolicy', message: `${required} are required, ${where.eligible} eligible` }] },
  project_unknown: () => ({ errors: [{ pointer: '/project', message: 'there is no such project' }] }),
  environment_unknown: () => ({ errors: [{ pointer: '/environment', message: 'there is no such environment' }] }),
  job_not_replayable: ({ state }) => ({ members: { state } }),
  job_not_discardable: ({ state }) => ({ members: { state } }),
  ticket_exists: ({ key, phase }) => ({ members: { ticket: key, phase } }),
  same_as_source: ({ field }) => ({ errors: [{ pointer: `/${field}`, message: `${field} must differ` }] }),
  template_exists: ({ id }) => ({ members: { id } }),
  template_invalid: ({ mistakes }) => ({ errors: mistakes.map(({ message, line, column }) => ({ pointer: '/body', message, line, column })) }),
  too_many_templates: ({ most }) => ({ members: { most } }),
  value_not_allowed: ({ expects, allowed }) => ({ errors: [{ pointer: '/value', message: `value must be ${expects}` }], members: { schema: allowed } }),
  channel_mapping_exists: ({ id }) => ({ members: { id } }),
  too_many_channel_mappings: ({ most }) => ({ members: { most } }),
  template_not_found: nothing,
  template_built_in: nothing,
  configuration_not_found: nothing,
  channel_mapping_not_found: nothing,
  approval_not_required: nothing,
  deployment_not_found: nothing,
  no_earlier_version: nothing,
  project_archived: nothing,
  project_not_found: nothing,
  environment_archived: nothing,
  environment_not_found: nothing,
  job_not_found: nothing,
};

/** What this refusal tells besides its sentence. */
export function detailsOf<C extends Code>(refusal: Of<C>): Details {
  const tell: (refusal: Of<C>) => Details = DETAILS[refusal.code];
  return tell(refusal);
}
