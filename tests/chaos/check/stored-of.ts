import type { DeploymentRow, EffectRow, EventRow, Stored } from './stored.js';

export const ID = '01a1f9c1-0000-7000-8000-000000000001';

const EMPTY: Stored = { deployments: [], effects: [], events: [], decisions: [], tickets: [], messages: [], steps: [], settings: [] };

/** Made-up rows, for tests of the checks. */
export const storedOf = (fields: Partial<Stored>): Stored => ({ ...EMPTY, ...fields });

export const deploymentRow = (fields: Partial<DeploymentRow> = {}): DeploymentRow => ({
  ...{ id: ID, revision: 1, project: 'p', environment: 'production', version: '1', description: null, requested_by: null, source: null, external_id: null },
  ...{ metadata: {}, status: 'pending', approval_status: 'pending', approvals_required: 1, created_at: new Date(0), eligible: null },
  approval_expires_at: new Date(2_000),
  ...fields,
});

export const effectRow = (fields: Partial<EffectRow>): EffectRow => ({
  ...{ id: 'e', kind: 'jira.ticket', deployment_id: ID, event_revision: 0, parent_id: null, phase: 'sent', sends: 1, desired_revision: 1, applied_revision: 1 },
  ...{ next_attempt_at: null, last_error: null, external_id: null, extra_ids: [] },
  ...fields,
});

/** One that led to a status, at a moment. */
export const moveTo = (to: NonNullable<EventRow['data']['to']>, at: number, data: EventRow['data'] = {}): EventRow => ({
  ...{ id: `event-${at}`, deployment_id: ID, revision: 1, type: 'deployment.created', actor: null },
  at: new Date(at),
  data: { ...data, to },
});
